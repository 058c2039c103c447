/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/policy.h"

#include <string.h>

#include "libweir/format.h"

const char *scope_text(enum scope scope)
{
	switch (scope) {
	case SCOPE_EXACT: return "exact";
	case SCOPE_SUBTREE: return "subtree";
	case SCOPE_BELOW: return "below";
	}
	return "?";
}

int scope_from_text(const char *text, enum scope *scope)
{
	if (strcmp(text, "exact") != 0 && strcmp(text, "subtree") != 0)
		return -1;
	*scope = strcmp(text, "subtree") == 0 ? SCOPE_SUBTREE : SCOPE_EXACT;
	return 0;
}

uint32_t policy_find_feed(const struct policy *policy, const char *name)
{
	uint32_t feed = 0;
	while (feed < policy->feed_count && strcmp(policy->feeds[feed].name, name) != 0)
		feed++;
	return feed;
}

uint32_t policy_find_category(const struct policy *policy, const char *name)
{
	uint32_t category = 0;
	while (category < policy->category_count && strcmp(policy->categories[category].name, name) != 0)
		category++;
	return category;
}

uint32_t policy_version(const struct policy *policy)
{
	return policy->contact || policy->hits.rules ? WEIR_VERSION : WEIR_VERSION_USUAL;
}

bool policy_name_valid(const char *name)
{
	size_t length = strnlen(name, POLICY_MAX_NAME + 1);
	if (length == 0 || length > POLICY_MAX_NAME)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == ',' || *name == '\\')
			return false;
	return true;
}

bool policy_key_path_valid(const char *path)
{
	if (*path != '/' || strnlen(path, POLICY_MAX_KEY_PATH + 1) > POLICY_MAX_KEY_PATH)
		return false;
	for (; *path; path++)
		if (*path <= ' ' || *path > '~')
			return false;
	return true;
}

bool verdict_blocks_for(const struct verdict *verdict, struct source source)
{
	for (unsigned i = 0; i < verdict->effective_count; i++)
		if (verdict->effective[i].feed == source.feed && verdict->effective[i].category == source.category)
			return true;
	return false;
}

static enum action action_in(const struct policy *policy, uint16_t category, uint16_t group)
{
	return group == GROUP_DEFAULT ? policy->categories[category].action
				      : policy->groups[group - 1].action[category];
}

/* The strongest action that a verdict's sources have in a group, and its category. Of several categories the first
 * counts. */
static struct effect strongest(
	const struct verdict *verdict, const struct policy *policy, uint16_t group, bool for_target)
{
	struct effect effect = {ACTION_ALLOW, NULL};
	for (unsigned i = 0; i < verdict->effective_count; i++) {
		struct source source = verdict->effective[i];
		enum action action = action_in(policy, source.category, group);
		if (action > effect.action && (!for_target || policy->feeds[source.feed].check_targets))
			effect = (struct effect){action, &policy->categories[source.category]};
	}
	return effect;
}

void verdict_settle(struct verdict *verdict, const struct policy *policy)
{
	for (unsigned for_target = 0; for_target <= 1; for_target++) {
		enum action action = ACTION_ALLOW, any = ACTION_ALLOW;
		for (uint32_t group = 0; verdict->decision == DECISION_BLOCK && group <= policy->group_count; group++) {
			enum action in_group = strongest(verdict, policy, (uint16_t)group, for_target).action;
			action = group == GROUP_DEFAULT ? in_group : action;
			any = in_group > any ? in_group : any;
		}
		*(for_target ? &verdict->target_action : &verdict->action) = action;
		*(for_target ? &verdict->any_target_action : &verdict->any_action) = any;
	}
}

struct effect verdict_effect(
	const struct verdict *verdict, const struct policy *policy, uint16_t group, bool for_target)
{
	if (verdict->decision != DECISION_BLOCK)
		return (struct effect){ACTION_ALLOW, NULL};
	if (group == GROUP_ANYONE)
		return (struct effect){for_target ? verdict->any_target_action : verdict->any_action, NULL};
	return strongest(verdict, policy, group, for_target);
}
