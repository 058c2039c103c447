/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/scrub_round.h"

#include <stdbool.h>
#include <stdint.h>

void scrub_round_begin(struct scrub_round *round)
{
	round->parts_left = SIZE_MAX;
}

size_t scrub_round_slab(struct scrub_round *round, size_t slabs)
{
	if (round->parts_left < SIZE_MAX)
		return round->slab;
	/* The cache may have become one of fewer slabs. */
	if (round->slab >= slabs)
		round->slab = round->bin = 0;
	round->first_bin = round->bin;
	round->first_bins = 0;
	round->parts_left = slabs + (round->first_bin > 0);
	return round->slab;
}

static bool is_last_part(const struct scrub_round *round)
{
	return round->parts_left == 1 && round->first_bin > 0;
}

/* The slab has no more for this part, at this number of bins. */
static void end_part(struct scrub_round *round, size_t slabs, size_t bins)
{
	if (round->first_bins == 0)
		round->first_bins = bins;
	if (is_last_part(round)) {
		round->bin = round->first_bin;
	} else {
		round->bin = 0;
		round->slab = (round->slab + 1) % slabs;
	}
	round->parts_left--;
}

/* When a slab doubles, what is in a bin goes to the bin of the same number, or to the one as far in the new half. The one
 * is where the walk would have come anyway, the other comes later: so a part that ascends to the last bin misses nothing.
 * What the first part has not seen are then the bins below the first one. If the slab doubles after that, their messages
 * go to bins that are as far in any of its pieces of the former size. */
size_t scrub_round_step(struct scrub_round *round, size_t slabs, size_t bins, size_t most)
{
	size_t end = bins;
	if (is_last_part(round)) {
		size_t piece = round->bin & ~(round->first_bins - 1);
		if (round->bin >= piece + round->first_bin)
			round->bin = piece += round->first_bins;
		if (end > piece + round->first_bin)
			end = piece + round->first_bin;
	}
	if (round->bin >= bins) {
		end_part(round, slabs, bins);
		return 0;
	}
	return end - round->bin < most ? end - round->bin : most;
}
