/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/amend_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/table.h"

int amend_find_sources(struct operator_lists *lists, const struct policy *policy, struct why *why)
{
	uint32_t feed = policy_find_feed(policy, OPERATOR_FEED), block = policy_find_category(policy, DEFAULT_CATEGORY),
		 allow = policy_find_category(policy, OPERATOR_CATEGORY);
	if (feed == policy->feed_count || block == policy->category_count || allow == policy->category_count)
		return why_set(why, -ENOTSUP, "the published table was made by an older feedsync");
	if (policy->categories[allow].action != ACTION_ALLOW)
		return why_set(why, -ENOTSUP,
			"the configuration has a category \"" OPERATOR_CATEGORY "\" that does not allow; rename it");
	lists->allow = (struct source){(uint16_t)feed, (uint16_t)allow};
	lists->block = (struct source){(uint16_t)feed, (uint16_t)block};
	return 0;
}

bool amend_has_item(const struct table *table, const struct operator_item *item)
{
	bool own;
	const struct verdict *verdict = table_verdict(table, item->wire, item->length, item->scope, &own);
	uint32_t feed = policy_find_feed(table_policy(table), OPERATOR_FEED);
	for (unsigned i = 0; verdict && own && i < verdict->own_count; i++)
		if (verdict->own[i].source.feed == feed && verdict->own[i].kind == item->kind)
			return true;
	return false;
}

/* The items of the configuration with their categories' numbers in the published policy. What it does not have is in the
 * list's own category until the next sync. The caller frees them. */
static struct operator_item *renumber_categories(const struct config *config, const struct policy *policy)
{
	const struct operator_lists *own = &config->operator_lists;
	struct operator_item *items = xcalloc(own->count, sizeof *items);
	for (size_t i = 0; i < own->count; i++) {
		items[i] = own->item[i];
		uint32_t category = items[i].has_category
					    ? policy_find_category(policy, config->categories[items[i].category].name)
					    : policy->category_count;
		items[i].has_category = category < policy->category_count;
		items[i].category = (uint16_t)(items[i].has_category ? category : 0);
	}
	return items;
}

/* The table of the feeds' rules of another one, and of these rules of the operator. */
static int compile_retained(struct compile *compile, const struct table *rules_of, const struct compile_rule *rules,
	size_t count, int fd, struct build_result *result, struct why *why)
{
	const struct policy *policy = &compile->policy;
	uint16_t *categories = xcalloc(policy->feed_count, sizeof *categories);
	uint16_t self_test = (uint16_t)policy_find_feed(policy, SELF_TEST_FEED);
	struct self_test test = {.source = {self_test, (uint16_t)policy_find_category(policy, SELF_TEST_FEED)}};
	compile->retained = rules_of;
	compile->categories = categories; /* not looked at: the policy has all of its own categories */
	compile->rules = rules;
	compile->rule_count = count;
	compile->self_test = self_test < policy->feed_count ? &test : NULL;
	int status = compile_table(compile, fd, result, why);
	free(categories);
	return status;
}

int amend_from_table(struct compile *compile, const struct config *config, const struct table *rules_of,
	const struct operator_lists *sources, int fd, struct build_result *result, struct why *why)
{
	const struct operator_lists *own = &config->operator_lists;
	struct compile_rule *rules = xcalloc(own->count, sizeof *rules);
	struct operator_lists placed = {.item = renumber_categories(config, &compile->policy),
		.count = own->count,
		sources->allow,
		sources->block};
	size_t count = operator_rules(&placed, &config->guard.own, wall_now(), rules);
	int status = compile_retained(compile, rules_of, rules, count, fd, result, why);
	free(rules);
	free(placed.item);
	return status;
}

/* ---- so that names pass ---- */

/* A rule of the operator in a table. */
struct operator_rule {
	name_storage wire;
	struct compile_rule rule; /* its name is `wire`, set when the list is complete */
};

/* Those that stay. */
struct operator_rule_list {
	const struct policy *policy;
	uint32_t feed;
	const struct operator_lists *given[2];
	struct operator_rule *list;
	size_t count, room;
};

