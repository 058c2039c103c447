#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "feed.h"
#include "history.h"
#include "hits.h"
#include "hold.h"
#include "json.h"
#include "limits.h"
#include "log.h"
#include "memory.h"
#include "resolvers.h"
#include "sync.h"
#include "table.h"

struct report {
	const struct config *config;
	struct feed *feeds;
	struct table *table; /* NULL: see why */
	struct why why;
	struct sync_record record; /* of the last run */
	bool running;              /* a run may be under way */
	struct hold hold;
	struct why history; /* what is wrong with the log, or "" */
	struct counters_snapshot *resolvers;
	size_t resolver_count;
	uint64_t now;
};

/* Whether what is published is in the log. Before the first run there is none; a run logs at its end. */
static void check_history(struct report *r)
{
	struct history *history = NULL;
	uint64_t generation = r->table ? table_header(r->table)->generation : 0;
	if (r->record.at == 0 || (!r->record.ended && r->running) || generation == 0)
		return;
	int status = history_open(&history, r->config->state, false, &r->history);
	if (status == 0)
		status = history_has(history, generation, &r->history);
	if (status == 0)
		why_set(&r->history, 0, "generation %llu is not in it; the last run's messages say why",
			(unsigned long long)generation);
	history_close(&history);
}

static void gather(struct report *r, const struct config *config)
{
	*r = (struct report){.config = config, .now = (uint64_t)time(NULL)};
	r->feeds = need_memory(config->feed_count, sizeof *r->feeds);
	for (size_t i = 0; i < config->feed_count; i++)
		feed_begin(&r->feeds[i], &config->feeds[i], config->state);
	if (table_open(&r->table, config->table, &r->why) != 0)
		r->table = NULL;
	sync_read_record(&r->record, config->state);
	r->running = sync_is_running(config->state);
	hold_read(&r->hold, config->state);
	check_history(r);
	r->resolvers = resolvers_find(config->run, &r->resolver_count);
}

static void release(struct report *r)
{
	for (size_t i = 0; i < r->config->feed_count; i++)
		feed_end(&r->feeds[i]);
	free(r->feeds);
	free(r->resolvers);
	table_close(&r->table);
}

enum { ONE_DAY = 24 * 3600 };

/* What keeps a feed from being well; "" if nothing does. `run` asks for each feed in its interval; who runs `sync` by a
 * timer of his own may do so once a day. */
static const char *feed_trouble(const struct report *r, const struct feed *feed)
{
	uint64_t old = (uint64_t)feed->config->interval_s * 3 + FETCH_TIMEOUT_S;
	if (!r->record.resident && old < ONE_DAY + ONE_DAY / 12)
		old = ONE_DAY + ONE_DAY / 12;
	if (feed->alarm != ALARM_NONE)
		return "ALARM";
	if (feed->failures > 0 || feed->current_at == 0)
		return "FAILING";
	if (feed->current_at + old < r->now)
		return "STALE";
	if (feed->tally.entries == 0 && !feed->config->own)
		return "EMPTY";
	return "";
}

static bool feed_well(const struct report *r, const struct feed *feed)
{
	return feed_trouble(r, feed)[0] == '\0';
}

/* A resolver may read its table under another name than feedsync (a chroot, a copy): only one that reads the same path
 * can be compared. */
static bool resolver_well(const struct report *r, const struct counters_snapshot *resolver)
{
	if (!resolver->alive || !resolver->state.active)
		return false;
	return !r->table || strcmp(resolver->state.table, r->config->table) != 0 ||
	       resolver->state.generation == table_header(r->table)->generation;
}

/* A run that has not ended is under way, or it has died. */
static bool run_well(const struct report *r)
{
	return r->record.error[0] == '\0' || (!r->record.ended && r->running);
}

static bool all_well(const struct report *r)
{
	bool well = r->table && run_well(r) && (!r->config->run || r->resolver_count > 0);
	well &= !r->hold.held && r->history.text[0] == '\0';
	for (size_t i = 0; i < r->config->feed_count; i++)
		well &= feed_well(r, &r->feeds[i]);
	for (size_t i = 0; i < r->resolver_count; i++)
		well &= resolver_well(r, &r->resolvers[i]);
	return well;
}

/* ---- words ---- */

/* "3 min". */
static const char *span(uint64_t from, uint64_t to, char text[32])
{
	uint64_t s = to > from ? to - from : 0;
	if (s < 120)
		snprintf(text, 32, "%llu s", (unsigned long long)s);
	else if (s < 7200)
		snprintf(text, 32, "%llu min", (unsigned long long)s / 60);
	else if (s < 172800)
		snprintf(text, 32, "%llu h", (unsigned long long)s / 3600);
	else
		snprintf(text, 32, "%llu days", (unsigned long long)s / 86400);
	return text;
}

