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
	/* The cache may have fewer slabs now. */
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

/* Ends a part: the slab, with this number of bins, has no more bins for it. */
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

/* When a slab doubles, the messages of a bin go to the bin of the same number, or to the bin at the same offset in the
 * new half. The walk would have come to the former anyway, and comes to the latter later. So a part that ascends to the
 * last bin misses nothing. The first part leaves the bins below its first bin. If the slab doubles after that part, the
 * messages of those bins go to bins at the same offsets in any piece of the former size. */
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
