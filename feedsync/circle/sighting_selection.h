/* SPDX-License-Identifier: BSD-3-Clause */
/* What a partner is to be told of a day: which of his entries were hit here, by enough clients. It is made of the day's rows of the
 * trends (shown_day.h) and of the last good versions of his feeds. An entry is told of if it is the very rule that was hit, is in
 * force, is neither ours nor let pass here nor guarded, and if its marking lets its source be told (gate.h). How often it was hit
 * is set only where the trends show it, so that sightings tell no number that they do not.
 *
 * Besides, what the operator lets pass and wants to be reported (`report: yes`) is a false positive. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/judge.h"
#include "feedsync/circle/sighting.h"
#include "feedsync/circle/sighting_candidate.h"
#include "feedsync/circle/text_room.h"
#include "libweir/attributes.h"

struct trends;
struct why;

struct sighting_selection {
	struct sighting *list; /* most hits first; false positives before them */
	size_t count;
	struct sighting_candidates candidates;
	uint64_t withheld[WITHHELD_COUNT]; /* candidates */
	enum tlp tlp;                      /* the most restrictive of what is told of */
	/* private */
	struct text_room texts;
	struct sighting_entry *entries;
	size_t entry_count, entry_room, room;
};

/* Selects. `judge` has begun. Returns 0; or a negative code with the reason: trends or a feed of the partner cannot be read, or
 * there is no memory. sighting_selection_free in either case. */
must_check int sighting_selection_make(struct sighting_selection *selection, struct judge *judge, struct trends *trends,
	const struct partner *partner, uint64_t day, uint64_t now, struct why *why);
void sighting_selection_free(struct sighting_selection *selection);
