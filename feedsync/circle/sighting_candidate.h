/* SPDX-License-Identifier: BSD-3-Clause */
/* What was hit on a day, as far as a partner may be told of it: the rules of the day's rows, by how many clients, and what became of
 * each in the selection (sighting_selection.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/text_room.h"
#include "feedsync/circle/withheld.h"
#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct trends;
struct why;

/* Of so many entries of a feed that are the same rule, the newest, it is told. */
enum { SIGHTINGS_OF_A_FEED = 8 };

/* A rule that was hit. */
struct sighting_candidate {
	const char *name;
	name_storage wire;
	uint8_t length;
	enum scope scope;
	uint64_t hits;          /* never told */
	uint64_t told_hits;     /* that may be; 0: none */
	bool enough;            /* by enough clients */
	bool listed;            /* a feed of the partner has it */
	enum withheld withheld; /* of one that is listed, or gone */
	/* private */
	bool unshown;                       /* the trends do not show all of its rows */
	unsigned open;                      /* entries that may be told of */
	size_t newest[SIGHTINGS_OF_A_FEED]; /* of the feed at hand: the newest of its entries */
	unsigned newest_count;
};

struct sighting_candidates {
	struct sighting_candidate *list; /* by name in wire format, and scope */
	size_t count;
	struct text_room texts;
};

/* Reads the rows of a day. `min_clients` is that of the trends, by which numbers may be told. Returns 0 or a negative code with the
 * reason; sighting_candidates_free in either case. */
must_check int sighting_candidates_read(struct sighting_candidates *candidates, struct trends *trends, uint64_t day,
	unsigned min_clients, const struct partner *partner, struct why *why);
void sighting_candidates_free(struct sighting_candidates *candidates);

/* The candidate of this name and scope, or NULL. */
struct sighting_candidate *sighting_candidate_find(
	const struct sighting_candidates *candidates, const uint8_t *wire, size_t length, enum scope scope);

/* The order of the list, for qsort. */
int sighting_candidate_compare(const void *a, const void *b);
