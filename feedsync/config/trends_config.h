/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of what was hit: `trends` of the configuration. Texts belong to the configuration. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/channel_config.h"

struct trends_config {
	bool wanted;          /* the section is there: hits are kept by hour */
	bool rules;           /* and by rule and day; how clients are told apart is part of hits_policy (policy.h) */
	uint32_t min_clients; /* what fewer clients hit is not shown to others */
	const char *report;   /* directory of the reports; NULL: none is written */
	uint32_t rules_days, hours_days; /* how long it is kept */
	const char *const *queries; /* command that tells how many queries there were in all; NULL: nobody is asked */
	unsigned query_words;       /* of the command */
	const char *digest_name; /* of this host, in what the compiler is told of each hour; NULL: it is told nothing */
	struct channel digest_to; /* where that is put */
};
