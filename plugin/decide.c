#include "decide.h"

struct ruling decide_name(const struct table *table, const uint8_t *qname, size_t length, uint16_t group)
{
	struct match match;
	if (!table_lookup(table, qname, length, &match))
		return (struct ruling){0};
	const struct policy *policy = table_policy(table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	return (struct ruling){
		.kind = verdict->decision,
		.effect = verdict_effect(verdict, policy, group, false),
		.verdict = verdict,
		.rule = qname + match.rule_offset,
		.rule_length = length - match.rule_offset,
	};
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
