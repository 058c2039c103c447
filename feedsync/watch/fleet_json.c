/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync fleet --json`. */
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/watch/fleet_report.h"
#include "feedsync/watch/watch_judge.h"

/* A time or number; null for 0. */
static struct node *number_or_null(uint64_t number)
{
	return number > 0 ? node_from_number(number) : node_from_text(NULL);
}

static struct node *states_json(const size_t states[WATCH_STATE_COUNT])
{
	struct node *node = node_object();
	for (enum watch_state state = 0; state < WATCH_STATE_COUNT; state++)
		node_put(node, watch_state_row(state)->key, node_from_number(states[state]));
	return node;
}

static struct node *shares_json(const struct fleet_channel *channel)
{
	struct node *list = node_array();
	for (size_t i = 0; i < channel->share_count; i++) {
		const struct fleet_share *share = &channel->shares[i];
		struct node *node = node_object();
		node_put(node, "generation", node_from_number(share->generation));
		node_put(node, "resolvers", node_from_number(share->count));
		node_put(node, "share", node_from_real((double)share->count / (double)channel->count));
		node_append(list, node);
	}
	return list;
}

static struct node *fleet_channel_json(const struct fleet_report *fleet, size_t number)
{
	const struct fleet_channel *channel = &fleet->channels[number];
	struct node *node = node_object(), *slowest = node_array();
	for (size_t i = 0; i < channel->slowest_count; i++)
		node_append(slowest, node_from_text(fleet->report->config->fleet.resolvers[channel->slowest[i]].name));
	node_put(node, "name", node_from_text(channel->name));
	node_put(node, "well", node_from_bool(channel->condition == CONDITION_WELL));
	node_put(node, "condition", node_from_text(condition_row(channel->condition)->key));
	node_put(node, "serial", number_or_null(channel->serial));
	node_put(node, "generation", number_or_null(channel->generation));
	node_put(node, "since", number_or_null(channel->since));
	node_put(node, "resolvers", node_from_number(channel->count));
	node_put(node, "states", states_json(channel->states));
	node_put(node, "generations", shares_json(channel));
	node_put(node, "slowest", slowest);
	return node;
}

static struct node *conditions_list(const char *conditions)
{
	struct node *list = node_array();
	char key[WATCH_CONDITIONS_TEXT];
	while (*conditions) {
		size_t length = strcspn(conditions, " ");
		memcpy(key, conditions, length);
		key[length] = '\0';
		node_append(list, node_from_text(key));
		conditions += length + (conditions[length] == ' ');
	}
	return list;
}

static struct node *fleet_resolver_json(const struct fleet_report *fleet, size_t number)
{
	const struct fleet_resolver *resolver = &fleet->report->config->fleet.resolvers[number];
	const struct watch_record *record = &fleet->watch.records[number];
	const struct watch_channel *channel = &fleet->watch.channels[watch_channel_of(fleet->report->config, number)];
	const struct condition_row *row = watch_state_row(fleet->state[number]);
	uint64_t lag = 0;
	bool lag_known = watch_lag(record, channel, &lag);
	struct node *node = node_object();
	node_put(node, "name", node_from_text(resolver->name));
	node_put(node, "server", node_from_text(resolver->server));
	node_put(node, "site", node_from_text(resolver->site));
	node_put(node, "channel", node_from_text(resolver->channel));
	node_put(node, "well", node_from_bool(row->impact == IMPACT_NONE));
	node_put(node, "state", node_from_text(row->key));
	node_put(node, "word", node_from_text(row->word));
	node_put(node, "since", number_or_null(fleet->since[number]));
	node_put(node, "generation", number_or_null(record->generation));
	node_put(node, "created", number_or_null(record->created));
	node_put(node, "answered_at", number_or_null(record->answered_at));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "lag_s", lag_known ? node_from_number(lag) : node_from_text(NULL));
	node_put(node, "told_at", number_or_null(record->told_at));
	node_put(node, "told_generation", number_or_null(record->told_generation));
	node_put(node, "digest_until", number_or_null(fleet->digest ? fleet->digest[number] * 3600 : 0));
	node_put(node, "conditions", conditions_list(watch_conditions(record)));
	return node;
}

static struct node *prometheus_json(const struct fleet_report *fleet)
{
	if (!fleet->report->config->fleet.prometheus)
		return node_from_text(NULL);
	struct node *node = node_object();
	node_put(node, "answered_at", number_or_null(fleet->watch.prometheus_at));
	node_put(node, "error", node_from_text(fleet->watch.prometheus_error));
	return node;
}

void fleet_json(const struct fleet_report *fleet)
{
	char verdict[VERDICT_TEXT];
	struct node *root = json_answer(), *channels = node_array(), *resolvers = node_array();
	for (size_t i = 0; i < fleet->channel_count; i++)
		node_append(channels, fleet_channel_json(fleet, i));
	for (size_t i = 0; i < fleet->watch.count; i++)
		node_append(resolvers, fleet_resolver_json(fleet, i));
	fleet_verdict(fleet, verdict);
	node_put(root, "now", node_from_number(fleet->report->now));
	node_put(root, "well", node_from_bool(fleet_is_well(fleet)));
	node_put(root, "verdict", node_from_text(verdict));
	node_put(root, "probed_at", number_or_null(fleet->watch.probed_at));
	node_put(root, "states", states_json(fleet->states));
	node_put(root, "channels", channels);
	node_put(root, "resolvers", resolvers);
	node_put(root, "prometheus", prometheus_json(fleet));
	json_show(root);
	node_free(root);
}
