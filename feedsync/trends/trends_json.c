/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/json.h"
#include "feedsync/trends/trends_print.h"

static struct node *percent_node(bool known, double percent)
{
	return known ? node_from_real(percent) : node_from_text(NULL);
}

static struct node *change_node(uint64_t before, uint64_t now)
{
	double percent;
	bool known = change_percent(before, now, &percent);
	return percent_node(known, percent);
}

static struct node *period_node(struct period period, const struct report_period *sums)
{
	char text[PERIOD_TEXT];
	double percent;
	bool known = blocked_percent(sums, &percent);
	struct node *node = node_object();
	node_put(node, "period", node_from_text(period_text(period, text)));
	node_put(node, "days", node_from_number(sums->days));
	node_put(node, "blocked", node_from_number(sums->blocked));
	node_put(node, "logged", node_from_number(sums->logged));
	node_put(node, "whole", node_from_bool(sums->whole));
	node_put(node, "unattributed", node_from_number(sums->unattributed));
	node_put(node, "lost_minutes", node_from_number(sums->lost_minutes));
	node_put(node, "queries", sums->queries_known ? node_from_number(sums->queries) : node_from_text(NULL));
	node_put(node, "blocked_percent", percent_node(known, percent));
	node_put(node, "further", node_from_number(sums->further));
	node_put(node, "further_hits", node_from_number(sums->further_hits));
	return node;
}

static struct node *sums_node(const struct sum_list *list)
{
	struct node *node = node_array();
	for (size_t i = 0; i < list->count; i++) {
		const struct report_sum *sum = &list->sum[i];
		struct node *one = node_object();
		node_put(one, "name", node_from_text(sum->name[0] ? sum->name : NULL));
		node_put(one, "logged", node_from_bool(sum->logged));
		node_put(one, "hits", node_from_number(sum->hits));
		node_put(one, "before", node_from_number(sum->before));
		node_put(one, "change_percent", change_node(sum->before, sum->hits));
		node_put(one, "names", node_from_number(sum->names));
		node_put(one, "further", node_from_number(sum->further));
		node_append(node, one);
	}
	return node;
}

static struct node *hours_node(const struct trends_report *report)
{
	struct node *node = node_array();
	for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++)
		node_append(node, node_from_number(report->hours[hour]));
	return node;
}

static void append_feed(void *context, const char *feed)
{
	node_append(context, node_from_text(feed));
}

static struct node *rule_node(const struct trends_report *report, const struct report_rule *rule)
{
	struct node *node = node_object(), *feeds = node_array(), *suspect = node_array();
	report_each_feed(report, rule, append_feed, feeds);
	for (const struct suspicion_row *row = suspicion_rows; row->key; row++)
		if (rule->suspicion & row->suspicion)
			node_append(suspect, node_from_text(row->key));
	node_put(node, "name", node_from_text(rule->name));
	node_put(node, "scope", node_from_text(scope_text(rule->scope)));
	node_put(node, "category", node_from_text(rule->category));
	node_put(node, "logged", node_from_bool(rule->logged));
	node_put(node, "hits", node_from_number(rule->hits));
	node_put(node, "before", node_from_number(rule->before));
	node_put(node, "change_percent", change_node(rule->before, rule->hits));
	node_put(node, "clients", node_from_number((uint64_t)rule->low));
	node_put(node, "clients_most", node_from_number((uint64_t)rule->high));
	node_put(node, "new", node_from_bool(rule->new));
	node_put(node, "rising", node_from_bool(rule->rising));
	node_put(node, "listed_at", rule->listed_at > 0 ? node_from_number(rule->listed_at) : node_from_text(NULL));
	node_put(node, "suspect", suspect);
	node_put(node, "feeds", feeds);
	return node;
}

struct node *trends_json(const struct trends_report *report)
{
	const struct trends_question *q = &report->question;
	struct node *root = json_answer(), *rules = node_array();
	for (size_t i = 0; i < report->rule_count; i++)
		node_append(rules, rule_node(report, &report->rules[i]));
	node_put(root, "min_clients", node_from_number(q->min_clients));
	node_put(root, "now", period_node(q->period, &report->now));
	node_put(root, "before", period_node(q->against, &report->before));
	node_put(root, "names", node_from_number(report->now.names));
	node_put(root, "clients",
		report->now.clients > 0 ? node_from_number((uint64_t)report->now.clients) : node_from_text(NULL));
	node_put(root, "earlier_known", node_from_bool(report->earlier_known));
	node_put(root, "categories", sums_node(&report->categories));
	node_put(root, "feeds", sums_node(&report->feeds));
	node_put(root, "actions", sums_node(&report->actions));
	node_put(root, "groups", sums_node(&report->groups));
	node_put(root, "hours", hours_node(report));
	node_put(root, "rules", rules);
	return root;
}
