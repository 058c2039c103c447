/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of what others are given. */
#include "feedsync/monitor/metrics.h"

static const char *output_name(const struct view *view, size_t output)
{
	return view->report.config->outputs[output].name;
}

static void gather_output_well(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->output_count; i++)
		series_add(
			series, view->report.output_state[i] == CONDITION_WELL, (const char *[]){output_name(view, i)});
}

static void gather_output_serial(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->output_count; i++)
		series_add(series, (double)view->report.outputs[i].serial, (const char *[]){output_name(view, i)});
}

static void gather_output_time(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->output_count; i++)
		if (view->report.outputs[i].at > 0)
			series_add(series, (double)view->report.outputs[i].at, (const char *[]){output_name(view, i)});
}

static void gather_output_names(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->output_count; i++)
		series_add(series, (double)view->report.outputs[i].items, (const char *[]){output_name(view, i)});
}

static void gather_output_withheld(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->output_count; i++)
		for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
			if (view->report.outputs[i].withheld[w] > 0)
				series_add(series, (double)view->report.outputs[i].withheld[w],
					(const char *[]){output_name(view, i), withheld_word(w)});
}

static const struct metric output_rows[] = {
	{"weir_output_well", METRIC_GAUGE,
		"1 if the last release of this output succeeded, or nothing was new; else 0.", {"output"},
		.each = gather_output_well},
	{"weir_output_serial", METRIC_GAUGE, "Serial of the output's newest release; 0 if there is none.", {"output"},
		.each = gather_output_serial},
	{"weir_output_released_timestamp_seconds", METRIC_GAUGE, "When the output's newest release was made.",
		{"output"}, .each = gather_output_time},
	{"weir_output_names", METRIC_GAUGE, "Names in the output's newest release.", {"output"},
		.each = gather_output_names},
	{"weir_output_withheld", METRIC_GAUGE, "Names that the output would take and does not give out, by reason.",
		{"output", "reason"}, .each = gather_output_withheld},
};
const struct metric_rows output_metrics = {output_rows, sizeof output_rows / sizeof *output_rows};
