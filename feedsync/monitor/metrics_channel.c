/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of what resolvers elsewhere are given. */
#include "feedsync/monitor/metrics.h"

static const char *channel_name(const struct view *view, size_t channel)
{
	return view->report.config->channels[channel].name;
}

static void gather_channel_well(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		series_add(series, view->report.channel_state[i] == CONDITION_WELL,
			(const char *[]){channel_name(view, i)});
}

static void gather_channel_serial(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		series_add(series, (double)view->report.channels[i].serial, (const char *[]){channel_name(view, i)});
}

static void gather_channel_generation(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		series_add(
			series, (double)view->report.channels[i].generation, (const char *[]){channel_name(view, i)});
}

static void gather_channel_time(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		if (view->report.channels[i].at > 0)
			series_add(
				series, (double)view->report.channels[i].at, (const char *[]){channel_name(view, i)});
}

static void gather_channel_expiry(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		if (view->report.channels[i].expires > 0)
			series_add(series, (double)view->report.channels[i].expires,
				(const char *[]){channel_name(view, i)});
}

static void gather_channel_octets(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->report.config->channel_count; i++)
		series_add(series, (double)view->report.channels[i].octets, (const char *[]){channel_name(view, i)});
}

static const struct metric channel_rows[] = {
	{"weir_channel_well", METRIC_GAUGE,
		"1 if the channel has the published table, or the last attempt to give it succeeded; else 0.",
		{"channel"}, .each = gather_channel_well},
	{"weir_channel_serial", METRIC_GAUGE, "Serial of the channel's newest manifest; 0 if there is none.",
		{"channel"}, .each = gather_channel_serial},
	{"weir_channel_generation", METRIC_GAUGE, "Generation of the table that the channel has; 0 if there is none.",
		{"channel"}, .each = gather_channel_generation},
	{"weir_channel_published_timestamp_seconds", METRIC_GAUGE, "When the channel's newest manifest was made.",
		{"channel"}, .each = gather_channel_time},
	{"weir_channel_expires_timestamp_seconds", METRIC_GAUGE, "When the channel's newest manifest expires.",
		{"channel"}, .each = gather_channel_expiry},
	{"weir_channel_table_bytes", METRIC_GAUGE, "Octets that a resolver fetches for the whole table, compressed.",
		{"channel"}, .each = gather_channel_octets},
};
const struct metric_rows channel_metrics = {channel_rows, sizeof channel_rows / sizeof *channel_rows};
