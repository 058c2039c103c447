/* SPDX-License-Identifier: BSD-3-Clause */
/* The fleet in words. */
#include <stdio.h>

#include "feedsync/base/units.h"
#include "feedsync/base/url.h"
#include "feedsync/watch/fleet_report.h"
#include "feedsync/watch/watch_judge.h"

enum { SHOWN_RESOLVERS = 50, SHOWN_GENERATIONS = 10, HOUR_S = 3600 };

static double share_percent(size_t part, size_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void print_states(const size_t states[WATCH_STATE_COUNT])
{
	const char *before = "";
	for (enum watch_state state = 0; state < WATCH_STATE_COUNT; state++) {
		if (states[state] > 0) {
			printf("%s%zu %s", before, states[state], watch_state_row(state)->word);
			before = ", ";
		}
	}
}

static void print_slowest(const struct fleet_report *fleet, size_t number)
{
	const struct fleet_channel *channel = &fleet->channels[number];
	char span[UNITS_TEXT];
	for (size_t i = 0; i < channel->slowest_count; i++) {
		uint64_t lag = 0;
		size_t resolver = channel->slowest[i];
		if (watch_lag(&fleet->watch.records[resolver], &fleet->watch.channels[number], &lag))
			printf("%s%s seen with it after %s", i == 0 ? "  slowest: " : ", ",
				fleet->report->config->fleet.resolvers[resolver].name, span_text(lag, span));
	}
	if (channel->slowest_count > 0)
		putchar('\n');
}

static void print_fleet_channel(const struct fleet_report *fleet, size_t number)
{
	const struct fleet_channel *channel = &fleet->channels[number];
	char when[UNITS_TEXT];
	size_t shown = channel->share_count < SHOWN_GENERATIONS ? channel->share_count : SHOWN_GENERATIONS;
	printf("%s%s: %s", channel->name ? "channel " : "published table", channel->name ? channel->name : "",
		condition_row(channel->condition)->word);
	if (channel->since > 0)
		printf(", newest is generation %llu, since %s", (unsigned long long)channel->generation,
			ago_text(fleet->report->now, channel->since, when));
	if (channel->serial > 0)
		printf(", serial %llu", (unsigned long long)channel->serial);
	printf("; %zu resolver%s\n", channel->count, channel->count == 1 ? "" : "s");
	for (size_t i = 0; i < shown; i++)
		printf("  generation %u: %zu, %.1f %%\n", (unsigned)channel->shares[i].generation,
			channel->shares[i].count, share_percent(channel->shares[i].count, channel->count));
	if (channel->share_count > shown)
		printf("  and %zu older generations\n", channel->share_count - shown);
	print_slowest(fleet, number);
}

static void print_fleet_resolver(const struct fleet_report *fleet, size_t number)
{
	const struct fleet_resolver *resolver = &fleet->report->config->fleet.resolvers[number];
	char detail[FLEET_DETAIL_TEXT];
	printf("resolver %s (%s%s%s%s%s): %s", resolver->name, resolver->server, resolver->site ? ", site " : "",
		resolver->site ? resolver->site : "", resolver->channel ? ", channel " : "",
		resolver->channel ? resolver->channel : "", watch_state_row(fleet->state[number])->word);
	fleet_detail(fleet, number, detail);
	printf("%s%s\n", detail[0] ? " " : "", detail);
}

static void print_prometheus(const struct fleet_report *fleet)
{
	const char *url = fleet->report->config->fleet.prometheus;
	char shown[URL_MAX + 1], when[UNITS_TEXT];
	if (!url)
		return;
	printf("prometheus %s: %s, answered %s\n", url_public(url, shown),
		fleet->watch.prometheus_error[0] ? fleet->watch.prometheus_error : "well",
		ago_text(fleet->report->now, fleet->watch.prometheus_at, when));
}

/* Of the last whole hour a digest may be on its way. */
static void print_digests(const struct fleet_report *fleet)
{
	size_t told = 0;
	if (!fleet->digest)
		return;
	for (size_t i = 0; i < fleet->watch.count; i++)
		told += fleet->digest[i] + 1 >= fleet->report->now / HOUR_S;
	printf("digests of hits: %zu of %zu resolvers have told of the hour before the last one\n", told,
		fleet->watch.count);
}

void fleet_words(const struct fleet_report *fleet)
{
	char verdict[VERDICT_TEXT], when[UNITS_TEXT];
	size_t shown = fleet->unwell < SHOWN_RESOLVERS ? fleet->unwell : SHOWN_RESOLVERS;
	fleet_verdict(fleet, verdict);
	puts(verdict);
	printf("%zu resolvers, asked %s: ", fleet->watch.count,
		ago_text(fleet->report->now, fleet->watch.probed_at, when));
	print_states(fleet->states);
	putchar('\n');
	for (size_t i = 0; i < fleet->channel_count; i++)
		print_fleet_channel(fleet, i);
	for (size_t i = 0; i < shown; i++)
		print_fleet_resolver(fleet, fleet->order[i]);
	if (fleet->unwell > shown)
		printf("and %zu more that are not well: `feedsync fleet --json`\n", fleet->unwell - shown);
	print_digests(fleet);
	print_prometheus(fleet);
}
