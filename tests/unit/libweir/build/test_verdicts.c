/* SPDX-License-Identifier: BSD-3-Clause */
/* Verdicts and classes while a table is built: how many there may be, and which numbers they get. */
#include "tests/unit/unit.h"

#include "libweir/build/verdicts.h"

enum { MOST = 4 };

/* Of the longest lists there may be, and of lists that are one longer. */
static void longest_lists(void **state)
{
	(void)state;
	static const struct {
		size_t own, effective;
		bool possible;
	} cases[] = {{UINT16_MAX, 1, true}, {1, UINT16_MAX, true}, {UINT16_MAX, UINT16_MAX, true},
		{UINT16_MAX + 1, 1, false}, {1, UINT16_MAX + 1, false}, {UINT16_MAX + 1, UINT16_MAX + 1, false}};
	struct own_source *own = calloc(UINT16_MAX + 1, sizeof *own);
	struct source *effective = calloc(UINT16_MAX + 1, sizeof *effective);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct verdicts *verdicts = verdicts_new();
		if (verdicts_intern(verdicts, DECISION_BLOCK, own, cases[i].own, effective, cases[i].effective) !=
			cases[i].possible)
			fail_msg("case %u", i);
		verdicts_free(verdicts);
	}
	free(own);
	free(effective);
}

/* So many different verdicts of a single feed and category each. */
static void intern_verdicts(struct verdicts *verdicts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct own_source own = {{(uint16_t)i, 0}, RULE_BLOCK};
		assert_int_equal(verdicts_intern(verdicts, DECISION_BLOCK, &own, 1, &own.source, 1), i + 1);
	}
}

/* As many classes as a policy holds, and one more. */
static void most_classes(void **state)
{
	(void)state;
	enum { VERDICTS = 1 << 10 };
	for (unsigned more = 0; more <= 1; more++) {
		static struct feed_policy feeds[VERDICTS];
		struct policy policy = test_policy;
		struct verdicts *verdicts = verdicts_new();
		uint32_t *number = NULL;
		policy.feeds = feeds;
		policy.feed_count = VERDICTS;
		intern_verdicts(verdicts, VERDICTS);
		for (uint32_t i = 0; i < POLICY_MAX_VERDICTS + more; i++)
			assert_int_equal(verdicts_intern_class(verdicts,
						 (struct class){1 + i % VERDICTS, i / VERDICTS % (VERDICTS + 1)}),
				i);
		assert_int_equal(verdicts_finish(verdicts, &policy, NULL, &number), more ? WEIR_ELIMIT : 0);
		if (!more)
			assert_int_equal(policy.class_count, POLICY_MAX_VERDICTS);
		free(number);
		verdicts_free(verdicts);
	}
}

