/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of the whole: the verdict, the table, the last run, the operator's lists. */
#include "feedsync/monitor/metrics.h"
#include "libweir/version.h"

static void gather_build(const struct view *view, struct series_list *series)
{
	(void)view;
	series_add(series, 1, (const char *[]){weir_release, WEIR_REVISION});
}

static bool gather_well(const struct view *view, double *value)
{
	*value = view->report.finding_count == 0;
	return true;
}

static void gather_conditions(const struct view *view, struct series_list *series)
{
	for (enum condition c = CONDITION_WELL + 1; c < CONDITION_COUNT; c++) {
		const struct condition_row *row = condition_row(c);
		unsigned count = 0;
		for (size_t i = 0; i < view->report.finding_count; i++)
			count += view->report.findings[i].condition == c;
		series_add(series, count, (const char *[]){row->key, impact_text(row->impact)});
	}
}

static bool gather_hold(const struct view *view, double *value)
{
	*value = view->report.hold.held;
	return !view->report.hold.unseen;
}

static bool gather_bypass(const struct view *view, double *value)
{
	*value = view->report.bypass.in_force;
	return true;
}

static bool gather_reload(const struct view *view, double *value)
{
	*value = view->report.config->copied_at == 0 && !view->report.outdated;
	return true;
}

static bool gather_taken(const struct view *view, double *value)
{
	*value = (double)view->report.taken_at;
	return view->report.taken_at > 0;
}

static void gather_runs(const struct view *view, struct series_list *series)
{
	for (enum run_end end = RUN_END_FIRST_COUNTED; end < RUN_END_COUNT; end++)
		series_add(series, (double)view->report.record.counts[end], (const char *[]){run_end_word(end)});
}

static bool gather_last_run(const struct view *view, double *value)
{
	*value = (double)view->report.record.at;
	return view->report.record.at > 0;
}

static void gather_run_error(const struct view *view, struct series_list *series)
{
	const struct last_run *run = &view->report.record;
	for (enum error_class class = ERROR_NONE + 1; class < ERROR_CLASS_COUNT; class ++)
		series_add(series, run->error_class == class, (const char *[]){error_class_word(class)});
}

static void gather_phases(const struct view *view, struct series_list *series)
{
	if (view->publish_count == 0)
		return;
	const struct view_publish *last = &view->publish[0];
	series_add(series, (double)last->fetch_ms / 1000, (const char *[]){"fetch"});
	series_add(series, (double)last->compile_ms / 1000, (const char *[]){"compile"});
	series_add(series, (double)last->publish_ms / 1000, (const char *[]){"publish"});
}

static bool gather_history(const struct view *view, double *value)
{
	*value = view->report.history.text[0] == '\0';
	return true;
}

static bool gather_clock(const struct view *view, double *value)
{
	*value = view->report.doubt[0] == '\0';
	return true;
}

static bool gather_generation(const struct view *view, double *value)
{
	*value = view->report.table ? (double)table_header(view->report.table)->generation : 0;
	return view->report.table;
}

static bool gather_created(const struct view *view, double *value)
{
	*value = view->report.table ? (double)table_header(view->report.table)->created : 0;
	return view->report.table;
}

static bool gather_rules(const struct view *view, double *value)
{
	*value = view->report.table ? (double)table_header(view->report.table)->rules : 0;
	return view->report.table;
}

static bool gather_octets(const struct view *view, double *value)
{
	*value = view->report.table ? (double)table_octets(view->report.table) : 0;
	return view->report.table;
}

static bool gather_guard(const struct view *view, double *value)
{
	*value = (double)view->report.guard_trouble_count;
	return true;
}

static void gather_operator(const struct view *view, struct series_list *series)
{
	const struct operator_lists *const lists[] = {
		&view->report.config->operator_lists, &view->report.overrides.lists};
	double allow = 0, block = 0;
	for (unsigned l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++)
			if (!operator_expired(&lists[l]->item[i], view->report.now))
				*(lists[l]->item[i].kind == RULE_ALLOW ? &allow : &block) += 1;
	series_add(series, allow, (const char *[]){"allow"});
	series_add(series, block, (const char *[]){"block"});
}

