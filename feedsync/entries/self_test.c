/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/self_test.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "libweir/build/build.h"
#include "libweir/name.h"

/* A copy of a list with room for one more. */
static void *longer(const void *list, size_t count, size_t size)
{
	void *copy = xcalloc(count + 1, size);
	if (count > 0)
		memcpy(copy, list, count * size);
	return copy;
}

void self_test_begin(struct self_test *t, struct policy *policy)
{
	t->source = (struct source){(uint16_t)policy->feed_count, (uint16_t)policy->category_count};
	t->feeds = longer(policy->feeds, policy->feed_count, sizeof *t->feeds);
	t->categories = longer(policy->categories, policy->category_count, sizeof *t->categories);
	t->groups = longer(policy->groups, policy->group_count, sizeof *t->groups);
	t->feeds[policy->feed_count++] = (struct feed_policy){.name = SELF_TEST_FEED};
	t->categories[policy->category_count++] = (struct category_policy){
		.name = SELF_TEST_FEED, .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 0 /* ask again */};
	for (size_t i = 0; i < policy->group_count; i++)
		t->groups[i].action[t->source.category] = ACTION_NXDOMAIN;
	policy->feeds = t->feeds;
	policy->categories = t->categories;
	policy->groups = t->groups;
}

void self_test_end(struct self_test *t)
{
	free(t->feeds);
	free(t->categories);
	free(t->groups);
	*t = (struct self_test){0};
}

/* Whether a label of the name begins there. */
static bool begins_label(const uint8_t *wire, size_t at)
{
	size_t label = 0;
	while (label < at)
		label += 1u + wire[label];
	return label == at;
}

/* Whether one name is the other, or above it. */
static bool is_above(const uint8_t *above, size_t above_length, const uint8_t *wire, size_t length)
{
	return length >= above_length && memcmp(wire + length - above_length, above, above_length) == 0 &&
	       begins_label(wire, length - above_length);
}

bool self_test_reached(const struct rule *rule)
{
	static const uint8_t name[] = "\011self-test\004weir\007example";
	return is_above(name, sizeof name, rule->wire, rule->length) ||
	       (rule->scope != SCOPE_EXACT && is_above(rule->wire, rule->length, name, sizeof name));
}

int self_test_add(const struct self_test *t, struct build *build)
{
	name_storage wire;
	int length = name_from_text(SELF_TEST_NAME, sizeof SELF_TEST_NAME - 1, wire);
	return length < 0 ? length : build_add(build, wire, (size_t)length, SCOPE_EXACT, RULE_BLOCK, t->source);
}
