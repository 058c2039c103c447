/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/count.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "libweir/groups.h"
#include "libweir/live/cells_count.h"

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
	uint16_t source, const struct counted_query *query)
{
	const struct policy *policy = table_policy(table->table);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct hit hit = {.at_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
		.qtype = query->qtype,
		.source = source,
		.group = table->hits_group[query->group],
		.action = (uint8_t)ruling->effect.action,
		.target = ruling->target,
		.rule_length = (uint8_t)ruling->rule_length};
	memcpy(hit.rule, ruling->rule, ruling->rule_length);
	if (query->client)
		note_client(&hit, &policy->hits, query->client);
	hits_write(hits, &hit);
}

/* Counts a hit for every feed and category that lists the name. The event names the pair whose action was taken. */
static void count_hit(const struct current_table *table, struct hits_worker *hits, const struct ruling *ruling,
	const struct counted_query *query)
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
		write_event(table, hits, ruling, decisive, query);
}

/* What tells a client from others, the beginning of its address; 0: nothing is known. */
static inline uint64_t client_prefix(const struct current_table *table, const struct sockaddr_storage *client)
{
	enum { MAPPED_AT = 12 }; /* an IPv4 address in one of IPv6 (RFC 4291 section 2.5.5.2) */
	const uint64_t is_ipv4 = UINT64_C(0xffff) << 32;
	const struct sockaddr_in6 *from = (const struct sockaddr_in6 *)client;
	uint64_t prefix;
	uint32_t ipv4;
	if (likely(client->ss_family == AF_INET))
		return table->client_ipv4
			       ? is_ipv4 | (((const struct sockaddr_in *)client)->sin_addr.s_addr & table->client_ipv4)
			       : 0;
	if (client->ss_family != AF_INET6)
		return 0;
	memcpy(&prefix, &from->sin6_addr, sizeof prefix);
	if (!IN6_IS_ADDR_V4MAPPED(&from->sin6_addr))
		return prefix & table->client_ipv6;
	memcpy(&ipv4, from->sin6_addr.s6_addr + MAPPED_AT, sizeof ipv4);
	return table->client_ipv4 ? is_ipv4 | (ipv4 & table->client_ipv4) : 0;
}

/* Counts a hit of the rule, in the category whose action is taken. */
static inline void count_cell(const struct current_table *table, struct cells_worker *cells,
	const struct ruling *ruling, const struct counted_query *query)
{
	const struct category_policy *category = ruling->effect.category; /* that is: something happens */
	uint8_t number = table->cells_category[category - table_policy(table->table)->categories];
	const struct cell_rule rule = {.key = ruling->rule_key,
		.label = cell_label(ruling->scope, ruling->effect.action, number, table->cells_group[query->group]),
		.name = ruling->rule,
		.length = ruling->rule_length};
	cells_count(table->cells, table->client_key, cells, rule,
		query->client ? client_prefix(table, query->client) : 0, (uint64_t)query->now);
}

void count_ruling(const struct current_table *table, struct current_slot *slot, const struct ruling *ruling,
	const struct counted_query *query)
{
	struct counters_worker *counters = current_counters(slot);
	struct hits_worker *hits = current_hits(slot);
	if (ruling->kind == DECISION_ALLOW) {
		counters_add(counters, COUNT_ALLOWED);
	} else if (ruling->kind == DECISION_BLOCK && ruling->effect.action == ACTION_ALLOW) {
		counters_add(counters, COUNT_OPTED_OUT);
		if (hits)
			hits_pass(hits, table->hits_group[query->group]);
	} else if (ruling->kind == DECISION_BLOCK) {
		bool blocks = ruling_blocks(ruling);
		counters_add(counters, !blocks          ? COUNT_LOGGED
				       : ruling->target ? COUNT_BLOCKED_TARGET
							: COUNT_BLOCKED_NAME);
		if (hits)
			count_hit(table, hits, ruling, query);
		if (table->cells && current_cells(table, slot))
			count_cell(table, slot->cells, ruling, query);
	}
}
