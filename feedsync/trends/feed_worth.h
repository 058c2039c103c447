/* SPDX-License-Identifier: BSD-3-Clause */
/* What each feed is worth: what only it has, what of it is ever hit, how often it was wrong or late.
 *
 * A feed *has* a name if the published table has a rule of it for that name; a name that another feed covers as well, by
 * this rule or by one above, is *shared* with that feed. Hits are of the rules that may be told (shown_day.h). What was
 * never hit is a number, never a list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/trends/trends_report.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"
#include "libweir/policy.h"

struct feed_worth {
	char name[POLICY_MAX_NAME + 1];
	uint64_t names;          /* that it has */
	uint64_t unique;         /* of them, those that no other feed covers */
	uint64_t hit_30, hit_90; /* of them, those that enough clients asked for on a day of the last 30 and 90 */
	uint64_t hits;           /* of the days asked about */
	uint64_t unique_hits;    /* of them, on names that it alone has */
	uint64_t suspects;       /* names that may be mistakes */
	/* By the history of the days asked about: */
	uint64_t added;     /* names that it began to list */
	uint64_t withdrawn; /* of them, those that it took back within a week */
	uint64_t late;      /* of them, those that another feed had begun to list before, in these days */
	double days_late;   /* how much before, in the mean */
	uint64_t *shared;   /* with each feed of the list */
};

struct feeds_worth {
	struct feed_worth *feed; /* of the published table, the operator's own list too */
	uint32_t count;
	uint64_t hits;        /* of all rules that may be told; a hit on a name of two feeds counts once */
	bool hits_known;      /* there is a store of what was hit */
	uint64_t known_days;  /* of which what was hit is known */
	unsigned min_clients; /* 0: all hits count, whoever asked */
	struct period period;
	bool history_known;
	struct why history_trouble; /* why not, where there is one; "" */
};

/* Gathers all, of the `days` days that end with the day `last`. The question's periods do not count, and its min_clients of 0 is for the operator alone. Returns 0
 * and what feeds_worth_free frees, or NULL and a negative code with the reason: without a table nothing can be told. */
must_check int feeds_worth_new(struct feeds_worth **worth, const struct trends_question *question, uint64_t last,
	unsigned days, struct why *why);
void feeds_worth_free(struct feeds_worth **worth);
