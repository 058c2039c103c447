/* SPDX-License-Identifier: BSD-3-Clause */
/* On which days enough clients asked for what a rule over the name lists, so that it may be told (shown_day.h). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/trends/period.h"
#include "feedsync/trends/shown_day.h"
#include "feedsync/trends/trends_report.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"

enum { MAX_HIT_DAYS = 32 };

/* The days on which a rule over the name was hit at all: only these are looked at. */
struct hit_days {
	uint64_t first;
	bool hit[MAX_HIT_DAYS];
};

static void note_hit_day(void *context, const struct trends_rule *rule)
{
	struct hit_days *days = context;
	if (rule->day >= days->first && rule->day - days->first < MAX_HIT_DAYS)
		days->hit[rule->day - days->first] = true;
}

static const char *name_above(const struct why_query *q, unsigned label, char name[NAME_MAX_TEXT])
{
	name_to_text(q->wire + q->labels.offset[label], q->length - q->labels.offset[label], name);
	return name;
}

static bool is_rule_over(const struct why_query *q, const struct shown_rule *rule)
{
	name_storage wire;
	bool above;
	int length = name_from_text(rule->name, strlen(rule->name), wire);
	return length > 0 && covers_question(q, wire, (size_t)length, &above) &&
	       (!above || rule->scope == SCOPE_SUBTREE);
}

static void append_hits(struct node *list, uint64_t day, const struct shown_rule *rule)
{
	char text[PERIOD_TEXT];
	struct node *node = node_object();
	node_put(node, "day", node_from_text(period_text((struct period){day, day}, text)));
	node_put(node, "rule", node_from_text(rule->name));
	node_put(node, "scope", node_from_text(scope_text(rule->scope)));
	node_put(node, "category", node_from_text(rule->category));
	node_put(node, "action", node_from_text(action_text(rule->action)));
	node_put(node, "group", node_from_text(rule->group));
	node_put(node, "hits", node_from_number(two_digits((double)rule->hits)));
	node_put(node, "clients", node_from_number(two_digits(rule->low)));
	node_append(list, node);
}

static int append_day(
	const struct why_query *q, struct trends *trends, uint64_t number, struct node *list, struct why *why)
{
	struct shown_day day;
	int status = shown_day_begin(&day, trends, number, q->config->trends.min_clients, why);
	for (size_t i = 0; status == 0 && i < day.shown_count; i++)
		if (is_rule_over(q, &day.rules[i]))
			append_hits(list, number, &day.rules[i]);
	shown_day_end(&day);
	return status;
}

static int append_days(
	const struct why_query *q, struct trends *trends, unsigned count, struct node *list, struct why *why)
{
	uint64_t last = shown_last_day(wall_now());
	struct hit_days days = {.first = last >= count ? last + 1 - count : 0};
	char name[NAME_MAX_TEXT];
	int status = 0;
	for (unsigned i = 0; status == 0 && i + 1u < q->labels.count; i++)
		status = trends_rules_of_name(
			trends, name_above(q, i, name), days.first, last, note_hit_day, &days, why);
	for (unsigned i = MAX_HIT_DAYS; status == 0 && i-- > 0;)
		if (days.hit[i])
			status = append_day(q, trends, days.first + i, list, why);
	return status;
}

struct node *why_hits(const struct why_query *q, unsigned days)
{
	struct trends *trends;
	struct why why;
	struct node *list = NULL;
	int status = trends_open(&trends, q->config->state, false, &why);
	if (status == 0) {
		list = node_array();
		status = append_days(q, trends, days, list, &why);
	}
	trends_close(&trends);
	if (status != 0 && status != -ENOENT)
		log_error("what was hit cannot be read: %s", why.text);
	return list;
}

static void print_hits_line(const struct node *hits)
{
	char day[PERIOD_TEXT], rule[NAME_MAX_TEXT], action[16];
	node_words_at(hits, "day", day, sizeof day);
	node_words_at(hits, "rule", rule, sizeof rule);
	node_words_at(hits, "action", action, sizeof action);
	printf("  %s  %" PRIu64 " hits, %" PRIu64 " clients, %s, rule %s\n", day, node_number_at(hits, "hits"),
		node_number_at(hits, "clients"), action, rule);
}

void print_hits_of_name(const struct node *hits, unsigned days)
{
	if (!hits)
		return;
	if (node_count(hits) == 0)
		printf("hits: on no day of the last %u did enough clients ask for it to be told\n", days);
	else
		printf("hits of the last %u days, of days on which enough clients asked for it:\n", days);
	for (size_t i = 0; i < node_count(hits); i++)
		print_hits_line(node_at(hits, i));
}