const char *ago_text(uint64_t now, uint64_t then, char text[32])
{
	if (then == 0)
		return "never";
	span(then, now, text);
	size_t length = strlen(text);
	snprintf(text + length, 32 - length, " ago");
	return text;
}

static const char *ago(const struct report *r, uint64_t then, char text[32])
{
	return ago_text(r->now, then, text);
}

static void print_feed(const struct report *r, const struct feed *feed)
{
	char current[32], changed[32];
	const char *trouble = feed_trouble(r, feed);
	printf("feed %s: %s, current %s, changed %s, %llu entries, %llu not used\n", feed->config->name,
		trouble[0] ? trouble : "well", ago(r, feed->current_at, current), ago(r, feed->changed_at, changed),
		(unsigned long long)feed->tally.entries, (unsigned long long)tally_rejected(&feed->tally));
	if (feed->error[0])
		printf("  last attempt: %s\n", feed->error);
	if (feed->next_at > 0 && r->running)
		printf("  asked again in %s\n", span(r->now, feed->next_at, current));
	if (feed_wait(feed) > 0)
		printf("  its server asks to be left alone for another %llu s\n", (unsigned long long)feed_wait(feed));
	if (feed->failures > 1)
		printf("  failed %llu times in a row\n", (unsigned long long)feed->failures);
	for (enum reject reject = 0; reject < REJECT_COUNT; reject++)
		if (feed->tally.rejected[reject] > 0)
			printf("  not used: %llu, %s\n", (unsigned long long)feed->tally.rejected[reject],
				reject_text(reject));
	for (unsigned i = 0; i < feed->tally.sample_count; i++)
		printf("  for example %s: %s\n", feed->tally.sample[i].text, reject_text(feed->tally.sample[i].reject));
}

static void print_resolver(const struct report *r, const struct counters_snapshot *resolver)
{
	const struct counters_state *s = &resolver->state;
	char when[32];
	if (!resolver->alive)
		printf("resolver %ld: GONE without a word, no other has come in its place; at its end:\n",
			(long)resolver->pid);
	if (s->active)
		printf("resolver %ld: %s, generation %llu of %s, loaded %s in %llu ms\n", (long)resolver->pid,
			resolver_well(r, resolver) ? "well"
			: resolver->alive          ? "ANOTHER GENERATION"
						   : "gone",
			(unsigned long long)s->generation, s->table, ago(r, s->loaded_at, when),
			(unsigned long long)s->load_us / 1000);
	else
		printf("resolver %ld: NOTHING IS BLOCKED, no table from %s\n", (long)resolver->pid, s->table);
	if (s->refused > 0)
		printf("  tables refused: %llu, the last %s: %s\n", (unsigned long long)s->refused,
			ago(r, s->refused_at, when), s->refused_reason);
	printf(" ");
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		printf(" %s %llu", counter_key(c), (unsigned long long)resolver->count[c]);
	printf("\n  cache walks %llu, messages seen %llu, taken out %llu, the last walk took %llu ms\n",
		(unsigned long long)s->scrubs, (unsigned long long)s->scrub_walked,
		(unsigned long long)s->scrub_evicted, (unsigned long long)s->scrub_last_us / 1000);
}

/* ---- hits ---- */

/* Opens the hits of a resolver, or returns NULL. */
static struct hits_reader *open_hits(const struct report *r, const struct counters_snapshot *resolver)
{
	char path[4096];
	struct hits_reader *reader = NULL;
	snprintf(path, sizeof path, "%s/%ld.hits", r->config->run, (long)resolver->pid);
	return hits_open(&reader, path) == 0 ? reader : NULL;
}

static void print_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	(void)context;
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (count[a] > 0)
			printf("  %s %llu: feed %s, category %s\n", action_text(a), (unsigned long long)count[a], feed,
				category);
}

static void print_group(void *context, const char *group, uint64_t passed)
{
	(void)context;
	if (passed > 0)
		printf("  passed %llu: group %s\n", (unsigned long long)passed, group);
}

static void print_hits(const struct report *r, const struct counters_snapshot *resolver)
{
	struct hits_reader *reader = open_hits(r, resolver);
	if (reader &&
		(hits_each_source(reader, print_source, NULL) != 0 || hits_each_group(reader, print_group, NULL) != 0))
		printf("  the hits cannot be read\n");
	hits_close(&reader);
}

static void print_provenance(const struct report *r)
{
	char text[256], when[32];
	hold_text(&r->hold, text);
	if (r->hold.held)
		printf("HELD%s, %s: nothing new is published until `feedsync resume`\n", text,
			ago(r, r->hold.at, when));
	if (r->history.text[0])
		printf("history: NOT COMPLETE: %s\n", r->history.text);
}

