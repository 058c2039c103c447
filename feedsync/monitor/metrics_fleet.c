/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of the resolvers elsewhere. Where none is watched they are absent. No label is a resolver: there may be thousands. */
#include "feedsync/monitor/metrics.h"
#include "feedsync/watch/watch_judge.h"

static const char *fleet_channel_label(const struct fleet_channel *channel)
{
	return channel->name ? channel->name : "";
}

static void gather_fleet_states(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->fleet.channel_count; i++)
		for (enum watch_state state = 0; state < WATCH_STATE_COUNT; state++)
			series_add(series, (double)view->fleet.channels[i].states[state],
				(const char *[]){
					fleet_channel_label(&view->fleet.channels[i]), watch_state_row(state)->key});
}

static void gather_fleet_newest(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->fleet.channel_count; i++) {
		const struct fleet_channel *channel = &view->fleet.channels[i];
		double newest = 0;
		for (size_t s = 0; s < channel->share_count; s++)
			if (channel->shares[s].generation == (uint32_t)channel->generation)
				newest = (double)channel->shares[s].count / (double)channel->count;
		if (channel->count > 0)
			series_add(series, newest, (const char *[]){fleet_channel_label(channel)});
	}
}

static void gather_fleet_oldest(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->fleet.channel_count; i++) {
		const struct fleet_channel *channel = &view->fleet.channels[i];
		if (channel->share_count > 0)
			series_add(series, channel->shares[channel->share_count - 1].generation,
				(const char *[]){fleet_channel_label(channel)});
	}
}

static void gather_fleet_lag(const struct view *view, struct series_list *series)
{
	for (size_t i = 0; i < view->fleet.channel_count; i++) {
		const struct fleet_channel *channel = &view->fleet.channels[i];
		uint64_t lag;
		if (channel->slowest_count > 0 && watch_lag(&view->fleet.watch.records[channel->slowest[0]],
							  &view->fleet.watch.channels[i], &lag))
			series_add(series, (double)lag, (const char *[]){fleet_channel_label(channel)});
	}
}

static bool gather_fleet_probed(const struct view *view, double *value)
{
	*value = (double)view->fleet.watch.probed_at;
	return view->fleet.watch.probed_at > 0;
}

static bool gather_fleet_well(const struct view *view, double *value)
{
	*value = view->has_fleet && fleet_is_well(&view->fleet);
	return view->has_fleet;
}

static const struct metric fleet_rows[] = {
	{"weir_fleet_well", METRIC_GAUGE, "1 if the verdict of `feedsync fleet` is well; else 0.",
		.whole = gather_fleet_well},
	{"weir_fleet_resolvers", METRIC_GAUGE, "Resolvers elsewhere that get their tables from this channel, by state.",
		{"channel", "state"}, .each = gather_fleet_states},
	{"weir_fleet_newest_ratio", METRIC_GAUGE,
		"Share of the channel's resolvers that block by its newest table, from 0 to 1.", {"channel"},
		.each = gather_fleet_newest},
	{"weir_fleet_oldest_generation", METRIC_GAUGE,
		"The oldest generation that a resolver of this channel blocks by.", {"channel"},
		.each = gather_fleet_oldest},
	{"weir_fleet_slowest_seconds", METRIC_GAUGE,
		"How long after its publishing the last resolver was seen with the channel's newest table.",
		{"channel"}, .each = gather_fleet_lag},
	{"weir_fleet_probed_timestamp_seconds", METRIC_GAUGE, "When the resolvers elsewhere were asked last.",
		.whole = gather_fleet_probed},
};
const struct metric_rows fleet_metrics = {fleet_rows, sizeof fleet_rows / sizeof *fleet_rows};
