/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/decide.h"

#include <string.h>

enum { TYPE_DS = 43, TYPE_DNSKEY = 48 };

struct ruling decide_name(const struct table *table, const uint8_t *name, size_t length, uint16_t group)
{
	struct match match;
	if (!table_lookup(table, name, length, &match))
		return (struct ruling){0};
	const struct policy *policy = table_policy(table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	return (struct ruling){
		.kind = verdict->decision,
		.effect = verdict_effect(verdict, policy, group, false),
		.verdict = verdict,
		.rule = name + match.rule_offset,
		.rule_length = length - match.rule_offset,
		.rule_key = match.key,
		.scope = match.scope,
	};
}

bool question_leads(uint16_t qtype)
{
	return qtype != TYPE_DS && qtype != TYPE_DNSKEY;
}

/* Decides DS and DNSKEY by what holds for any name in the zone that the data is about. Such a name is made with a label
 * that no rule's name has. */
static struct ruling decide_trust(
	const struct table *table, const uint8_t *qname, size_t length, uint16_t qtype, uint16_t group)
{
	static const uint8_t whatever[] = {1, ' '};
	uint8_t name[sizeof whatever + NAME_MAX_WIRE];
	size_t zone = qtype == TYPE_DS ? 1 + (size_t)*qname : 0;
	if (table_lists_below(table, qname, length))
		return (struct ruling){0};
	memcpy(name, whatever, sizeof whatever);
	memcpy(name + sizeof whatever, qname + zone, length - zone);
	struct ruling ruling = decide_name(table, name, sizeof whatever + length - zone, group);
	if (ruling.verdict)
		ruling.rule = qname + length - ruling.rule_length;
	return ruling;
}

struct ruling decide_question(
	const struct table *table, const uint8_t *qname, size_t length, uint16_t qtype, uint16_t group)
{
	struct ruling ruling = decide_name(table, qname, length, group);
	/* A name without room for another label has nothing below it. */
	if (ruling.kind != DECISION_BLOCK || question_leads(qtype) || length > NAME_MAX_WIRE - 2)
		return ruling;
	return decide_trust(table, qname, length, qtype, group);
}

struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length, uint16_t group)
{
	struct ruling ruling = decide_name(table, target, length, group);
	if (ruling.kind != DECISION_BLOCK || ruling.verdict->any_target_action == ACTION_ALLOW)
		return (struct ruling){0};
	ruling.effect = verdict_effect(ruling.verdict, table_policy(table), group, true);
	ruling.target = true;
	return ruling;
}

bool ruling_blocks(const struct ruling *ruling)
{
	return ruling->kind == DECISION_BLOCK && ruling->effect.action > ACTION_LOG;
}

bool ruling_blocks_anyone(const struct ruling *ruling)
{
	const struct verdict *v = ruling->verdict;
	return ruling->kind == DECISION_BLOCK && (ruling->target ? v->any_target_action : v->any_action) > ACTION_LOG;
}

struct ruling ruling_stronger(struct ruling a, struct ruling b)
{
	bool stronger = b.kind == DECISION_BLOCK && (a.kind != DECISION_BLOCK || b.effect.action > a.effect.action);
	return stronger ? b : a;
}