static void print_words(const struct report *r)
{
	char when[32];
	if (r->table)
		printf("table %s: generation %llu, made %s, %llu rules, %llu octets\n", r->config->table,
			(unsigned long long)table_header(r->table)->generation,
			ago(r, table_header(r->table)->created, when),
			(unsigned long long)table_header(r->table)->rules, (unsigned long long)table_bytes(r->table));
	else
		printf("table %s: NONE: %s\n", r->config->table, r->why.text);
	printf("last run %s%s%s%s\n", ago(r, r->record.at, when), run_well(r) ? "" : ", PUBLISHED NOTHING",
		r->record.error[0] ? ": " : "", r->record.error);
	print_provenance(r);
	for (size_t i = 0; i < r->config->feed_count; i++)
		print_feed(r, &r->feeds[i]);
	operator_print(&r->config->operator_lists, r->now);
	for (size_t i = 0; i < r->resolver_count; i++) {
		print_resolver(r, &r->resolvers[i]);
		print_hits(r, &r->resolvers[i]);
	}
	if (r->config->run && r->resolver_count == 0)
		printf("NO RESOLVER has live counters in %s (\"run: none\" where there is to be none)\n",
			r->config->run);
}

/* ---- JSON ---- */

static struct node *table_json(const struct report *r)
{
	struct node *table = node_object();
	node_put(table, "path", node_from_text(r->config->table));
	if (r->table) {
		const struct weir_header *header = table_header(r->table);
		node_put(table, "generation", node_from_number(header->generation));
		node_put(table, "created", node_from_number(header->created));
		node_put(table, "rules", node_from_number(header->rules));
		node_put(table, "octets", node_from_number(table_bytes(r->table)));
	} else {
		node_put(table, "error", node_from_text(r->why.text));
	}
	return table;
}

static struct node *record_json(const struct sync_record *record)
{
	struct node *node = node_object();
	node_put(node, "at", node_from_number(record->at));
	node_put(node, "error", node_from_text(record->error));
	return node;
}

static struct node *hold_json(const struct hold *hold)
{
	if (!hold->held)
		return node_from_text(NULL);
	struct node *node = node_object();
	node_put(node, "generation", node_from_number(hold->generation));
	node_put(node, "content_of", node_from_number(hold->content_of));
	node_put(node, "at", node_from_number(hold->at));
	node_put(node, "user", node_from_text(hold->user));
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
	struct hits_reader *reader = open_hits(r, resolver);
	if (reader &&
		(hits_each_source(reader, add_source, hits) != 0 || hits_each_group(reader, add_group, passed) != 0))
		log_warning("resolver %ld: the hits cannot be read", (long)resolver->pid);
	hits_close(&reader);
	node_put(node, "hits", hits);
	node_put(node, "passed", passed);
}

static struct node *resolver_json(const struct report *r, const struct counters_snapshot *resolver)
{
	const struct counters_state *s = &resolver->state;
	struct node *node = node_object(), *counters = node_object();
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		node_put(counters, counter_key(c), node_from_number(resolver->count[c]));
	node_put(node, "pid", node_from_number((uint64_t)resolver->pid));
	node_put(node, "well", node_from_bool(resolver_well(r, resolver)));
	node_put(node, "alive", node_from_bool(resolver->alive));
	node_put(node, "active", node_from_bool(s->active));
	node_put(node, "table", node_from_text(s->table));
	node_put(node, "generation", node_from_number(s->generation));
	node_put(node, "rules", node_from_number(s->rules));
	node_put(node, "octets", node_from_number(s->table_bytes));
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

static void print_json(const struct report *r)
{
	struct node *root = node_object(), *feeds = node_array(), *resolvers = node_array();
	for (size_t i = 0; i < r->config->feed_count; i++) {
		struct node *feed = feed_to_json(&r->feeds[i]);
		node_put(feed, "name", node_from_text(r->feeds[i].config->name));
		node_put(feed, "well", node_from_bool(feed_well(r, &r->feeds[i])));
		node_append(feeds, feed);
	}
	for (size_t i = 0; i < r->resolver_count; i++)
		node_append(resolvers, resolver_json(r, &r->resolvers[i]));
	node_put(root, "now", node_from_number(r->now));
	node_put(root, "well", node_from_bool(all_well(r)));
	node_put(root, "last_run", record_json(&r->record));
	node_put(root, "hold", hold_json(&r->hold));
	node_put(root, "history_error", node_from_text(r->history.text));
	node_put(root, "table", table_json(r));
	node_put(root, "feeds", feeds);
	node_put(root, "operator", operator_to_json(&r->config->operator_lists, r->now));
	node_put(root, "resolvers", resolvers);
	char *text = json_print(root);
	if (text)
		fputs(text, stdout);
	else
		log_error("out of memory");
	free(text);
	node_free(root);
}

int status_print(const struct config *config, bool json)
{
	struct report report;
	gather(&report, config);
	if (json)
		print_json(&report);
	else
		print_words(&report);
	int code = all_well(&report) ? 0 : 1;
	release(&report);
	return code;
}
