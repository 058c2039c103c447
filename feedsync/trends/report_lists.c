/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rules are new and which rise; sums by feed; rounding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/trends/report_private.h"
#include "feedsync/trends/trends_report.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/table.h"

enum { RISING_HITS = 50, RISING_TIMES = 3, RISING_SCORE = 5 };

bool trends_rises(double hits, double mean, double *score)
{
	*score = (hits - mean) / sqrt(mean + 1);
	return hits >= RISING_HITS && hits >= RISING_TIMES * (mean + 1) && *score >= RISING_SCORE;
}

uint64_t two_digits(double number)
{
	double unit = 1;
	while (number / unit >= 100)
		unit *= 10;
	return (uint64_t)(round(number / unit) * unit);
}

/* A percentage, two digits of it. */
static double round_percent(double percent)
{
	double unit = 1;
	while (fabs(percent) / unit >= 100)
		unit *= 10;
	while (percent != 0 && fabs(percent) / unit < 10 && unit > 0.0001)
		unit /= 10;
	return round(percent / unit) * unit;
}

bool change_percent(uint64_t before, uint64_t now, double *percent)
{
	*percent = before > 0 ? round_percent(100.0 * ((double)now - (double)before) / (double)before) : 0;
	return before > 0;
}

bool blocked_percent(const struct report_period *period, double *percent)
{
	bool known = period->days > 0 && period->queries_known && period->queries > 0;
	*percent = known ? round_percent(100.0 * (double)period->blocked / (double)period->queries) : 0;
	return known;
}

/* ---- new and rising ---- */

struct shown_before {
	const struct report_rule *rule;
	unsigned min_clients;
	bool found;
};

static void note_shown(void *context, const struct trends_rule *row)
{
	struct shown_before *before = context;
	before->found |= row->scope == before->rule->scope && row->action != ACTION_ALLOW &&
			 (before->min_clients == 0 || shown_enough(row->low, before->min_clients));
}

int report_find_new(struct trends_report *report, struct trends *trends, struct why *why)
{
	uint64_t first = report->question.period.first;
	double days = report->now.days > 0 ? report->now.days : 1;
	int status = 0;
	for (size_t i = 0; report->earlier_known && status == 0 && i < report->rule_count; i++) {
		struct report_rule *rule = &report->rules[i];
		struct shown_before before = {.rule = rule, .min_clients = report->question.min_clients};
		rule->rising = trends_rises((double)rule->hits / days, rule->mean, &rule->score);
		if (rule->mean == 0)
			status = trends_rules_of_name(trends, rule->name, first > NEW_DAYS ? first - NEW_DAYS : 0,
				first - 1, note_shown, &before, why);
		rule->new = rule->mean == 0 && !before.found;
	}
	return status;
}

/* ---- feeds ---- */

const char *report_feed_name(const struct trends_report *report, const char *name, char text[SHOWN_NAME])
{
	const struct trends_question *q = &report->question;
	return q->config && q->min_clients > 0 ? shown_name(q->config, name, text) : name;
}

bool report_each_feed(const struct trends_report *report, const struct report_rule *rule,
	void (*visit)(void *context, const char *feed), void *context)
{
	char text[SHOWN_NAME];
	uint32_t last = UINT32_MAX; /* sources are sorted by feed */
	for (unsigned s = 0; rule->verdict && s < rule->verdict->effective_count; s++) {
		uint32_t feed = rule->verdict->effective[s].feed;
		if (feed != last)
			visit(context,
				report_feed_name(report, table_policy(report->published)->feeds[feed].name, text));
		last = feed;
	}
	return last != UINT32_MAX;
}

struct feed_sum {
	struct trends_report *report;
	const struct report_rule *rule;
};

static void add_feed_hits(void *context, const char *feed)
{
	const struct feed_sum *f = context;
	struct report_sum *sum = report_sum_of(&f->report->feeds, feed, false);
	sum->hits += f->rule->hits;
	sum->before += f->rule->before;
	sum->names += f->rule->hits > 0;
}

void report_sum_feeds(struct trends_report *report)
{
	for (size_t i = 0; i < report->rule_count; i++) {
		struct feed_sum sum = {.report = report, .rule = &report->rules[i]};
		if (!report_each_feed(report, sum.rule, add_feed_hits, &sum))
			add_feed_hits(&sum, "");
	}
}

static int by_hits_of_sum(const void *a, const void *b)
{
	const struct report_sum *x = a, *y = b;
	if (x->hits != y->hits)
		return x->hits < y->hits ? 1 : -1;
	return x->logged != y->logged ? x->logged - y->logged : strcmp(x->name, y->name);
}

void report_sort_sums(struct trends_report *report)
{
	struct sum_list *const lists[] = {&report->categories, &report->feeds, &report->actions, &report->groups, NULL};
	for (unsigned i = 0; lists[i]; i++)
		if (lists[i]->count > 0)
			qsort(lists[i]->sum, lists[i]->count, sizeof *lists[i]->sum, by_hits_of_sum);
}

/* ---- rounding ---- */

static void round_number(uint64_t *number)
{
	*number = two_digits((double)*number);
}

static void round_sums(struct sum_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		round_number(&list->sum[i].hits);
		round_number(&list->sum[i].before);
		round_number(&list->sum[i].names);
		round_number(&list->sum[i].further);
	}
}

static void round_period(struct report_period *period)
{
	uint64_t *const numbers[] = {&period->blocked, &period->logged, &period->unattributed, &period->queries,
		&period->further, &period->further_hits, &period->names};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		round_number(numbers[i]);
}

void report_round(struct trends_report *report)
{
	round_period(&report->now);
	round_period(&report->before);
	round_sums(&report->categories);
	round_sums(&report->feeds);
	round_sums(&report->actions);
	round_sums(&report->groups);
	for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++)
		round_number(&report->hours[hour]);
	for (size_t i = 0; i < report->rule_count; i++) {
		struct report_rule *rule = &report->rules[i];
		round_number(&rule->hits);
		round_number(&rule->before);
		rule->low = (double)two_digits(rule->low);
		rule->high = (double)two_digits(rule->high);
		rule->mean = (double)two_digits(rule->mean);
		rule->score = (double)two_digits(rule->score);
	}
}
