/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/trends_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/entries/reserved_names.h"
#include "feedsync/trends/report_private.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* What a day is to the report; it may be several things. */
struct day_use {
	bool now, before, mean;
};

struct gathering {
	struct trends_report *report;
	size_t room;
	unsigned mean_days; /* of which something is known */
	bool short_of_memory;
};

struct report_sum *report_sum_of(struct sum_list *list, const char *name, bool logged)
{
	size_t i = 0;
	while (i < list->count && (list->sum[i].logged != logged || strcmp(list->sum[i].name, name) != 0))
		i++;
	if (i == list->count) {
		list->sum = xgrow(list->sum, list->count, &list->room, 16, sizeof *list->sum);
		list->sum[list->count++] = (struct report_sum){.logged = logged};
		strncpy(list->sum[i].name, name, POLICY_MAX_NAME);
	}
	return &list->sum[i];
}

static void add_to_period(struct report_period *period, const struct shown_day *day)
{
	bool first = period->days == 0;
	period->days++;
	period->blocked += day->blocked;
	period->logged += day->logged;
	period->whole = (first || period->whole) && day->whole[false] && day->whole[true];
	period->unattributed += day->unattributed;
	period->lost_minutes += day->lost_minutes;
	period->queries_known = (first || period->queries_known) && day->queries_known;
	period->queries += day->queries;
	for (size_t i = 0; i < day->shown_cells; i++) {
		period->further += day->cells[i].further;
		period->further_hits += day->cells[i].further_hits;
	}
}

static void add_cells(struct trends_report *report, const struct shown_day *day, const struct day_use *use)
{
	for (size_t i = 0; i < day->shown_cells; i++) {
		const struct shown_cell *cell = &day->cells[i];
		struct report_sum *sum = report_sum_of(&report->categories, cell->category, cell->logged);
		sum->before += use->before ? cell->hits : 0;
		if (!use->now)
			continue;
		sum->hits += cell->hits;
		sum->names += cell->names;
		sum->further += cell->further;
	}
}

static void add_hits_to_sum(
	struct sum_list *list, const char *name, const struct shown_rule *rule, const struct day_use *use)
{
	struct report_sum *sum = report_sum_of(list, name, false);
	sum->hits += use->now ? rule->hits : 0;
	sum->names += use->now;
	sum->before += use->before ? rule->hits : 0;
}

static void add_shown_rule(struct gathering *g, const struct shown_rule *rule, const struct day_use *use)
{
	struct trends_report *report = g->report;
	if (report->rule_count == g->room) {
		size_t room = g->room ? 2 * g->room : 256;
		struct report_rule *rules = realloc(report->rules, room * sizeof *rules);
		g->short_of_memory |= !rules;
		if (!rules)
			return;
		report->rules = rules;
		g->room = room;
	}
	struct report_rule *added = &report->rules[report->rule_count];
	*added = (struct report_rule){.name = strdup(rule->name),
		.scope = rule->scope,
		.logged = rule->action == ACTION_LOG,
		.hits = use->now ? rule->hits : 0,
		.before = use->before ? rule->hits : 0,
		.low = use->now ? rule->low : 0,
		.high = use->now ? rule->high : 0,
		.mean = use->mean ? (double)rule->hits : 0};
	memcpy(added->category, rule->category, sizeof added->category);
	g->short_of_memory |= !added->name;
	report->rule_count += added->name != NULL;
	add_hits_to_sum(&report->actions, action_text(rule->action), rule, use);
	add_hits_to_sum(&report->groups, rule->group, rule, use);
	for (unsigned hour = 0; use->now && hour < HOURS_OF_DAY; hour++)
		report->hours[hour] += rule->hours[hour];
}

static int add_day(
	struct gathering *g, struct trends *trends, uint64_t number, const struct day_use *use, struct why *why)
{
	struct shown_day day;
	int status = shown_day_begin(&day, trends, number, g->report->question.min_clients, why);
	if (status == 0 && day.hour_count > 0) {
		if (use->now)
			add_to_period(&g->report->now, &day);
		if (use->before)
			add_to_period(&g->report->before, &day);
		g->mean_days += use->mean;
		add_cells(g->report, &day, use);
		for (size_t i = 0; i < day.shown_count; i++)
			add_shown_rule(g, &day.rules[i], use);
	}
	shown_day_end(&day);
	return status == 0 && g->short_of_memory ? why_set(why, -ENOMEM, "out of memory for the rules that were hit")
						 : status;
}

static bool period_has(const struct period *period, uint64_t day)
{
	return day >= period->first && day <= period->last;
}

static int add_days(struct gathering *g, struct trends *trends, struct why *why)
{
	const struct period *now = &g->report->question.period, *before = &g->report->question.against;
	uint64_t first = now->first > MEAN_DAYS ? now->first - MEAN_DAYS : 0;
	int status = 0;
	for (uint64_t day = before->first; status == 0 && day <= before->last; day++)
		if (day < first || day > now->last)
			status = add_day(g, trends, day, &(struct day_use){.before = true}, why);
	for (uint64_t day = first; status == 0 && day <= now->last; day++)
		status = add_day(g, trends, day,
			&(struct day_use){.now = period_has(now, day),
				.before = period_has(before, day),
				.mean = day < now->first},
			why);
	g->report->earlier_known = g->mean_days > 0;
	return status;
}

