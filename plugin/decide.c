#include "decide.h"

struct ruling decide_name(const struct table *table, const uint8_t *qname, size_t length)
{
	struct match match;
	if (!table_lookup(table, qname, length, &match))
		return (struct ruling){0};
	const struct policy *policy = table_policy(table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	return (struct ruling){
		.kind = verdict->decision,
		.action = verdict->action,
		.verdict = verdict,
		.category = verdict_category(verdict, policy, false),
		.rule_offset = match.rule_offset,
	};
}

struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length)
{
	struct ruling ruling = decide_name(table, target, length);
	if (ruling.kind != DECISION_BLOCK || ruling.verdict->target_action == ACTION_ALLOW)
		return (struct ruling){0};
	ruling.action = ruling.verdict->target_action;
	ruling.category = verdict_category(ruling.verdict, table_policy(table), true);
	ruling.target = true;
	return ruling;
}

bool ruling_blocks(const struct ruling *ruling)
{
	return ruling->kind == DECISION_BLOCK && ruling->action > ACTION_LOG;
}