static bool gather_expiry(const struct view *view, double *value)
{
	uint64_t written = operator_next_expiry(&view->report.config->operator_lists, view->report.now),
		 given = operator_next_expiry(&view->report.overrides.lists, view->report.now);
	*value = (double)(written == 0 || (given > 0 && given < written) ? given : written);
	return *value > 0;
}

static bool gather_resolvers(const struct view *view, double *value)
{
	*value = 0;
	for (size_t i = 0; i < view->report.resolver_count; i++)
		*value += view->report.resolvers[i].alive;
	return view->report.config->run;
}

static bool gather_unprotected(const struct view *view, double *value)
{
	*value = 0;
	for (size_t i = 0; i < view->report.unprotected_count; i++)
		*value += view->report.unprotected[i].certain;
	return view->report.config->run;
}

static const struct metric rows[] = {
	{"weir_build_info", METRIC_GAUGE, "1; the labels are feedsync's version and the commit of its sources.",
		{"version", "revision"}, .each = gather_build},
	{"weir_well", METRIC_GAUGE, "1 if all is well, as the verdict of `feedsync status` is; else 0.",
		.whole = gather_well},
	{"weir_condition", METRIC_GAUGE,
		"How many things are in this condition; the label is its key in `feedsync status --json`.",
		{"condition", "impact"}, .each = gather_conditions},
	{"weir_hold", METRIC_GAUGE, "1 while a rollback holds what is published; else 0.", .whole = gather_hold},
	{"weir_bypass", METRIC_GAUGE, "1 while a bypass lets everything pass; else 0.", .whole = gather_bypass},
	{"weir_config_last_reload_successful", METRIC_GAUGE,
		"1 if the configuration file is the one in use; 0 if it is broken, or not read since its last change.",
		.whole = gather_reload},
	{"weir_config_last_reload_timestamp_seconds", METRIC_GAUGE,
		"When the configuration in use was read; absent before the first run.", .whole = gather_taken},
	{"weir_runs_total", METRIC_COUNTER, "Runs that have ended, by what came of them.", {"result"},
		.each = gather_runs},
	{"weir_last_run_timestamp_seconds", METRIC_GAUGE,
		"When the last run ended, or began if it has not ended; absent where the table is pulled.",
		.whole = gather_last_run},
	{"weir_last_run_error", METRIC_GAUGE,
		"1 for the class of the error that kept the last run from publishing; else 0.", {"class"},
		.each = gather_run_error},
	{"weir_sync_phase_seconds", METRIC_GAUGE, "How long each phase of the last publish took.", {"phase"},
		.each = gather_phases},
	{"weir_history_ok", METRIC_GAUGE, "1 if the history has what is published; else 0.", .whole = gather_history},
	{"weir_clock_believed", METRIC_GAUGE, "1 if the clock is believed; 0: nothing ends by its age.",
		.whole = gather_clock},
	{"weir_table_generation", METRIC_GAUGE, "Generation of the published table.", .whole = gather_generation},
	{"weir_table_created_timestamp_seconds", METRIC_GAUGE, "When the published table was made.",
		.whole = gather_created},
	{"weir_table_rules", METRIC_GAUGE, "Rules of the published table.", .whole = gather_rules},
	{"weir_table_bytes", METRIC_GAUGE, "Size of the published table.", .whole = gather_octets},
	{"weir_guard_lists_broken", METRIC_GAUGE, "Lists of the guard that are broken.", .whole = gather_guard},
	{"weir_operator_entries", METRIC_GAUGE, "Names in the operator's own lists that have not ended.", {"list"},
		.each = gather_operator},
	{"weir_operator_next_expiry_timestamp_seconds", METRIC_GAUGE,
		"When the next name of the operator's own lists ends; absent if none does.", .whole = gather_expiry},
	{"weir_resolvers", METRIC_GAUGE,
		"Resolvers of this machine that run and have the module; absent with `run: none`.",
		.whole = gather_resolvers},
	{"weir_resolvers_unprotected", METRIC_GAUGE,
		"Resolvers of this machine that run without the module; absent with `run: none`.",
		.whole = gather_unprotected},
};
const struct metric_rows whole_metrics = {rows, sizeof rows / sizeof *rows};