/* Whether the operator still blocks what this rule blocks. */
static bool is_still_given(const struct operator_rule_list *r, const struct rule *rule)
{
	for (unsigned g = 0; g < 2; g++) {
		const struct operator_lists *lists = r->given[g];
		for (size_t i = 0; (i = operator_find(lists, i, rule->wire, rule->length)) < lists->count; i++)
			if (lists->item[i].kind == rule->kind && lists->item[i].scope == rule->scope &&
				!operator_expired(&lists->item[i], wall_now()))
				return true;
	}
	return false;
}

static void add_operator_rules(
	struct operator_rule_list *r, const struct table_rule *from, enum scope scope, uint32_t number)
{
	const struct verdict *verdict = &r->policy->verdicts[number];
	for (unsigned i = 0; number != 0 && i < verdict->own_count; i++) {
		const struct rule rule = {from->wire, from->wire_length, scope, verdict->own[i].kind};
		if (verdict->own[i].source.feed != r->feed || (rule.kind == RULE_BLOCK && !is_still_given(r, &rule)))
			continue;
		r->list = xgrow(r->list, r->count, &r->room, 64, sizeof *r->list);
		struct operator_rule *new = &r->list[r->count++];
		memcpy(new->wire, from->wire, from->wire_length);
		new->rule = (struct compile_rule){rule, verdict->own[i].source};
	}
}

static int take_operator_rule(void *context, const struct table_rule *rule)
{
	struct operator_rule_list *r = context;
	const struct class class = r->policy->classes[rule->class];
	add_operator_rules(r, rule, SCOPE_EXACT, class.exact);
	add_operator_rules(r, rule, SCOPE_SUBTREE, class.subtree);
	return 0;
}

/* Those overrides that let something pass. The caller frees the items. */
static struct operator_lists select_allows(const struct overrides *overrides, const struct operator_lists *sources)
{
	const struct operator_lists *all = &overrides->lists;
	struct operator_lists allows = {
		.item = xcalloc(all->count, sizeof *allows.item), .allow = sources->allow, .block = sources->block};
	for (size_t i = 0; i < all->count; i++)
		if (all->item[i].kind == RULE_ALLOW)
			allows.item[allows.count++] = all->item[i];
	return allows;
}

static int compile_passing(struct compile *compile, const struct config *config, const struct overrides *overrides,
	const struct operator_lists *sources, int fd, struct build_result *result, struct why *why)
{
	const struct table *base = compile->options.base;
	struct operator_rule_list had = {.policy = table_policy(base),
		.feed = sources->allow.feed,
		.given = {&config->operator_lists, &overrides->lists}};
	int status = table_each(base, take_operator_rule, &had, why);
	struct operator_lists allows = select_allows(overrides, sources);
	struct compile_rule *rules = xcalloc(had.count, sizeof *rules), *new = xcalloc(allows.count, sizeof *new);
	for (size_t i = 0; i < had.count; i++) {
		rules[i] = had.list[i].rule;
		rules[i].rule.wire = had.list[i].wire;
	}
	compile->overrides = new;
	compile->override_count = operator_rules(&allows, &config->guard.own, wall_now(), new);
	if (status == 0)
		status = compile_retained(compile, base, rules, had.count, fd, result, why);
	free(had.list);
	free(allows.item);
	free(rules);
	free(new);
	return status;
}

int amend_to_pass(const struct config *config, const struct table *base, const struct overrides *overrides,
	uint64_t generation, int fd, struct build_result *result, struct why *why)
{
	struct compile compile = {.policy = *table_policy(base), .key = table_header(base)->key};
	struct operator_lists sources = {0};
	int status = amend_find_sources(&sources, &compile.policy, why);
	compile.options = (struct build_options){
		.generation = generation, .created = wall_now(), .base = base, .fresh_key = state_dir_fresh_key};
	return status == 0 ? compile_passing(&compile, config, overrides, &sources, fd, result, why) : status;
}
