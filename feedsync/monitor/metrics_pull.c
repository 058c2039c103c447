/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of a table that is pulled. Where none is they are absent. */
#include "feedsync/monitor/metrics.h"

/* Whether there is a value: a table is pulled, and the record can be read. */
static bool give_of_pull(const struct view *view, uint64_t number, double *value)
{
	*value = (double)number;
	return view->report.config->pull.url && view->report.pull.unread.text[0] == '\0';
}

/* The same of a time; 0 = never. */
static bool give_time_of_pull(const struct view *view, uint64_t time, double *value)
{
	return give_of_pull(view, time, value) && time > 0;
}

static bool gather_pull_well(const struct view *view, double *value)
{
	*value = view->report.pull_state == CONDITION_WELL;
	return view->report.config->pull.url;
}

static bool gather_pull_serial(const struct view *view, double *value)
{
	return give_of_pull(view, view->report.pull.serial, value);
}

static bool gather_pull_offered(const struct view *view, double *value)
{
	const struct pull_record *pull = &view->report.pull;
	return give_of_pull(view, pull->offered_serial > 0 ? pull->offered_serial : pull->serial, value);
}

static bool gather_pull_created(const struct view *view, double *value)
{
	return give_time_of_pull(view, view->report.pull.created, value);
}

static bool gather_pull_expires(const struct view *view, double *value)
{
	return give_time_of_pull(view, view->report.pull.expires, value);
}

static bool gather_pull_taken(const struct view *view, double *value)
{
	return give_time_of_pull(view, view->report.pull.taken_at, value);
}

static bool gather_pull_attempt(const struct view *view, double *value)
{
	return give_time_of_pull(view, view->report.pull.tried_at, value);
}

static bool gather_pull_success(const struct view *view, double *value)
{
	return give_time_of_pull(view, view->report.pull.well_at, value);
}

static bool gather_pull_failures(const struct view *view, double *value)
{
	return give_of_pull(view, view->report.pull.failures, value);
}

static bool gather_pull_refusals(const struct view *view, double *value)
{
	return give_of_pull(view, view->report.pull.refusals, value);
}

static bool gather_pull_wakes(const struct view *view, double *value)
{
	return give_of_pull(view, view->report.pull.wakes, value);
}

static bool gather_pull_octets(const struct view *view, double *value)
{
	return give_of_pull(view, view->report.pull.octets, value);
}

static void gather_pull_error(const struct view *view, struct series_list *series)
{
	double value;
	if (!give_of_pull(view, 0, &value))
		return;
	for (enum error_class class = ERROR_NONE + 1; class < ERROR_CLASS_COUNT; class ++)
		series_add(series, view->report.pull.error_class == class, (const char *[]){error_class_word(class)});
}

static void gather_pull_fetched(const struct view *view, struct series_list *series)
{
	double deltas, tables;
	if (!give_of_pull(view, view->report.pull.deltas, &deltas) ||
		!give_of_pull(view, view->report.pull.tables, &tables))
		return;
	series_add(series, deltas, (const char *[]){"delta"});
	series_add(series, tables, (const char *[]){"table"});
}

static const struct metric pull_rows[] = {
	{"weir_pull_well", METRIC_GAUGE, "1 if what the channel offers is in force and has not expired; else 0.",
		.whole = gather_pull_well},
	{"weir_pull_serial", METRIC_GAUGE, "Serial of the manifest in force; 0 if there is none.",
		.whole = gather_pull_serial},
	{"weir_pull_offered_serial", METRIC_GAUGE, "Serial of the manifest that was offered last and not refused.",
		.whole = gather_pull_offered},
	{"weir_pull_created_timestamp_seconds", METRIC_GAUGE, "When the manifest in force was made.",
		.whole = gather_pull_created},
	{"weir_pull_expires_timestamp_seconds", METRIC_GAUGE, "When the manifest in force expires, or has.",
		.whole = gather_pull_expires},
	{"weir_pull_taken_timestamp_seconds", METRIC_GAUGE, "When the manifest in force came into force here.",
		.whole = gather_pull_taken},
	{"weir_pull_last_attempt_timestamp_seconds", METRIC_GAUGE, "When this host looked last what is offered.",
		.whole = gather_pull_attempt},
	{"weir_pull_last_success_timestamp_seconds", METRIC_GAUGE,
		"When this host looked last and had what is offered in force.", .whole = gather_pull_success},
	{"weir_pull_failures", METRIC_GAUGE, "How many pulls have failed in a row.", .whole = gather_pull_failures},
	{"weir_pull_error", METRIC_GAUGE, "1 for the class of the error of the last pull; else 0.", {"class"},
		.each = gather_pull_error},
	{"weir_pull_refused_total", METRIC_COUNTER, "Pulls whose manifest or table was refused.",
		.whole = gather_pull_refusals},
	{"weir_pull_wakes_total", METRIC_COUNTER, "Pulls that were woken for something urgent.",
		.whole = gather_pull_wakes},
	{"weir_pull_fetched_total", METRIC_COUNTER, "Deltas and whole tables that were fetched.", {"kind"},
		.each = gather_pull_fetched},
	{"weir_pull_bytes_total", METRIC_COUNTER, "Octets that pulls have received.", .whole = gather_pull_octets},
};
const struct metric_rows pull_metrics = {pull_rows, sizeof pull_rows / sizeof *pull_rows};