/* Which numbers classes get, beside those that a base has. All of it ends where the memory for it does. */
static void numbers(void **state)
{
	(void)state;
	static const struct {
		unsigned verdicts, classes, base_classes;
		struct class class[MOST], base[MOST]; /* in the order in which they come, the most used first */
		uint32_t number[MOST];
	} cases[] = {
		{1, 0, 1, {{0}}, {{1, 0}}, {0}},
		{0, 0, 1, {{0}}, {{1, 0}}, {0}},
		{2, 2, 0, {{0, 1}, {0, 2}}, {{0}}, {0, 1}},
		{2, 2, 2, {{0, 1}, {0, 2}}, {{0, 2}, {0, 1}}, {1, 0}},
		/* More verdicts than classes, and classes that share one of their verdicts. */
		{2, 1, 0, {{1, 2}}, {{0}}, {0}},
		{3, 1, 0, {{1, 3}}, {{0}}, {0}},
		{3, 3, 2, {{1, 2}, {1, 3}, {2, 3}}, {{2, 3}, {1, 2}}, {1, 2, 0}},
		/* A number of the base that there is no room for: it would leave a gap. */
		{1, 1, 2, {{0, 1}}, {{0, 2}, {0, 1}}, {0}},
		{2, 2, 3, {{0, 1}, {0, 2}}, {{0, 3}, {0, 3}, {0, 1}}, {0, 1}},
		/* One that the base has, and this does not. */
		{2, 2, 2, {{0, 1}, {0, 2}}, {{3, 0}, {0, 1}}, {1, 0}},
		/* One of which this has one verdict, and not the other. */
		{2, 2, 1, {{0, 1}, {0, 2}}, {{3, 2}}, {0, 1}},
		{2, 2, 1, {{1, 0}, {2, 0}}, {{2, 3}}, {0, 1}},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct verdicts *verdicts = verdicts_new(), *base = verdicts_new();
		struct policy policy = test_policy, base_policy = test_policy;
		uint32_t *number = NULL, *base_number = NULL;
		intern_verdicts(verdicts, cases[i].verdicts);
		intern_verdicts(base, 3);
		for (unsigned c = 0; c < cases[i].classes; c++)
			for (unsigned uses = MOST - c; uses > 0; uses--)
				assert_int_equal(verdicts_intern_class(verdicts, cases[i].class[c]), c);
		assert_int_equal(verdicts_finish(base, &base_policy, NULL, &base_number), 0);
		base_policy.classes = cases[i].base;
		base_policy.class_count = cases[i].base_classes;
		assert_int_equal(verdicts_finish(verdicts, &policy, &base_policy, &number), 0);
		assert_int_equal(policy.class_count, cases[i].classes);
		assert_int_equal(policy.verdict_count, cases[i].verdicts + 1);
		for (unsigned c = 0; c < cases[i].classes; c++) {
			const struct class *class = &policy.classes[number[c]];
			if (number[c] != cases[i].number[c] || class->exact != cases[i].class[c].exact ||
				class->subtree != cases[i].class[c].subtree)
				fail_msg("case %u: class %u has number %u", i, c, number[c]);
		}
		free(number);
		free(base_number);
		verdicts_free(verdicts);
		verdicts_free(base);
	}
}

/* The classes that are left move up, and keep their order. */
static void dropped(void **state)
{
	(void)state;
	static const struct {
		uint32_t has_rule[MOST];
		unsigned left;
		uint32_t subtree[MOST]; /* of those that are left */
	} cases[] = {{{1, 1, 1, 1}, 4, {1, 2, 3, 4}}, {{0, 1, 1, 1}, 3, {2, 3, 4}}, {{1, 0, 0, 1}, 2, {1, 4}},
		{{0, 0, 0, 1}, 1, {4}}, {{1, 1, 1, 0}, 3, {1, 2, 3}}, {{0}, 0, {0}}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct verdicts *verdicts = verdicts_new();
		struct policy policy = test_policy;
		uint32_t *number = NULL, *has_rule = malloc(MOST * sizeof *has_rule), left = 0;
		policy.feed_count = MOST;
		policy.feeds = (const struct feed_policy[MOST]){{"a", true}, {"b", true}, {"c", true}, {"d", true}};
		memcpy(has_rule, cases[i].has_rule, MOST * sizeof *has_rule);
		intern_verdicts(verdicts, MOST);
		for (uint32_t c = 0; c < MOST; c++)
			assert_int_equal(verdicts_intern_class(verdicts, (struct class){0, c + 1}), c);
		assert_int_equal(verdicts_finish(verdicts, &policy, NULL, &number), 0);
		verdicts_drop_classes(verdicts, &policy, has_rule);
		assert_int_equal(policy.class_count, cases[i].left);
		for (unsigned c = 0; c < MOST; c++) {
			if (!cases[i].has_rule[c])
				continue;
			assert_int_equal(has_rule[c], left);
			assert_int_equal(policy.classes[left].subtree, cases[i].subtree[left]);
			left++;
		}
		free(has_rule);
		free(number);
		verdicts_free(verdicts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(longest_lists), cmocka_unit_test(most_classes),
		cmocka_unit_test(numbers), cmocka_unit_test(dropped)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
