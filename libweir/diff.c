/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"

#define ABSENT UINT16_MAX

/* One direction of the comparison: from the rules of one table to what the other table decides for them. */
struct view {
	const struct table *here, *there; /* there: NULL = nothing is decided */
	uint16_t *feed, *category;        /* numbers over there of those here, or ABSENT */
	bool added;
	int (*visit)(void *context, const struct table_change *change);
	void *context;
	struct why *why;
};

static void number_feeds(struct view *v)
{
	const struct policy *here = table_policy(v->here), *there = table_policy(v->there);
	for (uint32_t i = 0; i < here->feed_count; i++) {
		uint32_t number = policy_find_feed(there, here->feeds[i].name);
		v->feed[i] = number < there->feed_count ? (uint16_t)number : ABSENT;
	}
}

static void number_categories(struct view *v)
{
	const struct policy *here = table_policy(v->here), *there = table_policy(v->there);
	for (uint32_t i = 0; i < here->category_count; i++) {
		uint32_t number = policy_find_category(there, here->categories[i].name);
		v->category[i] = number < there->category_count ? (uint16_t)number : ABSENT;
	}
}

static bool has_rule(const struct verdict *verdict, enum rule_kind kind, struct source source)
{
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].kind == kind && verdict->own[i].source.feed == source.feed &&
			verdict->own[i].source.category == source.category)
			return true;
	return false;
}

/* Whether the other table says what this rule says. */
static bool holds_there(const struct view *v, const struct verdict *there, bool same_name, const struct own_source *own)
{
	const struct source source = {v->feed[own->source.feed], v->category[own->source.category]};
	if (!there)
		return false;
	switch (own->kind) {
	case RULE_BLOCK: return verdict_blocks_for(there, source);
	case RULE_ALLOW: return same_name ? has_rule(there, RULE_ALLOW, source) : there->decision == DECISION_ALLOW;
	case RULE_EXCEPT: return same_name && has_rule(there, RULE_EXCEPT, source);
	case RULE_CANCEL: break; /* in no table */
	}
	return false;
}

static int compare_verdict(struct view *v, const struct table_rule *rule, enum scope scope, uint32_t verdict_here)
{
	const struct policy *policy = table_policy(v->here);
	const struct verdict *here = &policy->verdicts[verdict_here];
	bool same_name = false;
	const struct verdict *there =
		v->there ? table_verdict(v->there, rule->wire, rule->wire_length, scope, &same_name) : NULL;
	for (unsigned i = 0; i < here->own_count; i++) {
		const struct own_source *own = &here->own[i];
		/* A block rule without force: an allow rule or an exception beside it takes that. */
		if ((own->kind == RULE_BLOCK && !verdict_blocks_for(here, own->source)) ||
			holds_there(v, there, same_name, own))
			continue;
		const struct table_change change = {.added = v->added,
			.name = rule->text,
			.scope = scope,
			.kind = own->kind,
			.source = own->source,
			.feed = policy->feeds[own->source.feed].name,
			.category = policy->categories[own->source.category].name};
		int status = v->visit(v->context, &change);
		if (status != 0)
			return status;
	}
	return 0;
}

static int compare_rule(void *context, const struct table_rule *rule)
{
	struct view *v = context;
	struct class class = table_policy(v->here)->classes[rule->class];
	int status = 0;
	if (class.exact)
		status = compare_verdict(v, rule, SCOPE_EXACT, class.exact);
	if (status == 0 && class.subtree)
		status = compare_verdict(v, rule, SCOPE_SUBTREE, class.subtree);
	return status;
}

/* Whether two verdicts say the same; 0 is the one that says nothing. */
static bool is_same_verdict(const struct view *v, uint32_t number_here, uint32_t number_there)
{
	const struct verdict *here = &table_policy(v->here)->verdicts[number_here],
			     *there = &table_policy(v->there)->verdicts[number_there];
	if (!number_here || !number_there)
		return number_here == number_there;
	bool same = here->decision == there->decision && here->own_count == there->own_count &&
		    here->effective_count == there->effective_count;
	for (unsigned i = 0; same && i < here->own_count; i++)
		same = v->feed[here->own[i].source.feed] == there->own[i].source.feed &&
		       v->category[here->own[i].source.category] == there->own[i].source.category &&
		       here->own[i].kind == there->own[i].kind;
	for (unsigned i = 0; same && i < here->effective_count; i++)
		same = v->feed[here->effective[i].feed] == there->effective[i].feed &&
		       v->category[here->effective[i].category] == there->effective[i].category;
	return same;
}

/* Whether each number of a class means the same in both tables, or is in one of them only. Then entries that are the same
 * octets say the same. */
static bool classes_agree(const struct view *v)
{
	const struct policy *here = table_policy(v->here), *there = table_policy(v->there);
	bool agree = true;
	for (uint32_t i = 0; agree && i < here->class_count && i < there->class_count; i++)
		agree = is_same_verdict(v, here->classes[i].exact, there->classes[i].exact) &&
			is_same_verdict(v, here->classes[i].subtree, there->classes[i].subtree);
	return agree;
}

static int compare_rules(struct view *v)
{
	const struct policy *here = table_policy(v->here);
	v->feed = calloc(here->feed_count + 1, sizeof *v->feed);
	v->category = calloc(here->category_count + 1, sizeof *v->category);
	int status = v->feed && v->category ? 0 : -ENOMEM;
	if (status != 0)
		why_set(v->why, status, "out of memory");
	if (status == 0 && v->there) {
		number_feeds(v);
		number_categories(v);
	}
	if (status == 0)
		status = table_each_unlike(
			v->here, v->there && classes_agree(v) ? v->there : NULL, compare_rule, v, v->why);
	free(v->feed);
	free(v->category);
	return status;
}

int table_diff(const struct table *old, const struct table *new,
	int (*visit)(void *context, const struct table_change *change), void *context, struct why *why)
{
	struct view removed = {.here = old, .there = new, .visit = visit, .context = context, .why = why};
	struct view added = {.here = new, .there = old, .added = true, .visit = visit, .context = context, .why = why};
	int status = old ? compare_rules(&removed) : 0;
	return status == 0 ? compare_rules(&added) : status;
}

/* The policy section without what depends on the rules. */
static uint8_t *encode_settings(const struct table *table, size_t *length)
{
	struct policy policy = *table_policy(table);
	policy.verdict_count = 1;
	policy.class_count = 0;
	return policy_encode(&policy, length);
}

int table_same_policy(const struct table *a, const struct table *b)
{
	size_t x_length, y_length;
	uint8_t *x = encode_settings(a, &x_length), *y = encode_settings(b, &y_length);
	int same = x && y ? x_length == y_length && memcmp(x, y, x_length) == 0 : -ENOMEM;
	free(x);
	free(y);
	return same;
}
