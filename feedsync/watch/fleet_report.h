/* SPDX-License-Identifier: BSD-3-Clause */
/* How the fleet is: what is remembered of its resolvers (watch_record.h), judged by one set of rules (watch_judge.h), counted by
 * channel and generation, and then shown in words, as JSON, as a page, or as metrics. Reads only. */
#pragma once

#include "feedsync/status/report.h"
#include "feedsync/watch/watch_record.h"
#include "feedsync/watch/watch_states.h"

struct fleet_share {
	uint32_t generation;
	size_t count;
};

/* The resolvers of one channel. */
struct fleet_channel {
	const char *name; /* NULL: there are no channels, and all resolvers are here */
	enum condition condition;
	uint64_t serial;            /* of its newest manifest; 0 = there is none */
	uint64_t generation, since; /* of its newest table, and when the channel got it; 0 = it has none */
	size_t count;
	size_t states[WATCH_STATE_COUNT];
	/* Of those that enforce a table now: how many by which one, the newest first. */
	struct fleet_share *shares;
	size_t share_count;
	/* Those that were the last to be seen with the newest table, the slowest first. */
	size_t slowest[5];
	size_t slowest_count;
};

struct fleet_report {
	const struct report *report;
	struct watch watch;
	bool stale; /* nobody has probed for long */
	/* of each resolver of the configuration */
	enum watch_state *state;
	uint64_t *since;
	uint64_t *
		digest; /* the hour behind the last one that its host has told of; 0 = none; NULL = none is taken, or gathered */
	size_t *order; /* their numbers, the worst first */
	size_t unwell; /* so many of these are not well */
	size_t states[WATCH_STATE_COUNT];
	struct fleet_channel channels[MAX_CHANNELS];
	size_t channel_count;
};

/* Judges. The report is borrowed until fleet_report_end. `watch`: what a round has just found, which is taken over; NULL: what is
 * remembered is read. */
void fleet_report_begin(struct fleet_report *fleet, const struct report *report, struct watch *watch);
void fleet_report_end(struct fleet_report *fleet);

/* Gathers of which hours each host has told, for fleet_words and fleet_json. */
void fleet_report_digests(struct fleet_report *fleet);

bool fleet_is_well(const struct fleet_report *fleet);

/* The verdict in one line, without a line end, as report_verdict. */
void fleet_verdict(const struct fleet_report *fleet, char text[VERDICT_TEXT]);

/* What there is to tell of a resolver's state, in one line, without its word: "since 2 h ago: timed out". Returns `text`. */
enum { FLEET_DETAIL_TEXT = 512 };
const char *fleet_detail(const struct fleet_report *fleet, size_t resolver, char text[FLEET_DETAIL_TEXT]);

/* The next command for a resolver's state. Returns `text`. */
const char *fleet_next(const struct fleet_report *fleet, size_t resolver, char text[NEXT_TEXT]);

/* In words; as JSON: to standard output. */
void fleet_words(const struct fleet_report *fleet);
void fleet_json(const struct fleet_report *fleet);
