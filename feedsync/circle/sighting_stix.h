/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings as STIX 2.1 has them: an object "sighting" of the indicator that was hit, or an "opinion" of one that is a mistake. An
 * attribute of MISP is the indicator of its UUID, as MISP itself converts it. A sighting is of one day and never changes: those
 * who add up what comes under one id again would count it twice. */
#pragma once

#include "feedsync/circle/sighting_way.h"

enum { STIX_SIGHTING_ID = 64 };

/* How the sink's entry at hand is known: by the id of its indicator. Returns false where it is not. */
bool sighting_identify_indicator(const struct sink *sink, struct sighting_identifiers *identifiers);

/* Writes the object's id. Returns `id`. */
const char *sighting_stix_id(const struct sighting *sighting, char id[STIX_SIGHTING_ID]);

/* The object; NULL, or one of which a part is missing, where there is no memory. */
struct node *sighting_stix_node(
	const struct organisation *organisation, const struct partner *partner, const struct sighting *sighting);

/* Adds a sighting's marking to those that are in use (stix_reference_node). */
void sighting_add_marking(struct markings *used, const struct sighting *sighting);
