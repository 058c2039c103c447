/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/count.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "libweir/groups.h"

/* Notes the first bits of a client's address, as many as the operator configured. */
static void note_client(struct hit *hit, const struct hits_policy *policy, const struct sockaddr_storage *client)
{
	enum { MAPPED = 96 };
	unsigned bits = 0;
	if (!address_from_socket(hit->client, client))
		return;
	if (client->ss_family == AF_INET && policy->ipv4_bits > 0)
		bits = MAPPED + policy->ipv4_bits;
	else if (client->ss_family == AF_INET6)
		bits = policy->ipv6_bits;
	for (unsigned bit = bits; bit < ADDRESS_LENGTH * 8; bit++)
		hit->client[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	hit->client_bits = (uint8_t)bits;
}

static void write_event(const struct current_table *table, struct hits_worker *hits, const struct ruling *ruling,
	uint16_t source, uint16_t qtype, uint16_t group, const struct sockaddr_storage *client)
{
	const struct policy *policy = table_policy(table->table);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct hit hit = {.at_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
		.qtype = qtype,
		.source = source,
		.group = table->hits_group[group],
		.action = (uint8_t)ruling->effect.action,
		.target = ruling->target,
		.rule_length = (uint8_t)ruling->rule_length};
	memcpy(hit.rule, ruling->rule, ruling->rule_length);
	if (client)
		note_client(&hit, &policy->hits, client);
	hits_write(hits, &hit);
}

/* Counts a hit for every feed and category that lists the name. The event names the pair whose action was taken. */
static void count_hit(const struct current_table *table, struct hits_worker *hits, const struct ruling *ruling,
	uint16_t qtype, uint16_t group, const struct sockaddr_storage *client)
{
	const struct policy *policy = table_policy(table->table);
	const struct verdict *verdict = ruling->verdict;
	uint16_t decisive = 0;
	for (unsigned i = verdict->effective_count; i-- > 0;) {
		struct source source = verdict->effective[i];
		uint16_t number = current_hits_source(table, verdict, i);
		if (ruling->target && !policy->feeds[source.feed].check_targets)
			continue;
		hits_count(hits, number, ruling->effect.action);
		if (&policy->categories[source.category] == ruling->effect.category)
			decisive = number;
	}
	if (policy->hits.events)
		write_event(table, hits, ruling, decisive, qtype, group, client);
}

void count_ruling(const struct current_table *table, const struct current_slot *slot, const struct ruling *ruling,
	uint16_t qtype, uint16_t group, const struct sockaddr_storage *client)
{
	struct counters_worker *counters = current_counters(slot);
	struct hits_worker *hits = current_hits(slot);
	if (ruling->kind == DECISION_ALLOW) {
		counters_add(counters, COUNT_ALLOWED);
	} else if (ruling->kind == DECISION_BLOCK && ruling->effect.action == ACTION_ALLOW) {
		counters_add(counters, COUNT_OPTED_OUT);
		if (hits)
			hits_pass(hits, table->hits_group[group]);
	} else if (ruling->kind == DECISION_BLOCK) {
		bool blocks = ruling_blocks(ruling);
		counters_add(counters, !blocks          ? COUNT_LOGGED
				       : ruling->target ? COUNT_BLOCKED_TARGET
							: COUNT_BLOCKED_NAME);
		if (hits)
			count_hit(table, hits, ruling, qtype, group, client);
	}
}
