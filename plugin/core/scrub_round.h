/* SPDX-License-Identifier: BSD-3-Clause */
/* Which bins of the message cache a walk comes to, and when it is complete. Knows nothing of Unbound: the cache is some
 * slabs, each of a number of bins that is a power of two and may double at any time, with each message in the bin that the
 * low bits of its hash name.
 *
 * A round begins where the last one ended, or was cut short by another, in the midst of a slab as it may be. Its first part
 * is that slab from there on; then come the other slabs; its last part is the rest of the first slab. So:
 *
 *   - whatever is in the cache when a round begins, and stays there, is in one of the bins that it comes to,
 *     however the slabs grow meanwhile;
 *   - where no slab grows, a round comes to each bin once, and ends where it began;
 *   - rounds begun anew all the time go on all the same: none of them keeps the walk from the last bins.
 */
#pragma once

#include <stddef.h>

struct scrub_round {
	size_t slab, bin;  /* what comes next; the walker counts `bin` up */
	size_t parts_left; /* 0 = complete, or none has begun; SIZE_MAX = it is to begin with the next step */
	size_t first_bin;  /* at which it began */
	size_t first_bins; /* of the first slab, when its first part was complete; 0 = it is not */
};

/* Begins a round with the next step; one that is under way is cut short. */
void scrub_round_begin(struct scrub_round *round);

/* Which slab comes next in a cache of so many. */
size_t scrub_round_slab(struct scrub_round *round, size_t slabs);

/* How many bins from round->bin on come next in that slab, `most` at most; it has this many bins now. 0: it has no more
 * for this part, and the round has gone on to its next part, or is complete. */
size_t scrub_round_step(struct scrub_round *round, size_t slabs, size_t bins, size_t most);
