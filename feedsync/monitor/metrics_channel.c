/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of what resolvers elsewhere are given. */
#include "feedsync/monitor/metrics.h"
#include "feedsync/status/status_promotion.h"

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

/* ---- those that are promoted ---- */

/* Adds a value for each channel that is promoted from another one. */
static void gather_promotion(
	const struct view *view, struct series_list *series, double (*value)(const struct channel_promotion *))
{
	const struct config *config = view->report.config;
	for (size_t i = 0; i < config->channel_count; i++)
		if (config->channels[i].promote_from)
			series_add(series, value(&view->report.promotions[i]), (const char *[]){channel_name(view, i)});
}

static double is_halted(const struct channel_promotion *promotion)
{
	return promotion->record.halted_at > 0;
}

static void gather_channel_halted(const struct view *view, struct series_list *series)
{
	gather_promotion(view, series, is_halted);
}

static double promoted_at(const struct channel_promotion *promotion)
{
	return (double)promotion->record.promoted_at;
}

static void gather_channel_promoted(const struct view *view, struct series_list *series)
{
	gather_promotion(view, series, promoted_at);
}

static double canaries_answering(const struct channel_promotion *promotion)
{
	return promotion->health.finding.answering;
}

static void gather_channel_canaries(const struct view *view, struct series_list *series)
{
	gather_promotion(view, series, canaries_answering);
}

static double failed_share(const struct channel_promotion *promotion)
{
	const struct promotion_finding *finding = &promotion->health.finding;
	return finding->asked > 0 ? (double)finding->failed / finding->asked : 0;
}

static void gather_channel_failed(const struct view *view, struct series_list *series)
{
	gather_promotion(view, series, failed_share);
}

static const struct metric channel_rows[] = {
	{"weir_channel_well", METRIC_GAUGE,
		"1 if the channel has the table that it should have, or the last attempt to give it succeeded, and it "
		"is not halted; else 0.",
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
	{"weir_channel_halted", METRIC_GAUGE,
		"1 if nothing new is promoted to the channel until somebody resumes it; else 0.", {"channel"},
		.each = gather_channel_halted},
	{"weir_channel_promoted_timestamp_seconds", METRIC_GAUGE,
		"When a table was promoted to the channel last; 0 if none was.", {"channel"},
		.each = gather_channel_promoted},
	{"weir_channel_canaries_answering", METRIC_GAUGE, "Canaries of the channel that answered at the last look.",
		{"channel"}, .each = gather_channel_canaries},
	{"weir_channel_canaries_failed_ratio", METRIC_GAUGE,
		"Share of probed names for which the canaries gave no address at the last look.", {"channel"},
		.each = gather_channel_failed},
};
const struct metric_rows channel_metrics = {channel_rows, sizeof channel_rows / sizeof *channel_rows};
