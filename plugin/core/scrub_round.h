/* SPDX-License-Identifier: BSD-3-Clause */
/* Which bins of the message cache a walk comes to, and when it is complete. This knows nothing of Unbound. The cache is
 * a number of slabs. Each slab has a number of bins that is a power of two and may double at any time. A message is in
 * the bin that the low bits of its hash name.
 *
 * A round begins where the last one ended or was cut short by another one, even in the middle of a slab. Its first part
 * is the rest of that slab. Then come the other slabs. Its last part is the beginning of the first slab. So:
 *   - whatever is in the cache when a round begins, and stays there, is in one of the bins that the round comes to, even
 *     if slabs grow meanwhile;
 *   - where no slab grows, a round comes to each bin once, and ends where it began;
 *   - rounds that are begun again and again still go on: none of them keeps the walk from the last bins.
 */
#pragma once

#include <stddef.h>

struct scrub_round {
	size_t slab, bin;  /* what comes next; the walker counts `bin` up */
	size_t parts_left; /* 0 = the round is complete, or none has begun; SIZE_MAX = the next step begins it */
	size_t first_bin;  /* the bin at which the round began */
	size_t first_bins; /* bins of the first slab when its first part was complete; 0 = it is not complete */
};

/* Begins a round with the next step. A round that is under way is cut short. */
void scrub_round_begin(struct scrub_round *round);

/* Which slab comes next, in a cache of `slabs` slabs. */
size_t scrub_round_slab(struct scrub_round *round, size_t slabs);

/* How many bins of that slab come next, from round->bin on: at most `most`. The slab has `bins` bins now. 0: the slab
 * has no more bins for this part; the round has gone on to its next part, or is complete. */
size_t scrub_round_step(struct scrub_round *round, size_t slabs, size_t bins, size_t most);
