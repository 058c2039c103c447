/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/summary.h"

#include "feedsync/base/json.h"
#include "feedsync/config/shown_names.h"
#include "libweir/version.h"

static struct node *shown_text(const struct view *view, const char *text)
{
	char shown[1024];
	return node_from_text(view_message(view, text, shown, sizeof shown));
}

static struct node *conditions_summary(const struct view *view)
{
	struct node *list = node_array();
	for (size_t i = 0; i < view->report.finding_count; i++) {
		const struct finding *finding = &view->report.findings[i];
		const struct condition_row *row = condition_row(finding->condition);
		char next[NEXT_TEXT];
		struct node *node = node_object();
		node_put(node, "condition", node_from_text(row->key));
		node_put(node, "word", node_from_text(row->word));
		node_put(node, "impact", node_from_text(impact_text(row->impact)));
		node_put(node, "subject", shown_text(view, finding->subject));
		node_put(node, "meaning", node_from_text(row->meaning));
		node_put(node, "next", shown_text(view, report_next(finding, next)));
		node_append(list, node);
	}
	return list;
}

static struct node *table_summary(const struct view *view)
{
	if (!view->report.table)
		return node_from_text(NULL);
	const struct weir_header *header = table_header(view->report.table);
	struct node *node = node_object();
	node_put(node, "generation", node_from_number(header->generation));
	node_put(node, "created", node_from_number(header->created));
	node_put(node, "rules", node_from_number(header->rules));
	node_put(node, "octets", node_from_number(table_octets(view->report.table)));
	return node;
}

static struct node *feeds_summary(const struct view *view)
{
	struct node *list = node_array();
	for (size_t i = 0; i < view->report.config->feed_count; i++) {
		const struct feed *feed = &view->report.feeds[i];
		const struct condition_row *row = condition_row(view->report.feed_state[i]);
		char name[SHOWN_NAME];
		struct node *node = node_object();
		node_put(node, "name", node_from_text(shown_feed(view->report.config, i, name)));
		node_put(node, "condition", node_from_text(row->key));
		if (!feed->unread) {
			node_put(node, "entries", node_from_number(feed->record.parsed.counts.entries));
			node_put(node, "rejected", node_from_number(counts_rejected(&feed->record.parsed.counts)));
			node_put(node, "current_at", node_from_number(feed->record.current_at));
			node_put(node, "changed_at", node_from_number(feed->record.changed_at));
		}
		node_append(list, node);
	}
	return list;
}

static struct node *resolvers_summary(const struct view *view)
{
	struct node *list = node_array();
	for (size_t i = 0; i < view->report.resolver_count; i++) {
		const struct counters_snapshot *resolver = &view->report.resolvers[i];
		struct node *node = node_object();
		node_put(node, "number", node_from_number(view_resolver(view, i)));
		node_put(node, "condition", node_from_text(condition_row(view->report.resolver_state[i])->key));
		node_put(node, "generation", node_from_number(resolver->state.generation));
		node_put(node, "loaded_at", node_from_number(resolver->state.loaded_at));
		node_put(node, "blocked", node_from_number(tally_blocked(resolver)));
		node_append(list, node);
	}
	return list;
}

static struct node *hours_summary(const struct view *view)
{
	struct node *list = node_array();
	for (size_t i = 0; i < view->tally.hour_count; i++) {
		struct node *node = node_object();
		node_put(node, "begin", node_from_number(view->tally.hour[i].begin));
		node_put(node, "blocked", node_from_number(view->tally.hour[i].blocked));
		node_append(list, node);
	}
	return list;
}

struct node *summary_json(const struct view *view)
{
	struct node *root = node_object();
	node_put(root, "version", node_from_text(weir_release));
	node_put(root, "now", node_from_number(view->report.now));
	node_put(root, "well", node_from_bool(view->report.finding_count == 0));
	node_put(root, "conditions", conditions_summary(view));
	node_put(root, "last_run", node_from_number(view->report.record.at));
	node_put(root, "table", table_summary(view));
	node_put(root, "feeds", feeds_summary(view));
	node_put(root, "resolvers", resolvers_summary(view));
	node_put(root, "blocked_per_hour", hours_summary(view));
	return root;
}
