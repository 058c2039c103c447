/* SPDX-License-Identifier: BSD-3-Clause */
/* What `status` has gathered, and its two ways to tell it. Private to status.c, status_words.c and status_json.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "feedsync/feeds/feed.h"
#include "feedsync/publish/hold.h"
#include "feedsync/sync/last_run.h"
#include "libweir/errors.h"
#include "libweir/live/counters.h"
#include "libweir/live/hits.h"
#include "libweir/table.h"

struct report {
	const struct config *config;
	struct feed *feeds;
	struct table *table; /* NULL: see why */
	struct why why;
	struct last_run record; /* of the last run */
	bool running;           /* a run may be under way */
	bool outdated;          /* `run` is at work with an older configuration than the file */
	struct hold hold;
	struct why history; /* what is wrong with the log, or "" */
	struct counters_snapshot *resolvers;
	size_t resolver_count;
	uint64_t now;
	char doubt[WALL_DOUBT]; /* why the clock is not believed, or "" */
};

/* Whether a time is further ahead of the clock than a small step of that explains: how old it is nobody knows. */
bool is_ahead(uint64_t now, uint64_t then);

/* What keeps a feed from being well; "" if nothing does. */
const char *report_feed_trouble(const struct report *report, const struct feed *feed);
bool report_feed_well(const struct report *report, const struct feed *feed);

bool report_resolver_well(const struct report *report, const struct counters_snapshot *resolver);
bool report_run_well(const struct report *report);
bool report_all_well(const struct report *report);

/* Opens the hits of a resolver, to be closed by hits_close. Returns 0 or why that cannot be (hits_open): mostly that only
 * their group may read them. */
must_check int report_hits(
	const struct report *report, const struct counters_snapshot *resolver, struct hits_reader **reader);

void report_words(const struct report *report);
void report_json(const struct report *report);
