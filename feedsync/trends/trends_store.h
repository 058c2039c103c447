/* SPDX-License-Identifier: BSD-3-Clause */
/* What was hit, by hour and day: <state>/trends.sqlite. It holds rules, counts and numbers of clients; never a client,
 * never a name that was asked for.
 *
 * The collector (collector.h) writes it, once a minute in one transaction. A hit counts for the hour and day (UTC) in which
 * it was read, some seconds after it came. For each hour the hits of all rules and those that no rule was found room for
 * (`unattributed`) are, together, exactly those that the resolvers counted as blocked or logged.
 *
 * The store is no source of anything: whatever happens to it, blocking and publishing go on.
 *
 * Hours and days are numbers since 1970: seconds / 3600, seconds / 86400. Texts that `visit` gets are clean and valid for
 * the call. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/action.h"
#include "libweir/attributes.h"
#include "libweir/live/client_set.h"
#include "libweir/policy.h"

struct trends;
struct why;

#define TRENDS_FILE "trends.sqlite"

/* Opens the store; `write` creates it where it is missing. Returns 0 and a store that the caller closes, or a negative
 * code with the reason, and NULL: -ENOENT where there is none to read. */
must_check int trends_open(struct trends **trends, const char *state, bool write, struct why *why);

/* Closes it. What was not committed is lost. NULL is fine. */
void trends_close(struct trends **trends);

/* ---- writing: begin, add, commit. After a failure the rest does nothing, and the commit returns the error ---- */

void trends_begin(struct trends *trends);
must_check int trends_commit(struct trends *trends, struct why *why);

/* Hits of a rule, which are added to what the day has of it. */
struct trends_rule_hits {
	uint64_t hour;
	const char *name; /* the rule's, as name_to_text writes it */
	enum scope scope;
	const char *category; /* whose action was taken */
	enum action action;
	const char *group;
	uint64_t hits;
	/* The clients so far of this rule on this day, as one key tells them: `key` tells keys apart, 0 = none are told. Sets
	 * of one key are united, those of different keys cannot be. */
	uint64_t key;
	struct client_set clients;
	/* What another store tells of clients of this rule on this day: at least so many so far, and by how many more there may be
	 * than it has told before. Nobody knows which of them are the same as others'. */
	double told_low, told_more;
};
void trends_add_rule(struct trends *trends, const struct trends_rule_hits *hits);

/* Hits of what a feed lists in a category. A name that two feeds list counts for both. */
void trends_add_feed(struct trends *trends, uint64_t hour, const char *feed, const char *category, enum action action,
	uint64_t hits);

/* Hits of a group's clients; with ACTION_ALLOW the queries that the group let pass. */
void trends_add_group(struct trends *trends, uint64_t hour, const char *group, enum action action, uint64_t hits);

/* An hour as a whole. */
struct trends_traffic {
	uint64_t hour;
	bool queries_known;
	uint64_t queries; /* of all kinds, those from the cache too, as the resolver itself counts them */
	uint64_t blocked, logged;
	uint64_t opted_out;    /* queries that a group let pass */
	uint64_t unattributed; /* of blocked and logged: those of no rule */
	uint64_t lost_minutes; /* in which nobody read what was counted by rule */
};
void trends_add_traffic(struct trends *trends, const struct trends_traffic *traffic);

/* The last counts that were read of a process, so that a collector that begins again goes on from there. `process` is
 * the process's name for itself; `what` is chosen by the caller. */
void trends_put_count(struct trends *trends, const char *process, const char *what, uint64_t count);
must_check int trends_counts(struct trends *trends, const char *process,
	void (*visit)(void *context, const char *what, uint64_t count), void *context, struct why *why);
/* Forgets a process that is gone; and all but one. */
void trends_forget_process(struct trends *trends, const char *process);
void trends_forget_processes(struct trends *trends, const char *but);

/* Forgets what is older: rules and clients' sets by day, the rest by hour. The sets of a day go once it is over for a
 * day; their estimates stay. */
void trends_forget(struct trends *trends, uint64_t today, uint64_t rules_days, uint64_t hours_days);

/* ---- reading: each calls `visit` for what there is, and returns 0 or a negative code with the reason ---- */

/* A rule on one day. Clients: at least `low`, at most `high`; they differ where several processes counted. */
struct trends_rule {
	uint64_t day;
	const char *name;
	enum scope scope;
	const char *category;
	enum action action;
	const char *group;
	uint64_t hits;
	double low, high;
	uint32_t hours[24]; /* hits by hour of the day */
};

/* All rows of the days from `first` to `last`, most hits of a day first, then by name: 0 as `limit` is all. A day is
 * after the day before. */
must_check int trends_rules(struct trends *trends, uint64_t first, uint64_t last, uint64_t limit,
	void (*visit)(void *context, const struct trends_rule *rule), void *context, struct why *why);

/* The same of one name, newest day first. */
must_check int trends_rules_of_name(struct trends *trends, const char *name, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_rule *rule), void *context, struct why *why);

/* Hours from `first` to `last`, in their order. */
struct trends_feed_hits {
	uint64_t hour;
	const char *feed, *category;
	enum action action;
	uint64_t hits;
};
must_check int trends_feeds(struct trends *trends, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_feed_hits *hits), void *context, struct why *why);

struct trends_group_hits {
	uint64_t hour;
	const char *group;
	enum action action;
	uint64_t hits;
};
must_check int trends_groups(struct trends *trends, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_group_hits *hits), void *context, struct why *why);

must_check int trends_traffics(struct trends *trends, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_traffic *traffic), void *context, struct why *why);
