/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rules may be mistakes: rules that are not older than three days and are hit more than such rules are. A phishing
 * name is asked for by few; a name that everybody needs and that stands in a list by mistake is asked for by all. */
#include <stdlib.h>
#include <string.h>

#include "feedsync/entries/rule.h"
#include "feedsync/guard/guard.h"
#include "feedsync/publish/history.h"
#include "feedsync/trends/report_private.h"
#include "feedsync/trends/trends_clients.h"
#include "feedsync/trends/trends_print.h"
#include "feedsync/trends/trends_report.h"
#include "libweir/errors.h"
#include "libweir/table.h"

enum {
	DAY_S = 86400,
	YOUNG_S = 3 * DAY_S,
	MUCH_PERCENT = 1, /* of all that was blocked */
	MANY_CLIENTS_RANK = 20,
	MANY_CLIENTS_PERCENT = 20, /* of all clients for whom something was blocked or logged */
	MEDIAN_TIMES = 100,
	MEDIAN_RULES = 3, /* fewer have no median */
};

/* ---- since when it is listed ---- */

struct listing {
	enum scope scope;
	uint64_t at; /* the last time that some feed began to list it */
	bool known;
};

static void note_listing(void *context, uint64_t generation, uint64_t time, const struct table_change *change)
{
	struct listing *listing = context;
	(void)generation;
	if (listing->known || change->scope != listing->scope || change->kind != RULE_BLOCK)
		return;
	listing->known = true; /* the newest comes first */
	listing->at = change->added ? time : 0;
}

static uint64_t find_listing(struct history *history, const struct report_rule *rule)
{
	struct listing listing = {.scope = rule->scope};
	struct why why;
	if (!history || history_changes(history, 0, rule->name, note_listing, &listing, &why) != 0)
		return 0;
	return listing.at;
}

/* ---- what is too much ---- */

static int by_hit_count(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static bool lists(const struct report_rule *rule, uint32_t feed)
{
	for (unsigned s = 0; rule->verdict && s < rule->verdict->effective_count; s++)
		if (rule->verdict->effective[s].feed == feed)
			return true;
	return false;
}

/* The median of the hits of a feed's rules; 0 where there are too few. */
static uint64_t median_of_feed(const struct trends_report *report, uint32_t feed)
{
	uint64_t *hits = calloc(report->rule_count, sizeof *hits), median = 0;
	size_t count = 0;
	for (size_t i = 0; hits && i < report->rule_count; i++)
		if (lists(&report->rules[i], feed))
			hits[count++] = report->rules[i].hits;
	if (count >= MEDIAN_RULES) {
		qsort(hits, count, sizeof *hits, by_hit_count);
		median = hits[count / 2];
	}
	free(hits);
	return median;
}

static bool exceeds_median(const struct trends_report *report, const struct report_rule *rule)
{
	for (unsigned s = 0; rule->verdict && s < rule->verdict->effective_count; s++) {
		uint64_t median = median_of_feed(report, rule->verdict->effective[s].feed);
		if (median > 0 && rule->hits >= MEDIAN_TIMES * median)
			return true;
	}
	return false;
}

static bool is_guarded(const struct guard *guard, const struct report_rule *rule)
{
	name_storage wire;
	struct name_labels labels;
	int length = name_from_text(rule->name, strlen(rule->name), wire);
	if (!guard || length <= 0 || name_split(wire, (size_t)length, &labels) != 0)
		return false;
	for (unsigned i = 0; i + 1u < labels.count; i++) {
		struct refusal refusal;
		const struct rule asked = {.wire = wire + labels.offset[i],
			.length = (size_t)length - labels.offset[i],
			.scope = SCOPE_EXACT,
			.kind = RULE_BLOCK};
		if (guard_refuses(guard, NULL, &asked, &refusal))
			return true;
	}
	return false;
}

/* How many clients the rule on the nth place by clients has. */
static double clients_of_rank(const struct trends_report *report, size_t rank)
{
	size_t count;
	const struct report_rule **rules = report_list(report, LIST_CLIENTS, rank, &count);
	double clients = count > 0 ? rules[count - 1]->low : 0;
	free(rules);
	return clients;
}

static unsigned suspicion_of(const struct trends_report *report, const struct report_rule *rule, double all_clients)
{
	unsigned suspicion = 0;
	if (all_clients > 0 && rule->low * 100 >= all_clients * MANY_CLIENTS_PERCENT)
		suspicion |= SUSPECT_CLIENTS;
	if (exceeds_median(report, rule))
		suspicion |= SUSPECT_HITS;
	if (is_guarded(report->question.guard, rule))
		suspicion |= SUSPECT_GUARDED;
	return suspicion;
}

/* All clients of the period's days, added up as those of its rules are; 0 where they are not known of each day, or too few. */
static int count_clients(struct trends_report *report, struct trends *trends, double *all, struct why *why)
{
	const struct period *period = &report->question.period;
	double clients = 0;
	for (uint64_t day = period->first; day <= period->last; day++) {
		double low, high;
		int status = trends_clients(trends, day, &low, &high, why);
		if (status != 0)
			return status;
		if (low == 0 || !shown_enough(low, report->question.min_clients))
			return 0;
		clients += high;
	}
	*all = clients;
	return 0;
}

/* Tells how many clients there were in all; but not where those that hit no rule that is shown could be counted by it. */
static void tell_clients(struct trends_report *report, double all)
{
	double most = 0;
	unsigned least = report->question.min_clients;
	for (size_t i = 0; i < report->rule_count; i++)
		most = report->rules[i].low > most ? report->rules[i].low : most;
	if (least > 0 && !shown_enough(all - most, least))
		all = 0;
	report->now.clients = least > 0 ? (double)two_digits(all) : all;
}

int report_find_suspects(struct trends_report *report, struct trends *trends, struct why *why)
{
	struct history *history;
	struct why no_history;
	uint64_t end = (report->question.period.last + 1) * DAY_S, all = report->now.blocked + report->now.logged;
	double many = clients_of_rank(report, MANY_CLIENTS_RANK), clients = 0;
	int status = count_clients(report, trends, &clients, why);
	if (status != 0)
		return status;
	tell_clients(report, clients);
	if (history_open(&history, report->question.state, false, &no_history) != 0)
		history_close(&history);
	for (size_t i = 0; i < report->rule_count; i++) {
		struct report_rule *rule = &report->rules[i];
		bool much = rule->hits * 100 >= all * MUCH_PERCENT || rule->low >= many;
		if (!much && !rule->new)
			continue;
		rule->listed_at = find_listing(history, rule);
		if (much && rule->listed_at > 0 && rule->listed_at <= end && rule->listed_at + YOUNG_S >= end)
			rule->suspicion = suspicion_of(report, rule, clients);
	}
	history_close(&history);
	return 0;
}
