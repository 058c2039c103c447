/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/judge.h"

#include <errno.h>

#include "feedsync/base/table_file.h"
#include "feedsync/guard/guard.h"
#include "feedsync/publish/overrides.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* ---- what is let pass ---- */

/* What an allow frees. Of two for one name the first counts. */
enum { FREES_BELOW, FREES_NAME };

static int allow_name(struct judge *j, const uint8_t *wire, size_t length, enum scope scope)
{
	struct namekey key;
	namekey_of(&key, wire, length);
	return nameset_add(&j->allowed, &key, scope == SCOPE_EXACT ? FREES_NAME : FREES_BELOW);
}

static int allow_items(struct judge *j, const struct operator_lists *lists, uint64_t now)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		if (item->kind == RULE_ALLOW && !operator_expired(item, now))
			status = allow_name(j, item->wire, item->length, item->scope);
	}
	return status;
}

static int allow_rule(void *context, const struct rule *rule)
{
	return allow_name(context, rule->wire, rule->length, rule->scope);
}

/* What the feeds let pass. One that cannot be read ends it: what it frees must not go out. */
static int allow_feeds(struct judge *j, struct why *why)
{
	const struct feed *feed;
	int status = 0;
	for (size_t next = 0; status == 0 && (feed = feed_walk_next(&j->walk, &next));) {
		struct sink sink = {.take = allow_rule, .context = j};
		if (feed->config->allows)
			status = feed_walk_parse(&j->walk, next, &sink, why);
	}
	return status;
}

/* What the published table lets pass: it may know more than the lists that can be read now. */
static int allow_table_rule(void *context, const struct table_rule *rule)
{
	const struct judge *j = context;
	const struct policy *policy = table_policy(j->table);
	const uint32_t verdicts[] = {policy->classes[rule->class].subtree, policy->classes[rule->class].exact};
	static const enum scope scopes[] = {SCOPE_SUBTREE, SCOPE_EXACT};
	for (unsigned v = 0; v < 2; v++)
		if (verdicts[v] != 0 && policy->verdicts[verdicts[v]].decision == DECISION_ALLOW)
			return allow_name(context, rule->wire, rule->wire_length, scopes[v]);
	return 0;
}

static int gather_allowed(struct judge *j, uint64_t now, struct why *why)
{
	struct overrides overrides;
	int status = overrides_read(&overrides, j->config, why);
	if (status == 0)
		status = allow_feeds(j, why);
	if (status == 0)
		status = table_each(j->table, allow_table_rule, j, why);
	if (status == 0 &&
		(allow_items(j, &j->config->operator_lists, now) != 0 || allow_items(j, &overrides.lists, now) != 0))
		status = why_set(why, -ENOMEM, "out of memory");
	overrides_end(&overrides);
	nameset_sort(&j->allowed);
	return status;
}

/* ---- judging an entry ---- */

/* Whether who blocks by the rule blocks anything that is let pass here: the name; what is below it, of a subtree; and all of it
 * where a name above is let pass with what is below that. */
static bool blocks_allowed(const struct judge *j, const struct rule *rule)
{
	struct namekey key;
	namekey_of(&key, rule->wire, rule->length);
	if (rule->scope == SCOPE_SUBTREE ? nameset_below(&j->allowed, &key) : nameset_at(&j->allowed, &key))
		return true;
	while (namekey_up(&key)) {
		const struct nameset_entry *above = nameset_at(&j->allowed, &key);
		if (above && above->mark == FREES_BELOW)
			return true;
	}
	return false;
}

/* Whether the table blocks it by the feed: the name itself, and for a subtree what is below it. */
static enum withheld judge_by_table(const struct judge *j, const struct rule *rule, uint32_t feed)
{
	for (enum scope scope = SCOPE_EXACT; scope <= rule->scope; scope++) {
		bool own, found = false;
		const struct verdict *verdict = table_verdict(j->table, rule->wire, rule->length, scope, &own);
		if (verdict && verdict->decision == DECISION_ALLOW)
			return WITHHELD_ALLOWED;
		for (unsigned i = 0; verdict && i < verdict->effective_count; i++)
			found |= verdict->effective[i].feed == feed;
		if (!found)
			return WITHHELD_NOT_IN_FORCE;
	}
	return WITHHELD_NOT;
}

enum withheld judge_rule(const struct judge *j, const struct rule *rule, uint32_t feed)
{
	struct refusal refusal;
	if (rule->scope == SCOPE_BELOW)
		return WITHHELD_BELOW;
	if (rule_labels(rule) < 2)
		return WITHHELD_TOP_LEVEL;
	if (guard_refuses_own(j->guard, rule))
		return WITHHELD_OWN;
	if (blocks_allowed(j, rule))
		return WITHHELD_ALLOWED;
	enum withheld withheld = judge_by_table(j, rule, feed);
	if (withheld == WITHHELD_NOT && guard_refuses(j->guard, NULL, rule, &refusal))
		return WITHHELD_GUARDED;
	return withheld;
}

int judge_begin(struct judge *judge, const struct config *config, uint64_t now, struct why *why)
{
	*judge = (struct judge){.config = config};
	int status = guard_new(&judge->guard, &config->guard, GUARD_ASKS, why);
	if (status == 0)
		status = guard_check_whole(judge->guard, why);
	if (status == 0)
		status = table_file_open(&judge->table, config->table, why);
	if (status == 0)
		status = feed_walk_begin(&judge->walk, config, judge->guard, why);
	if (status == 0)
		status = gather_allowed(judge, now, why);
	return status;
}

void judge_end(struct judge *judge)
{
	feed_walk_end(&judge->walk);
	table_close(&judge->table);
	guard_free(&judge->guard);
	nameset_free(&judge->allowed);
}
