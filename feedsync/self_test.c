#include "self_test.h"

#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "heap.h"
#include "name.h"

/* A copy of a list with room for one more. */
static void *longer(const void *list, size_t count, size_t size)
{
	void *copy = need_memory(count + 1, size);
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

int self_test_add(const struct self_test *t, struct build *build)
{
	name_storage wire;
	int length = name_from_text(SELF_TEST_NAME, sizeof SELF_TEST_NAME - 1, wire);
	return length < 0 ? length : build_add(build, wire, (size_t)length, SCOPE_EXACT, RULE_BLOCK, t->source);
}
