/* SPDX-License-Identifier: BSD-3-Clause */
/* The next state of an output, from the one before and from what it shall tell now: what is new is listed, what is there
 * no more is withdrawn or has expired, what changed is dated. Pure but for memory. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/known_items.h"
#include "feedsync/circle/output_state.h"
#include "feedsync/circle/selection.h"
#include "libweir/attributes.h"

struct listing_counts {
	uint64_t before, live; /* items that are told, before and then */
	uint64_t added, withdrawn, expired;
	uint64_t freed; /* of the withdrawn: those that are let pass here, or are the operator's own */
	uint64_t changed;
};

/* Makes `next`, whose serial and time are set, of `before`. Returns 0, -ENOMEM or -E2BIG. */
must_check int listing_make(struct output_state *next, const struct output_state *before,
	const struct selection *selection, struct known_items *known, const struct organisation *organisation,
	const struct output *output, struct listing_counts *counts);

/* Whether an item is told at a time: a live one, or one that ended no longer ago than the output says. */
bool listing_tells(const struct output *output, const struct item *item, uint64_t at);
