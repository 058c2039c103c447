/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync status --json`. */
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/status/status.h"
#include "feedsync/status/status_private.h"
#include "feedsync/status/status_promotion.h"
#include "feedsync/trends/period.h"
#include "libweir/version.h"

static struct node *table_json(const struct report *r)
{
	struct node *table = node_object();
	node_put(table, "path", node_from_text(r->config->table));
	if (r->table) {
		const struct weir_header *header = table_header(r->table);
		node_put(table, "generation", node_from_number(header->generation));
		node_put(table, "created", node_from_number(header->created));
		node_put(table, "rules", node_from_number(header->rules));
		node_put(table, "octets", node_from_number(table_octets(r->table)));
	} else {
		node_put(table, "error", node_from_text(r->why.text));
		node_put(table, "error_class", node_from_text(error_class_word(r->table_error)));
	}
	return table;
}

static struct node *record_json(const struct last_run *record)
{
	struct node *node = node_object();
	bool known = record->at > 0 || record->error[0] == '\0';
	node_put(node, "at", known ? node_from_number(record->at) : node_from_text(NULL));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	return node;
}

static struct node *hold_json(const struct hold *hold)
{
	if (!hold->held)
		return node_from_text(NULL);
	if (hold->why.text[0] == '\0')
		return hold_to_json(hold);
	struct node *node = node_object();
	node_put(node, "error", node_from_text(hold->why.text));
	return node;
}

/* A feed that cannot be read is shown with the reason alone. */
static struct node *feed_json(const struct report *r, size_t number)
{
	const struct feed *feed = &r->feeds[number];
	enum condition condition = r->feed_state[number];
	struct node *node = feed->unread ? node_object() : feed_to_json(feed);
	if (feed->unread) {
		node_put(node, "error", node_from_text(feed->record.error));
		node_put(node, "error_class", node_from_text(error_class_word(feed->record.error_class)));
	}
	node_put(node, "name", node_from_text(feed->config->name));
	node_put(node, "well", node_from_bool(condition == CONDITION_WELL));
	node_put(node, "trouble", node_from_text(condition == CONDITION_WELL ? "" : condition_row(condition)->word));
	return node;
}

static void add_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	struct node *list = context;
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		if (count[a] == 0)
			continue;
		struct node *node = node_object();
		node_put(node, "feed", node_from_text(feed));
		node_put(node, "category", node_from_text(category));
		node_put(node, "action", node_from_text(action_text(a)));
		node_put(node, "count", node_from_number(count[a]));
		node_append(list, node);
	}
}

static void add_group(void *context, const char *group, uint64_t passed)
{
	if (passed > 0)
		node_put(context, group, node_from_number(passed));
}

static void put_hits(const struct report *r, const struct counters_snapshot *resolver, struct node *node)
{
	struct node *hits = node_array(), *passed = node_object();
	struct hits_reader *reader;
	int status = report_hits(r, resolver, &reader);
	if (status == 0)
		status = hits_each_source(reader, add_source, hits);
	if (status == 0)
		status = hits_each_group(reader, add_group, passed);
	if (status != 0) {
		node_put(node, "hits_error", node_from_text(error_text(status)));
		node_put(node, "hits_error_class", node_from_text(error_class_word(error_class_from_code(status))));
	}
	hits_close(&reader);
	node_put(node, "hits", hits);
	node_put(node, "passed", passed);
}

static struct node *resolver_json(const struct report *r, size_t number)
{
	const struct counters_snapshot *resolver = &r->resolvers[number];
	const struct counters_state *s = &resolver->state;
	struct node *node = node_object(), *counters = node_object();
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		node_put(counters, counter_key(c), node_from_number(resolver->count[c]));
	node_put(node, "pid", node_from_number((uint64_t)resolver->pid));
	node_put(node, "name", node_from_text(resolver->name));
	node_put(node, "elsewhere", node_from_bool(resolver->elsewhere));
	node_put(node, "newer", node_from_bool(resolver->newer));
	node_put(node, "format_oldest", node_from_number(resolver->format_oldest));
	node_put(node, "format_newest", node_from_number(resolver->format_newest));
	node_put(node, "well", node_from_bool(r->resolver_state[number] == CONDITION_WELL));
	node_put(node, "alive", node_from_bool(resolver->alive));
	node_put(node, "active", node_from_bool(s->active));
	node_put(node, "bypass_until", node_from_number(s->bypass_until));
	node_put(node, "processes", node_from_bool(s->processes));
	node_put(node, "release", node_from_text(s->release));
	node_put(node, "misplaced", node_from_bool(s->misplaced));
	node_put(node, "table", node_from_text(s->table));
	node_put(node, "file", node_from_text(s->file));
	node_put(node, "trouble", node_from_text(s->trouble));
	node_put(node, "trouble_at", node_from_number(s->trouble_at));
	node_put(node, "spare_trouble", node_from_text(s->spare_trouble));
	node_put(node, "generation", node_from_number(s->generation));
	node_put(node, "rules", node_from_number(s->rules));
	node_put(node, "octets", node_from_number(s->table_octets));
	node_put(node, "loaded_at", node_from_number(s->loaded_at));
	node_put(node, "load_us", node_from_number(s->load_us));
	node_put(node, "loads", node_from_number(s->loads));
	node_put(node, "refused", node_from_number(s->refused));
	node_put(node, "refused_reason", node_from_text(s->refused_reason));
	node_put(node, "scrubs", node_from_number(s->scrubs));
	node_put(node, "scrub_walked", node_from_number(s->scrub_walked));
	node_put(node, "scrub_evicted", node_from_number(s->scrub_evicted));
	node_put(node, "scrub_last_us", node_from_number(s->scrub_last_us));
	node_put(node, "scrub_generation", node_from_number(s->scrub_generation));
	node_put(node, "counters", counters);
	put_hits(r, resolver, node);
	return node;
}

static struct node *unprotected_json(const struct report *r)
{
	struct node *list = node_array();
	for (size_t i = 0; i < r->unprotected_count; i++) {
		const struct unprotected *u = &r->unprotected[i];
		struct node *node = node_object();
		node_put(node, "pid", node_from_number((uint64_t)u->pid));
		node_put(node, "certain", node_from_bool(u->certain));
		node_put(node, "error", node_from_text(u->reason));
		node_put(node, "error_class", node_from_text(error_class_word(ERROR_MODULE)));
		node_append(list, node);
	}
	return list;
}

static struct node *finding_json(const struct finding *finding)
{
	char next[NEXT_TEXT];
	const struct condition_row *row = condition_row(finding->condition);
	struct node *node = node_object();
	node_put(node, "condition", node_from_text(row->key));
	node_put(node, "word", node_from_text(row->word));
	node_put(node, "impact", node_from_text(impact_text(row->impact)));
	node_put(node, "subject", node_from_text(finding->subject));
	node_put(node, "detail", node_from_text(finding->detail));
	node_put(node, "meaning", node_from_text(row->meaning));
	node_put(node, "next", node_from_text(report_next(finding, next)));
	return node;
}

static struct node *guard_json(const struct report *r)
{
	struct node *list = node_array();
	for (size_t i = 0; i < r->guard_trouble_count; i++) {
		const struct list_trouble *trouble = &r->guard_troubles[i];
		struct node *node = node_object();
		node_put(node, "error", node_from_text(trouble->why.text));
		node_put(node, "error_class", node_from_text(error_class_word(trouble->class)));
		node_put(node, "stands_in", node_from_bool(trouble->stands_in));
		node_put(node, "since", node_from_number(trouble->since));
		node_append(list, node);
	}
	return list;
}

static struct node *output_json(const struct report *r, size_t number)
{
	const struct output *output = &r->config->outputs[number];
	const struct output_record *record = &r->outputs[number];
	struct node *node = node_object();
	node_put(node, "name", node_from_text(output->name));
	node_put(node, "format", node_from_text(output->format));
	node_put(node, "to", node_from_text(output->to));
	node_put(node, "tlp", node_from_text(tlp_text(output->ceiling)));
	node_put(node, "well", node_from_bool(r->output_state[number] == CONDITION_WELL));
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "serial", node_from_number(record->serial));
	node_put(node, "released_at", node_from_number(record->at));
	node_put(node, "items", node_from_number(record->items));
	node_put(node, "withheld", withheld_json(record->withheld));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "sha256", node_from_text(record->sum));
	node_put(node, "chain", node_from_text(record->chain));
	return node;
}

static struct node *outputs_json(const struct report *r)
{
	struct node *list = node_array();
	for (size_t i = 0; i < r->config->output_count; i++)
		node_append(list, output_json(r, i));
	return list;
}

static struct node *partner_json(const struct report *r, size_t number)
{
	const struct partner *partner = &r->config->partners[number];
	const struct sighting_record *record = &r->sightings[number];
	const struct sighting_counts *counts = &record->counts;
	char url[PARTNER_WHERE], day[PERIOD_TEXT];
	struct node *node = node_object();
	node_put(node, "name", node_from_text(partner->name));
	node_put(node, "to", node_from_text(partner->to));
	node_put(node, "url", node_from_text(partner->url ? partner_where(partner, url) : NULL));
	node_put(node, "directory", node_from_text(partner->directory));
	node_put(node, "well", node_from_bool(r->sighting_state[number] == CONDITION_WELL));
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "sent_at", node_from_number(record->sent_at));
	node_put(node, "next_at", node_from_number(record->next_at));
	node_put(node, "day",
		node_from_text(counts->day > 0 ? period_text((struct period){counts->day, counts->day}, day) : NULL));
	node_put(node, "found", node_from_number(counts->found));
	node_put(node, "withheld", withheld_json(counts->withheld));
	node_put(node, "pending", node_from_number(counts->pending));
	for (enum sighting_state state = SIGHTING_PENDING + 1; state < SIGHTING_STATES; state++)
		node_put(node, sighting_state_text(state), node_from_number(counts->ended[state]));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	return node;
}

static struct node *channel_json(const struct report *r, size_t number)
{
	const struct channel *channel = &r->config->channels[number];
	const struct channel_record *record = &r->channels[number];
	struct node *node = node_object();
	node_put(node, "name", node_from_text(channel->name));
	node_put(node, "to", node_from_text(channel->to));
	node_put(node, "well", node_from_bool(r->channel_state[number] == CONDITION_WELL));
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "serial", node_from_number(record->serial));
	node_put(node, "published_at", node_from_number(record->at));
	node_put(node, "expires_at", node_from_number(record->expires));
	node_put(node, "generation", node_from_number(record->generation));
	node_put(node, "rules", node_from_number(record->rules));
	node_put(node, "sha256", node_from_text(record->sha256));
	node_put(node, "octets", node_from_number(record->octets));
	node_put(node, "deltas", node_from_number(record->deltas));
	node_put(node, "smallest_delta", node_from_number(record->smallest));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "promotion", promotion_json(r, number));
	return node;
}

static struct node *partners_json(const struct report *r)
{
	struct node *list = node_array();
	for (size_t i = 0; i < r->config->partner_count; i++)
		node_append(list, partner_json(r, i));
	return list;
}

static struct node *channels_json(const struct report *r)
{
	struct node *list = node_array();
	for (size_t i = 0; i < r->config->channel_count; i++)
		node_append(list, channel_json(r, i));
	return list;
}

void status_json(const struct report *r)
{
	struct node *root = json_answer(), *feeds = node_array(), *resolvers = node_array(), *conditions = node_array();
	char verdict[VERDICT_TEXT];
	report_verdict(r, verdict);
	for (size_t i = 0; i < r->finding_count; i++)
		node_append(conditions, finding_json(&r->findings[i]));
	for (size_t i = 0; i < r->config->feed_count; i++)
		node_append(feeds, feed_json(r, i));
	for (size_t i = 0; i < r->resolver_count; i++)
		node_append(resolvers, resolver_json(r, i));
	node_put(root, "now", node_from_number(r->now));
	node_put(root, "well", node_from_bool(r->finding_count == 0));
	node_put(root, "verdict", node_from_text(verdict));
	node_put(root, "conditions", conditions);
	node_put(root, "version", node_from_text(weir_release));
	node_put(root, "configuration",
		node_from_text(r->config->copied_at > 0 ? "broken"
			       : r->outdated            ? "outdated"
			       : r->edited              ? "edited"
							: "in use"));
	node_put(root, "clock_error", node_from_text(r->doubt));
	node_put(root, "last_run", record_json(&r->record));
	node_put(root, "pull", status_pull_json(r));
	node_put(root, "bypass", bypass_file_to_json(&r->bypass));
	node_put(root, "hold", hold_json(&r->hold));
	node_put(root, "history_error", node_from_text(r->history.text));
	node_put(root, "trends_error", node_from_text(r->trends.text));
	node_put(root, "guard", guard_json(r));
	node_put(root, "table", table_json(r));
	node_put(root, "feeds", feeds);
	node_put(root, "outputs", outputs_json(r));
	node_put(root, "sightings", partners_json(r));
	node_put(root, "channels", channels_json(r));
	struct node *items = node_array();
	operator_append_json(items, &r->config->operator_lists, r->now);
	operator_append_json(items, &r->overrides.lists, r->now);
	node_put(root, "operator", items);
	node_put(root, "resolvers", resolvers);
	node_put(root, "unprotected", unprotected_json(r));
	json_show(root);
	node_free(root);
}
