/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of sharing (share.h), and what it tells. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/circle/listing.h"
#include "feedsync/config/configuration.h"

/* What came of an output. */
enum share_result {
	SHARE_RELEASED,
	SHARE_UNCHANGED,
	SHARE_FAILED,
};

/* An output as it would be. Borrowed for the call. */
struct share_plan {
	const struct output *output;
	const struct selection *selection;
	const struct output_state *before, *next;
	const struct listing_counts *counts;
	bool changed;        /* there would be a release */
	const char *refused; /* an alarm: there would be none; NULL = none is raised */
};

struct share_request {
	const struct config *config;
	const char *const *outputs; /* names; none: all */
	size_t output_count;
	const char *accept; /* the output for which an alarm is passed over, for once; NULL = none */
	/* Where it is set nothing is done: it is called with each plan. */
	void (*plan)(void *context, const struct share_plan *plan);
	void *context;
};
