/* SPDX-License-Identifier: BSD-3-Clause */
/* The category of an entry of a MISP feed, by what MISP says of the entry. The first line of the map that fits decides.
 * Where no line fits, the category is the feed's. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/formats/misp/misp_source.h"
#include "libweir/attributes.h"

/* A line. What is NULL or 0 fits everything; all the rest must fit. */
struct misp_map {
	const char *tag; /* of the event or the attribute, in any case, without quotes and blanks (misp_tag.h);
				      one that ends in "*" fits every tag that begins so */
	const char *misp_category; /* the attribute's, in any case */
	const char *organisation;  /* that created the event: its name, in any case, or its UUID */
	uint64_t threat_level;     /* the event's */
	uint16_t category;         /* index of ours */
};

uint16_t misp_map_category(
	const struct misp_map *map, size_t count, const struct misp_source *source, uint16_t feed_category);
