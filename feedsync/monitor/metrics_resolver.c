/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of each resolver. Its counters begin at 0 with each start of Unbound and each reload: `rate` and `increase`
 * of Prometheus know that. */
#include <string.h>

#include "feedsync/config/shown_names.h"
#include "feedsync/monitor/metrics.h"

static const struct counters_state *state_of(const struct view *view, size_t resolver)
{
	return &view->report.resolvers[resolver].state;
}

/* ---- its table ---- */

static bool gather_active(const struct view *view, size_t resolver, double *value)
{
	*value = state_of(view, resolver)->active && state_of(view, resolver)->bypass_until == 0;
	return true;
}

static bool gather_in_force(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->generation;
	return state_of(view, resolver)->active;
}

static bool gather_outdated(const struct view *view, size_t resolver, double *value)
{
	*value = view->report.resolver_state[resolver] == RESOLVER_OUTDATED;
	return true;
}

static bool gather_loaded(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->loaded_at;
	return state_of(view, resolver)->loaded_at > 0;
}

static bool gather_load(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->load_us / 1e6;
	return state_of(view, resolver)->loads > 0;
}

static bool gather_loads(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->loads;
	return true;
}

static bool gather_refused(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->refused;
	return true;
}

/* ---- its cache ---- */

static bool gather_walk(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->scrub_last_us / 1e6;
	return state_of(view, resolver)->scrubs > 0;
}

static bool gather_walks(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->scrubs;
	return true;
}

static bool gather_walked(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->scrub_walked;
	return true;
}

static bool gather_evicted(const struct view *view, size_t resolver, double *value)
{
	*value = (double)state_of(view, resolver)->scrub_evicted;
	return true;
}

/* ---- what it counts ---- */

static bool gather_count(const struct view *view, size_t resolver, enum counter counter, double *value)
{
	*value = (double)view->report.resolvers[resolver].count[counter];
	return true;
}

static bool gather_queries(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_QUERIES, value);
}

static bool gather_logged(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_LOGGED, value);
}

static bool gather_failed(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_FAILED, value);
}

static bool gather_from_store(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_FROM_STORE, value);
}

static bool gather_stored(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_STORED, value);
}

static bool gather_dropped(const struct view *view, size_t resolver, double *value)
{
	return gather_count(view, resolver, COUNT_EVICTED, value);
}

/* Two counters of each resolver, told apart by a word. */
static void add_two(const struct view *view, struct series_list *series, const char *first_word, enum counter first,
	const char *second_word, enum counter second)
{
	for (size_t i = 0; i < view->report.resolver_count; i++) {
		const struct counters_snapshot *resolver = &view->report.resolvers[i];
		char number[16];
		snprintf(number, sizeof number, "%u", view_resolver(view, i));
		if (view_resolver(view, i) == 0)
			continue;
		series_add(series, (double)resolver->count[first], (const char *[]){number, first_word});
		series_add(series, (double)resolver->count[second], (const char *[]){number, second_word});
	}
}

static void gather_blocked(const struct view *view, struct series_list *series)
{
	add_two(view, series, "name", COUNT_BLOCKED_NAME, "target", COUNT_BLOCKED_TARGET);
}

static void gather_passed(const struct view *view, struct series_list *series)
{
	add_two(view, series, "allow", COUNT_ALLOWED, "group", COUNT_OPTED_OUT);
}

/* ---- hits: by feed, category, action and group ---- */

struct hits_series {
	const struct view *view;
	struct series_list *series;
	char number[16]; /* of the resolver */
};

static void add_verdict_series(
	void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	struct hits_series *hits = context;
	const struct config *config = hits->view->report.config;
	char name[SHOWN_NAME];
	const char *shown = shown_name(config, feed, name), *known = "other";
	enum action usual = ACTION_ALLOW;
	for (size_t i = 0; i < config->category_count; i++)
		if (strcmp(config->categories[i].name, category) == 0) {
			known = category;
			usual = config->categories[i].action;
		}
	/* A series that begins at 0 shows the first hit as one. */
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (count[a] > 0 || (a == usual && a != ACTION_ALLOW))
			series_add(hits->series, (double)count[a],
				(const char *[]){hits->number, shown, known, action_text(a)});
}

static void add_group_series(void *context, const char *group, uint64_t passed)
{
	struct hits_series *hits = context;
	const struct config *config = hits->view->report.config;
	const char *known = "other";
	for (size_t i = 0; i < config->group_count; i++)
		if (strcmp(config->groups[i].name, group) == 0)
			known = group;
	if (passed > 0 || known == group)
		series_add(hits->series, (double)passed, (const char *[]){hits->number, known});
}

static void each_reader(const struct view *view, struct series_list *series,
	int (*read)(struct hits_reader *reader, struct hits_series *hits))
{
	for (size_t i = 0; i < view->report.resolver_count; i++) {
		struct hits_series hits = {.view = view, .series = series};
		struct hits_reader *reader = NULL;
		snprintf(hits.number, sizeof hits.number, "%u", view_resolver(view, i));
		/* One whose hits cannot be read has none here: weir_hits_readable says so. */
		if (view_resolver(view, i) > 0 && report_hits(&view->report, &view->report.resolvers[i], &reader) == 0)
			(void)read(reader, &hits);
		hits_close(&reader);
	}
}

