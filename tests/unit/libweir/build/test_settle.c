/* SPDX-License-Identifier: BSD-3-Clause */
/* Settling records that are given: their order, duplicates, what takes back, and names that share a key, of which a random test
 * finds none. */
#include "tests/unit/unit.h"

#include "libweir/build/build_private.h"
#include "libweir/build/fold.h"

enum { MOST = 6, KEY = 7 };

#define BLOCK(source) META(source, RULE_BLOCK, SCOPE_EXACT)
#define CANCEL(source) META(source, RULE_CANCEL, SCOPE_EXACT)

struct given {
	uint64_t key;
	const char *text;
	uint32_t meta;
};

/* Records that end at an unmapped page, texts behind which there are octets of 0xff. */
static void put_records(struct build *build, const struct given *given, size_t count)
{
	static uint8_t texts[1024];
	struct record records[2 * MOST];
	memset(texts, 0xff, sizeof texts);
	build->text_length = 0;
	for (size_t i = 0; i < count; i++) {
		records[i] = (struct record){given[i].key, (uint32_t)build->text_length, given[i].meta};
		texts[build->text_length++] = (uint8_t)strlen(given[i].text);
		memcpy(texts + build->text_length, given[i].text, strlen(given[i].text));
		build->text_length += strlen(given[i].text);
		build->cancels |= META_KIND(given[i].meta) == RULE_CANCEL;
	}
	build->texts = texts;
	build->count = count;
	build->records = (struct record *)(void *)edge_copy(records, count * sizeof *records);
}

static void check_records(const struct build *build, const struct given *wanted, unsigned number)
{
	size_t count = 0;
	for (; count < MOST && wanted[count].text; count++) {
		const uint8_t *text = build->texts + build->records[count].text;
		if (count >= build->count || build->records[count].key != wanted[count].key ||
			text[0] != strlen(wanted[count].text) || memcmp(text + 1, wanted[count].text, text[0]) != 0 ||
			build->records[count].meta != wanted[count].meta)
			fail_msg("case %u: record %zu", number, count);
	}
	if (build->count != count || build->settled != count)
		fail_msg("case %u: %zu records, %zu settled", number, build->count, build->settled);
}

static void settled(void **state)
{
	(void)state;
	static const struct {
		struct given given[MOST], wanted[MOST];
	} cases[] = {
		/* By key, then by text, a shorter one first, then by meta. */
		{{{9, "a.b", 0}, {8, "c.d", 0}}, {{8, "c.d", 0}, {9, "a.b", 0}}},
		{{{KEY, "b.b", 0}, {KEY, "a.b", 64}}, {{KEY, "a.b", 64}, {KEY, "b.b", 0}}},
		{{{KEY, "a.bc", 0}, {KEY, "a.b", 64}}, {{KEY, "a.b", 64}, {KEY, "a.bc", 0}}},
		{{{KEY, "a.b", 64}, {KEY, "a.b", 0}}, {{KEY, "a.b", 0}, {KEY, "a.b", 64}}},
		/* Each once. */
		{{{KEY, "a.b", 64}, {KEY, "a.b", 64}, {KEY, "a.b", 64}}, {{KEY, "a.b", 64}}},
		/* What takes back does so for its own name, and not for another one with its key: of the same length, of the
		 * same beginning. */
		{{{KEY, "a.b", BLOCK(1)}, {KEY, "a.b", CANCEL(1)}}, {{0}}},
		{{{KEY, "a.b", BLOCK(1)}, {KEY, "b.b", CANCEL(1)}}, {{KEY, "a.b", BLOCK(1)}}},
		{{{KEY, "a.b", BLOCK(1)}, {KEY, "a.c", CANCEL(1)}}, {{KEY, "a.b", BLOCK(1)}}},
		{{{KEY, "a.b", BLOCK(1)}, {KEY, "a.bc", CANCEL(1)}}, {{KEY, "a.b", BLOCK(1)}}},
		{{{KEY, "a.b", BLOCK(1)}, {KEY + 1, "a.b", CANCEL(1)}}, {{KEY, "a.b", BLOCK(1)}}},
		{{{KEY, "a.b", BLOCK(1)}, {KEY, "a.b", CANCEL(2)}}, {{KEY, "a.b", BLOCK(1)}}},
		/* Behind the last record there is nothing to be read. */
		{{{KEY, "a.b", CANCEL(1)}, {KEY + 1, "b.b", BLOCK(1)}}, {{KEY + 1, "b.b", BLOCK(1)}}},
		/* Nothing but what takes back. */
		{{{KEY, "a.b", CANCEL(1)}}, {{0}}},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct build build = {.policy = test_policy};
		size_t given = 0;
		while (given < MOST && cases[i].given[given].text)
			given++;
		put_records(&build, cases[i].given, given);
		assert_int_equal(build_settle(&build), 0);
		check_records(&build, cases[i].wanted, i);
		edge_free((uint8_t *)build.records, given * sizeof *build.records);
	}
}

/* Rules that come later, and take back so many that fewer are settled than before; settled again, they stay. */
static void settled_again(void **state)
{
	(void)state;
	static const struct given given[] = {{1, "a.a", BLOCK(1)}, {2, "b.b", BLOCK(1)}, {3, "c.c", BLOCK(1)},
		{4, "d.d", BLOCK(1)}, {0, "0.e", CANCEL(1)}, {1, "a.a", CANCEL(1)}, {3, "c.c", CANCEL(1)},
		{4, "d.d", CANCEL(1)}};
	static const struct given wanted[MOST] = {{2, "b.b", BLOCK(1)}};
	enum { COUNT = sizeof given / sizeof *given, EARLY = 4 };
	struct build build = {.policy = test_policy};
	put_records(&build, given, COUNT);
	build.count = EARLY;
	build.cancels = false;
	assert_int_equal(build_settle(&build), 0);
	assert_int_equal(build.settled, EARLY);
	build.count = COUNT;
	build.cancels = true;
	for (unsigned times = 0; times < 2; times++) {
		assert_int_equal(build_settle(&build), 0);
		check_records(&build, wanted, times);
	}
	edge_free((uint8_t *)build.records, COUNT * sizeof *build.records);
}

/* Two records with one key, of which the first comes before, behind, or is the other. */
static void order_of_two(void **state)
{
	(void)state;
	static const struct {
		struct given x, y;
		bool before, behind;
	} cases[] = {
		{{1, "z.z", 9}, {2, "a.a", 1}, true, false},
		{{KEY, "a.b", 1}, {KEY, "a.b", 1}, false, false},
		{{KEY, "a.b", 1}, {KEY, "a.b", 2}, true, false},
		{{KEY, "a.b", 9}, {KEY, "a.c", 1}, true, false},
		{{KEY, "a.b", 9}, {KEY, "a.bc", 1}, true, false},
		{{KEY, "ab", 9}, {KEY, "a", 1}, false, true},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct build build = {.policy = test_policy};
		const struct given two[] = {cases[i].x, cases[i].y};
		put_records(&build, two, 2);
		if (build_is_before(&build, &build.records[0], &build.records[1]) != cases[i].before ||
			build_is_before(&build, &build.records[1], &build.records[0]) != cases[i].behind)
			fail_msg("case %u", i);
		edge_free((uint8_t *)build.records, 2 * sizeof *build.records);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settled), cmocka_unit_test(settled_again), cmocka_unit_test(order_of_two)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
