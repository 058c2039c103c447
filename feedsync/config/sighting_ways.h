/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways in which it is told what was hit, a line each: the word, what it is, whether it is a directory that others fetch, and
 * whether entries of a `format` have the identifiers that it needs. Each has a row in feedsync/circle (sighting_way.h). */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "feedsync/formats/registry.h"

/* clang-format off */
#define EACH_SIGHTING_WAY(row) \
	row(misp, "misp", "to a MISP, by its API; the key needs the right to add sightings, and no other", \
		false, format->is_misp) \
	row(taxii, "taxii", "to a collection of a TAXII 2.1 server, as objects of STIX", \
		false, format->is_misp || format->is_stix) \
	row(misp_feed, "misp-feed", "as a folder of MISP events, one of each day, for those who give you no access", \
		true, format != NULL) \
	row(stix, "stix", "as a bundle of STIX 2.1, likewise", \
		true, format->is_misp || format->is_stix)
/* clang-format on */

/* Whether entries of a format have the identifiers that a way needs. */
static inline bool sighting_way_fits(const char *to, const struct format *format)
{
#define SIGHTING_WAY_FITS(name, word, sentence, directory, has)                                                        \
	if (strcmp(to, word) == 0)                                                                                     \
		return has;
	EACH_SIGHTING_WAY(SIGHTING_WAY_FITS)
#undef SIGHTING_WAY_FITS
	return false;
}

/* Whether a way is a directory that others fetch. */
static inline bool sighting_way_is_directory(const char *to)
{
#define SIGHTING_WAY_IS_DIRECTORY(name, word, sentence, directory, has)                                                \
	if (strcmp(to, word) == 0)                                                                                     \
		return directory;
	EACH_SIGHTING_WAY(SIGHTING_WAY_IS_DIRECTORY)
#undef SIGHTING_WAY_IS_DIRECTORY
	return false;
}
