/* SPDX-License-Identifier: BSD-3-Clause */
/* A day as others may see it. All that trends tell is computed from such days and from nothing else.
 *
 * A rule is *shown* if at least 1.25 times `min_clients` clients hit it (of few clients the estimate may be a little too
 * high). All others are *further* names: they leave only as a number of names and a sum of hits, and these are of
 * `min_clients` names at least. To make it so, some rules that might be shown become further names, those with the fewest
 * hits first:
 *  - of the rules of one category, action and group, none is a further name, or min_clients are, or all are;
 *  - a sum is told for each category, apart for what was blocked and what was only logged (a *cell*). A category with too few
 *    further names goes into the cell of the others, and so do the next smallest categories until it has enough.
 * So whoever knows all that is listed, and the exact sums of each category, action and group, cannot compute what a single
 * further name was hit: the numbers that he has about further names are of min_clients names or more; or nothing is
 * subtracted from the sum that he knows anyway. What is told of a day that is over never changes, since it depends on
 * nothing but that day's rows. A week is the sum of its days. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct trends;
struct why;

enum { HOURS_OF_DAY = 24 };

struct shown_rule {
	char *name;
	enum scope scope;
	enum action action;
	char category[POLICY_MAX_NAME + 1], group[POLICY_MAX_NAME + 1];
	uint64_t hits;
	double low, high; /* clients */
	uint32_t hours[HOURS_OF_DAY];
	bool further;
	unsigned cell;
};

/* What was blocked, or only logged, in a category. */
struct shown_cell {
	char category[POLICY_MAX_NAME + 1]; /* "" = the other categories */
	bool logged;
	bool other;                     /* it has gone into the cell of the others */
	uint64_t hits;                  /* of all its rules */
	uint64_t names;                 /* rules that are shown */
	uint64_t further, further_hits; /* the further names, and their hits */
};

struct shown_day {
	uint64_t day;
	unsigned min_clients;     /* 0: everything is shown */
	struct shown_rule *rules; /* first those that are shown, most hits first */
	size_t rule_count, shown_count;
	struct shown_cell *cells; /* those that went into the others are the last ones */
	size_t cell_count, shown_cells;
	/* Whether the sums are of all that was blocked, and logged; else too few further names are left out of them. */
	bool whole[2];
	uint64_t blocked, logged;
	uint64_t unattributed; /* of them: hits of no rule */
	uint64_t lost_minutes;
	bool queries_known; /* in each hour in which something was counted */
	uint64_t queries;
	unsigned hour_count; /* hours of which something is known */
};

/* Reads a day. Returns 0 and a day that shown_day_end ends in any case, or a negative code with the reason. */
must_check int shown_day_begin(
	struct shown_day *day, struct trends *trends, uint64_t number, unsigned min_clients, struct why *why);
void shown_day_end(struct shown_day *day);

/* The last day that is over and whose hits are all in the store: of a later one two answers would differ by what few asked for
 * between them. `now`: seconds since 1970. */
static inline uint64_t shown_last_day(uint64_t now)
{
	enum { DAY_S = 86400, SETTLED_S = 600 };
	return now > DAY_S + SETTLED_S ? (now - SETTLED_S) / DAY_S - 1 : 0;
}

/* Whether a rule with so many clients may be shown. */
static inline bool shown_enough(double low, unsigned min_clients)
{
	return low >= 1.25 * min_clients;
}
