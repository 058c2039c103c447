/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways in which a source is told what was hit, a line each: the word, what it is, and which formats have the identifiers that
 * it needs (a member of struct format). Each has a row in feedsync/circle (sighting_way.h). */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "feedsync/formats/registry.h"

/* clang-format off */
#define EACH_SIGHTING_WAY(row) \
	row(misp, "misp", "to a MISP, by its API; the key needs the right to add sightings, and no other", is_misp)
/* clang-format on */

/* Whether entries of a format have the identifiers that a way needs. */
static inline bool sighting_way_fits(const char *to, const struct format *format)
{
#define SIGHTING_WAY_FITS(name, word, sentence, has)                                                                   \
	if (strcmp(to, word) == 0)                                                                                     \
		return format->has;
	EACH_SIGHTING_WAY(SIGHTING_WAY_FITS)
#undef SIGHTING_WAY_FITS
	return false;
}