/* ---- rules ---- */

static int by_rule(const void *a, const void *b)
{
	const struct report_rule *x = a, *y = b;
	int names = strcmp(x->name, y->name);
	if (names != 0)
		return names;
	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	return x->logged != y->logged ? x->logged - y->logged : strcmp(x->category, y->category);
}

static int by_most_hits(const void *a, const void *b)
{
	const struct report_rule *x = a, *y = b;
	return x->hits != y->hits ? (x->hits < y->hits ? 1 : -1) : by_rule(a, b);
}

/* Makes one of all that is known of a rule. */
static void unite_rules(struct trends_report *report)
{
	size_t count = 0;
	if (report->rule_count > 0)
		qsort(report->rules, report->rule_count, sizeof *report->rules, by_rule);
	for (size_t i = 0; i < report->rule_count; i++) {
		struct report_rule *rule = &report->rules[i];
		if (count == 0 || by_rule(&report->rules[count - 1], rule) != 0) {
			report->rules[count++] = *rule;
			continue;
		}
		struct report_rule *united = &report->rules[count - 1];
		united->hits += rule->hits;
		united->before += rule->before;
		united->low += rule->low;
		united->high += rule->high;
		united->mean += rule->mean;
		free(rule->name);
	}
	report->rule_count = count;
}

/* Whether what others are told may name a rule. Not if restricted feeds alone list it (shown_names.h), or may have listed
 * it: its name is theirs to tell. Its hits stay in the sums. */
static bool may_be_named(const struct trends_report *report, const struct report_rule *rule)
{
	const struct config *config = report->question.config;
	const struct policy *policy = report->published ? table_policy(report->published) : NULL;
	bool restricted = false;
	if (!config || report->question.min_clients == 0)
		return true;
	for (size_t i = 0; i < config->feed_count; i++)
		restricted |= feed_is_restricted(&config->feeds[i]);
	for (unsigned k = 0; restricted && policy && rule->verdict && k < rule->verdict->effective_count; k++) {
		const char *feed = policy->feeds[rule->verdict->effective[k].feed].name;
		if (strcmp(feed, OPERATOR_FEED) == 0)
			return true;
		for (size_t i = 0; i < config->feed_count; i++)
			if (strcmp(config->feeds[i].name, feed) == 0 && !feed_is_restricted(&config->feeds[i]))
				return true;
	}
	return !restricted;
}

/* Rules that were hit in other periods only, and those that must not be named, have been counted, and go. */
static void drop_other_rules(struct trends_report *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->rule_count; i++)
		if (report->rules[i].hits > 0 && may_be_named(report, &report->rules[i]))
			report->rules[count++] = report->rules[i];
		else
			free(report->rules[i].name);
	report->rule_count = report->now.names = count;
	if (count > 0)
		qsort(report->rules, count, sizeof *report->rules, by_most_hits);
}

static void find_verdicts(struct trends_report *report)
{
	struct why why;
	if (table_open(&report->published, report->question.table, &why) != 0)
		return;
	for (size_t i = 0; i < report->rule_count; i++) {
		struct report_rule *rule = &report->rules[i];
		name_storage wire;
		bool own = false;
		int length = name_from_text(rule->name, strlen(rule->name), wire);
		const struct verdict *verdict =
			length > 0 ? table_verdict(report->published, wire, (size_t)length, rule->scope, &own) : NULL;
		rule->verdict = own ? verdict : NULL;
	}
}

static int gather(struct gathering *g, struct trends *trends, struct why *why)
{
	struct trends_report *report = g->report;
	int status = add_days(g, trends, why);
	if (status != 0)
		return status;
	unite_rules(report);
	for (size_t i = 0; g->mean_days > 0 && i < report->rule_count; i++)
		report->rules[i].mean /= g->mean_days;
	find_verdicts(report);
	report_sum_feeds(report);
	report_sort_sums(report);
	drop_other_rules(report);
	status = report_find_new(report, trends, why);
	if (status == 0)
		status = report_find_suspects(report, trends, why);
	if (status != 0)
		return status;
	if (report->question.min_clients > 0)
		report_round(report);
	return 0;
}

int trends_report_new(struct trends_report **report, const struct trends_question *question, struct why *why)
{
	struct trends *trends;
	struct gathering g = {.report = xcalloc(1, sizeof **report)};
	*report = g.report;
	g.report->question = *question;
	int status = trends_open(&trends, question->state, false, why);
	if (status == 0)
		status = gather(&g, trends, why);
	trends_close(&trends);
	if (status != 0)
		trends_report_free(report);
	return status;
}

void trends_report_free(struct trends_report **report)
{
	struct trends_report *r = *report;
	*report = NULL;
	if (!r)
		return;
	for (size_t i = 0; i < r->rule_count; i++)
		free(r->rules[i].name);
	free(r->rules);
	free(r->categories.sum);
	free(r->feeds.sum);
	free(r->actions.sum);
	free(r->groups.sum);
	table_close(&r->published);
	free(r);
}
