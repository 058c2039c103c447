/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/fleet_report.h"

#include <stdlib.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/trends/hit_digest_store.h"
#include "feedsync/watch/watch_judge.h"

/* What is remembered is old when three rounds are missing; a round over silent resolvers takes its time. */
enum { ROUND_PATIENCE_S = 300 };

/* ---- counting ---- */

static int by_newest_share(const void *a, const void *b)
{
	uint32_t x = ((const struct fleet_share *)a)->generation, y = ((const struct fleet_share *)b)->generation;
	return x < y ? 1 : x > y ? -1 : 0;
}

/* Unites those of one generation. */
static void sum_shares(struct fleet_channel *channel)
{
	size_t united = 0;
	qsort(channel->shares, channel->share_count, sizeof *channel->shares, by_newest_share);
	for (size_t i = 0; i < channel->share_count; i++) {
		if (united > 0 && channel->shares[united - 1].generation == channel->shares[i].generation)
			channel->shares[united - 1].count++;
		else
			channel->shares[united++] = channel->shares[i];
	}
	channel->share_count = united;
}

static uint64_t lag_of(const struct fleet_report *fleet, size_t resolver, size_t channel)
{
	uint64_t lag;
	bool known = watch_lag(&fleet->watch.records[resolver], &fleet->watch.channels[channel], &lag);
	return known ? lag + 1 : 0;
}

/* Puts a resolver among the slowest of its channel, if it is one. */
static void note_lag(struct fleet_report *fleet, size_t resolver, size_t number)
{
	enum { SLOWEST = sizeof fleet->channels[0].slowest / sizeof fleet->channels[0].slowest[0] };
	struct fleet_channel *channel = &fleet->channels[number];
	uint64_t lag = lag_of(fleet, resolver, number);
	if (lag == 0)
		return;
	size_t at = channel->slowest_count;
	while (at > 0 && lag_of(fleet, channel->slowest[at - 1], number) < lag)
		at--;
	if (at == SLOWEST)
		return;
	channel->slowest_count += channel->slowest_count < SLOWEST;
	for (size_t i = channel->slowest_count - 1; i > at; i--)
		channel->slowest[i] = channel->slowest[i - 1];
	channel->slowest[at] = resolver;
}

static void count_resolver(struct fleet_report *fleet, size_t resolver)
{
	const struct watch_record *record = &fleet->watch.records[resolver];
	size_t number = watch_channel_of(fleet->report->config, resolver);
	struct fleet_channel *channel = &fleet->channels[number];
	enum watch_state state = fleet->state[resolver];
	channel->count++;
	channel->states[state]++;
	fleet->states[state]++;
	if (record->answer == WATCH_ENFORCES && record->answered_at > 0 && record->silent_since == 0)
		channel->shares[channel->share_count++] = (struct fleet_share){record->generation, 1};
	note_lag(fleet, resolver, number);
}

/* The worst first; those of one state in the order of the configuration. */
static void sort_resolvers(struct fleet_report *fleet)
{
	size_t sorted = 0;
	for (enum watch_state state = 0; state < WATCH_STATE_COUNT; state++) {
		for (size_t i = 0; i < fleet->watch.count; i++)
			if (fleet->state[i] == state)
				fleet->order[sorted++] = i;
		if (watch_state_row(state)->impact != IMPACT_NONE)
			fleet->unwell = sorted;
	}
}

/* ---- gathering ---- */

/* A store that cannot be read is a matter of `status`: here nothing is told then. */
void fleet_report_digests(struct fleet_report *fleet)
{
	const struct config *config = fleet->report->config;
	struct trends *trends = NULL;
	struct why why;
	if (!config->fleet.digests)
		return;
	fleet->digest = xcalloc(fleet->watch.count, sizeof *fleet->digest);
	int status = trends_open(&trends, config->state, false, &why);
	for (size_t i = 0; status == 0 && i < fleet->watch.count; i++)
		status = hit_digest_wanted(trends, config->fleet.resolvers[i].name, &fleet->digest[i], &why);
	trends_close(&trends);
}

static void begin_channel(struct fleet_report *fleet, size_t number)
{
	const struct report *report = fleet->report;
	const struct watch_channel *known = &fleet->watch.channels[number];
	struct fleet_channel *channel = &fleet->channels[number];
	*channel = (struct fleet_channel){.shares = xcalloc(fleet->watch.count, sizeof *channel->shares)};
	if (report->config->channel_count > 0) {
		channel->name = report->config->channels[number].name;
		channel->condition = report->channel_state[number];
		channel->serial = report->channels[number].serial;
	} else if (!report->table) {
		channel->condition = TABLE_NONE;
	}
	if (known->count > 0) {
		channel->generation = known->tables[known->count - 1].generation;
		channel->since = known->tables[known->count - 1].at;
	}
}

void fleet_report_begin(struct fleet_report *fleet, const struct report *report, struct watch *watch)
{
	const struct config *config = report->config;
	*fleet = (struct fleet_report){.report = report};
	if (watch) {
		fleet->watch = *watch;
		*watch = (struct watch){0};
	} else {
		struct why unread;
		(void)watch_read(&fleet->watch, config, &unread); /* of what cannot be read nobody was ever asked */
	}
	const size_t count = fleet->watch.count;
	fleet->state = xcalloc(count, sizeof *fleet->state);
	fleet->since = xcalloc(count, sizeof *fleet->since);
	fleet->order = xcalloc(count, sizeof *fleet->order);
	fleet->stale = fleet->watch.probed_at + UINT64_C(3) * config->fleet.interval_s + ROUND_PATIENCE_S < report->now;
	fleet->channel_count = watch_channel_count(config);
	for (size_t i = 0; i < fleet->channel_count; i++)
		begin_channel(fleet, i);
	for (size_t i = 0; i < count; i++) {
		const struct watch_channel *channel = &fleet->watch.channels[watch_channel_of(config, i)];
		fleet->state[i] = watch_judge(&fleet->watch.records[i], channel, &fleet->since[i]);
		count_resolver(fleet, i);
	}
	for (size_t i = 0; i < fleet->channel_count; i++)
		sum_shares(&fleet->channels[i]);
	sort_resolvers(fleet);
}

void fleet_report_end(struct fleet_report *fleet)
{
	for (size_t i = 0; i < fleet->channel_count; i++)
		free(fleet->channels[i].shares);
	free(fleet->state);
	free(fleet->since);
	free(fleet->order);
	free(fleet->digest);
	watch_end(&fleet->watch);
	*fleet = (struct fleet_report){0};
}
