/* SPDX-License-Identifier: BSD-3-Clause */
/* What metrics and pages show: what `feedsync status` has gathered and judged (report.h), the last publishes, and what
 * monitoring remembers. There is no second logic here: what is well, and why not, is said by the report alone. */
#pragma once

#include "feedsync/monitor/tally.h"
#include "feedsync/status/report.h"
#include "feedsync/watch/fleet_report.h"

enum { VIEW_PUBLISHES = 8 };

struct view_publish {
	uint64_t generation, time, rules, added, removed, fetch_ms, compile_ms, publish_ms;
	bool counted; /* `added` and `removed` are known */
	char cause[32];
};

struct view {
	struct report report;
	struct tally tally;
	bool has_fleet;
	struct fleet_report fleet; /* what is remembered of resolvers elsewhere; nothing without has_fleet */
	struct view_publish publish[VIEW_PUBLISHES]; /* the newest first */
	size_t publish_count;
};

/* Gathers and judges. Returns as report_begin does. Writes nothing. */
must_check int view_begin(struct view *view, const struct config *config, struct why *why);
void view_end(struct view *view);

/* Writes a message so that it tells no name that may not be shown (shown_message). Returns `to`. */
char *view_message(const struct view *view, const char *message, char *to, size_t room);

/* The number by which a resolver of the report is shown; 0 = it is not shown by itself. */
unsigned view_resolver(const struct view *view, size_t resolver);