static int read_source_hits(struct hits_reader *reader, struct hits_series *hits)
{
	return hits_each_source(reader, add_verdict_series, hits);
}

static int read_group_hits(struct hits_reader *reader, struct hits_series *hits)
{
	return hits_each_group(reader, add_group_series, hits);
}

static void gather_verdicts(const struct view *view, struct series_list *series)
{
	each_reader(view, series, read_source_hits);
}

static void gather_groups(const struct view *view, struct series_list *series)
{
	each_reader(view, series, read_group_hits);
}

static bool gather_readable(const struct view *view, size_t resolver, double *value)
{
	struct hits_reader *reader;
	*value = report_hits(&view->report, &view->report.resolvers[resolver], &reader) == 0;
	hits_close(&reader);
	return true;
}

static const struct metric rows[] = {
	{"weir_resolver_active", METRIC_GAUGE, "1 if the resolver blocks by a table; 0: it lets everything pass.",
		{"resolver"}, .of_resolver = gather_active},
	{"weir_resolver_generation", METRIC_GAUGE, "Generation of the table that the resolver blocks by.", {"resolver"},
		.of_resolver = gather_in_force},
	{"weir_resolver_behind", METRIC_GAUGE,
		"1 if the resolver reads the published table, and has another one; else 0.", {"resolver"},
		.of_resolver = gather_outdated},
	{"weir_resolver_table_loaded_timestamp_seconds", METRIC_GAUGE, "When the resolver took its table.",
		{"resolver"}, .of_resolver = gather_loaded},
	{"weir_resolver_table_load_seconds", METRIC_GAUGE, "How long the resolver took to read and check its table.",
		{"resolver"}, .of_resolver = gather_load},
	{"weir_resolver_table_loads_total", METRIC_COUNTER, "Tables that the resolver has taken.", {"resolver"},
		.of_resolver = gather_loads},
	{"weir_resolver_tables_refused_total", METRIC_COUNTER, "Table files that the resolver has refused.",
		{"resolver"}, .of_resolver = gather_refused},
	{"weir_cache_walk_seconds", METRIC_GAUGE,
		"From the last change of the table to the end of the walk over the cache.", {"resolver"},
		.of_resolver = gather_walk},
	{"weir_cache_walks_total", METRIC_COUNTER, "Walks over the message cache because of a change.", {"resolver"},
		.of_resolver = gather_walks},
	{"weir_cache_walked_messages_total", METRIC_COUNTER, "Messages looked at in all walks.", {"resolver"},
		.of_resolver = gather_walked},
	{"weir_cache_evicted_messages_total", METRIC_COUNTER, "Messages that walks have taken out of the cache.",
		{"resolver"}, .of_resolver = gather_evicted},
	{"weir_cache_evicted_names_total", METRIC_COUNTER,
		"Names that were looked for in the cache at the end of a query, as they must not be in it.",
		{"resolver"}, .of_resolver = gather_dropped},
	{"weir_queries_total", METRIC_COUNTER,
		"Queries that the module has decided: only those that Unbound's caches did not answer. For a share of "
		"all "
		"queries take unbound_queries_total.",
		{"resolver"}, .of_resolver = gather_queries},
	{"weir_blocked_total", METRIC_COUNTER, "Blocked answers, for the name or for a target that it leads to.",
		{"resolver", "by"}, .each = gather_blocked},
	{"weir_logged_total", METRIC_COUNTER, "Queries that would have been blocked; the action is log.", {"resolver"},
		.of_resolver = gather_logged},
	{"weir_passed_total", METRIC_COUNTER,
		"Queries for listed names that passed, by an allow rule or for the client's group; only those that "
		"Unbound's caches did not answer.",
		{"resolver", "reason"}, .each = gather_passed},
	{"weir_group_passed_total", METRIC_COUNTER, "Queries for listed names that passed for the client's group.",
		{"resolver", "group"}, .each = gather_groups},
	{"weir_verdicts_total", METRIC_COUNTER,
		"Blocked and logged queries. One that several feeds list is counted for each of them: add up "
		"weir_blocked_total instead.",
		{"resolver", "feed", "category", "action"}, .each = gather_verdicts},
	{"weir_answers_failed_total", METRIC_COUNTER,
		"Blocked answers that could not be built, as memory was short: the query failed.", {"resolver"},
		.of_resolver = gather_failed},
	{"weir_store_answers_total", METRIC_COUNTER, "Queries answered from the module's own store.", {"resolver"},
		.of_resolver = gather_from_store},
	{"weir_store_stored_total", METRIC_COUNTER, "Answers put into the module's own store.", {"resolver"},
		.of_resolver = gather_stored},
	{"weir_hits_readable", METRIC_GAUGE,
		"1 if the resolver's counts by feed and group can be read; 0: weir_verdicts_total is missing.",
		{"resolver"}, .of_resolver = gather_readable},
};
const struct metric_rows resolver_metrics = {rows, sizeof rows / sizeof *rows};
