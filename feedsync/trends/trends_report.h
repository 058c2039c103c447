/* SPDX-License-Identifier: BSD-3-Clause */
/* What was hit in a day or a week, against a period before: gathered once, and printed as words, JSON, CSV or HTML.
 *
 * All of it is computed from days as others may see them (shown_day.h). Sums by category hold the further names; sums by
 * feed, action, group and hour are of the rules that are shown. Numbers have two digits that count, so that two
 * of them tell nothing by their difference. With `min_clients` 0 everything is in it, exactly, for the operator alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/config/shown_names.h"
#include "feedsync/trends/period.h"
#include "feedsync/trends/shown_day.h"
#include "libweir/attributes.h"
#include "libweir/policy.h"

struct config;
struct guard;
struct table;
struct trends;
struct why;

/* What is asked. */
struct trends_question {
	const char *state, *table; /* the state directory; the published table, for the feeds of a rule */
	struct period period, against;
	unsigned min_clients;        /* 0: everything is told */
	const struct config *config; /* of which restricted feeds are not named (shown_names.h); may be NULL */
	const struct guard *guard;   /* for names that analysts take for false positives; may be NULL */
};

/* Why a rule may be a mistake: bits. */
enum suspicion {
	SUSPECT_CLIENTS = 1, /* a fifth of all clients for whom something was blocked asked for it */
	SUSPECT_HITS = 2,    /* a hundred times what other rules of its feed are hit */
	SUSPECT_GUARDED = 4, /* a guarded name, or one above it */
};

/* A rule that is shown. */
struct report_rule {
	char *name;
	enum scope scope;
	bool logged; /* only counted: it would have been blocked */
	char category[POLICY_MAX_NAME + 1];
	uint64_t hits, before; /* in the period and in the one before */
	double low, high;      /* clients; of a week, clients of each day, added up */
	double mean;           /* hits a day in the 7 days before the period */
	bool new;              /* it was never shown before */
	bool rising;
	double score; /* how much it rises */
	unsigned suspicion;
	uint64_t listed_at;            /* by the history; 0: not known */
	const struct verdict *verdict; /* in the published table; NULL: it lists the rule no more */
};

/* Hits by something: a category, feed, action, group. */
struct report_sum {
	char name[POLICY_MAX_NAME + 1]; /* "" of a category: the others; of a feed: no feed lists it any more */
	bool logged;
	uint64_t hits, before;
	uint64_t names, further; /* rules; of a week, of each day, added up */
};

struct sum_list {
	struct report_sum *sum;
	size_t count, room;
};

/* A period as a whole. */
struct report_period {
	unsigned days; /* of which anything is known */
	uint64_t blocked, logged;
	bool whole; /* false: that is the least */
	uint64_t unattributed, lost_minutes;
	bool queries_known;
	uint64_t queries;
	uint64_t further, further_hits; /* names that are not shown, each day's added up, and their hits */
	uint64_t names;                 /* that are shown */
	double clients; /* for whom something was blocked or logged; of a week, each day's added up; 0: not known */
};

struct trends_report {
	struct trends_question question;
	struct report_period now, before;
	bool earlier_known; /* something is known of days before the period; else nothing is new and nothing rises */
	struct report_rule *rules; /* most hits first */
	size_t rule_count;
	struct sum_list categories, feeds, actions, groups;
	uint64_t hours[HOURS_OF_DAY];
	struct table *published; /* what `verdict` points into; NULL */
};

/* Gathers all. Returns 0 and a report that the caller frees, or NULL and a negative code with the reason: -ENOENT where
 * nothing was ever counted. */
must_check int trends_report_new(
	struct trends_report **report, const struct trends_question *question, struct why *why);
void trends_report_free(struct trends_report **report);

/* The name by which a feed is told to others. Returns `text` or `name`. */
const char *report_feed_name(const struct trends_report *report, const char *name, char text[SHOWN_NAME]);

/* Visits the feeds whose rules hold for a rule now, by the published table. Returns whether there is any. */
bool report_each_feed(const struct trends_report *report, const struct report_rule *rule,
	void (*visit)(void *context, const char *feed), void *context);

/* A rule rises if it is hit 50 times a day, three times as often as before, and more than chance explains. `score`: how
 * much more. */
bool trends_rises(double hits, double mean, double *score);

/* Rounds to two digits that count. */
uint64_t two_digits(double number);

/* The change from one number to another in percent, two digits of it. Returns false where there was nothing before. */
must_check bool change_percent(uint64_t before, uint64_t now, double *percent);

/* The share of all queries that was blocked, in percent. Returns whether it is known. */
must_check bool blocked_percent(const struct report_period *period, double *percent);
