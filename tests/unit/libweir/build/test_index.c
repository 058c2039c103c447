/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the index puts its nodes, by what the format says of them (format.h), and how many lines there are for so many. */
#include "tests/unit/unit.h"

#include "libweir/build/index.h"
#include "libweir/key.h"

/* Lines for so many nodes: four fifths of their tags are filled, in steps of an eighth. */
static void homes(void **state)
{
	(void)state;
	static const struct {
		uint64_t nodes;
		uint32_t homes;
	} cases[] = {{0, 1}, {1, 1}, {23, 1}, {24, 2}, {185, 8}, {186, 9}, {347, 15}, {349, 16}, {371, 16}, {372, 18},
		{417, 18}, {418, 20}, {742, 32}, {743, 36}, {1000000, 45056}, {UINT64_C(80000000000), 3489660928},
		{UINT64_C(100000000000), 0}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (index_homes(cases[i].nodes) != cases[i].homes)
			fail_msg("%llu nodes: %u lines, not %u", (unsigned long long)cases[i].nodes,
				index_homes(cases[i].nodes), cases[i].homes);
	for (uint64_t nodes = 0; nodes < 100000; nodes += 7) {
		uint32_t count = index_homes(nodes);
		assert_true(index_homes_fit(count, nodes));
		assert_true((double)nodes <= 0.80 * WEIR_LINE_TAGS * count);
		assert_true(count <= 8 || (double)nodes >= 0.70 * WEIR_LINE_TAGS * (count - 1.0));
	}
}

/* A table keeps its geometry while between 55 and 86 % of the tags are filled. */
static void kept_geometry(void **state)
{
	(void)state;
	enum { HOMES = 1000, TAGS = HOMES * WEIR_LINE_TAGS };
	assert_true(index_homes_fit(HOMES, TAGS * 86 / 100));
	assert_false(index_homes_fit(HOMES, TAGS * 86 / 100 + 1));
	assert_true(index_homes_fit(HOMES, TAGS * 55 / 100));
	assert_false(index_homes_fit(HOMES, TAGS * 55 / 100 - 1));
	assert_true(index_homes_fit(1, 0)); /* what a fresh one would have fits in any case */
	assert_false(index_homes_fit(2, 1));
}

static uint16_t tag_at(const struct index *index, uint64_t place)
{
	return index->lines[place / WEIR_LINE_TAGS].tag[place % WEIR_LINE_TAGS];
}

/* What must hold of an index with these nodes, in the order of their keys. */
static void check_nodes(const struct index *index, const uint64_t *keys, const uint16_t *flags, size_t count)
{
	uint64_t place = 0, marks = 0, last_line = 0;
	size_t node = 0;
	for (; place < (uint64_t)index->count * WEIR_LINE_TAGS; place++) {
		uint16_t tag = tag_at(index, place);
		uint64_t line = place / WEIR_LINE_TAGS;
		if (tag == 0) /* free: then the next node is at home in a later line */
			continue;
		assert_true(node < count);
		uint32_t home = key_home(keys[node], index->homes);
		assert_int_equal(tag, key_check(keys[node]) | flags[node]);
		assert_in_range(line - home, 0, WEIR_MAX_REACH);
		assert_true(place == (uint64_t)home * WEIR_LINE_TAGS || tag_at(index, place - 1) != 0);
		if (node + 1 == count || key_home(keys[node + 1], index->homes) != home)
			assert_int_equal(index->lines[home].reach, line - home);
		uint64_t word = index->filter[key_word(keys[node], index->homes)];
		assert_int_equal(word & key_bits(keys[node]), key_bits(keys[node]));
		marks += (flags[node] & WEIR_TAG_RULE) == 0;
		last_line = line;
		node++;
	}
	assert_int_equal(node, count);
	assert_int_equal(index->marks, marks);
	assert_int_equal(index->count, last_line + 1 > index->homes ? last_line + 1 : index->homes);
	/* No bit of the filter is set for nothing. */
	for (uint64_t w = 0; w < (uint64_t)index->homes * WEIR_FILTER_WORDS; w++) {
		uint64_t wanted = 0;
		for (size_t i = 0; i < count; i++)
			wanted |= key_word(keys[i], index->homes) == w ? key_bits(keys[i]) : 0;
		assert_int_equal(index->filter[w], wanted);
	}
}

static int by_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

enum { MOST = 600 };

/* Random keys, of which some are marks, some are rules, some both; `low` bits only, so that lines overflow. */
static void random_nodes(void **state)
{
	(void)state;
	uint64_t seed = 7;
	for (unsigned round = 0; round < 200; round++) {
		uint64_t all[MOST] = {0}, keys[MOST] = {0}, marks[MOST] = {0};
		uint16_t flags[MOST] = {0};
		struct record rules[MOST];
		size_t count = random_below(&seed, MOST), nodes = 0, rule_count = 0, mark_count = 0;
		for (size_t i = 0; i < count; i++)
			all[i] = random_next(&seed);
		qsort(all, count, sizeof *all, by_key);
		for (size_t i = 0; i < count; i++) {
			unsigned kind =
				random_below(&seed, 4); /* a mark, a rule, both, two rules of one key with a mark */
			if (kind != 1)
				marks[mark_count++] = all[i];
			for (unsigned twice = 0; kind != 0 && twice < (kind == 3 ? 2 : 1) && nodes < MOST; twice++) {
				rules[rule_count++] = (struct record){.key = all[i]};
				keys[nodes] = all[i];
				flags[nodes++] = kind == 1 ? WEIR_TAG_RULE : WEIR_TAG_RULE | WEIR_TAG_MORE;
			}
			if (kind == 0 && nodes < MOST) {
				keys[nodes] = all[i];
				flags[nodes++] = WEIR_TAG_MORE;
			}
			if (nodes == MOST)
				break;
		}
		if (nodes == MOST)
			continue;
		struct index index;
		assert_int_equal(index_build(&index, index_homes(nodes), rules, rule_count, marks, mark_count), 0);
		check_nodes(&index, keys, flags, nodes);
		index_free(&index);
		assert_null(index.lines);
		assert_null(index.filter);
	}
}

/* Nodes of one line go on into as many lines behind it as the reach may tell, and one more node is too many. */
static void crowd(void **state)
{
	(void)state;
	enum { HOMES = 4, ROOM = (WEIR_MAX_REACH + 1) * WEIR_LINE_TAGS };
	for (uint32_t home = 0; home < HOMES; home++) {
		struct record rules[ROOM + 1];
		uint64_t keys[ROOM + 1];
		uint16_t flags[ROOM + 1];
		for (uint64_t i = 0; i <= ROOM; i++) {
			keys[i] = ((uint64_t)home << 62) + (i << 40) + i;
			rules[i] = (struct record){.key = keys[i]};
			flags[i] = WEIR_TAG_RULE;
		}
		struct index index;
		assert_int_equal(index_build(&index, HOMES, rules, ROOM, NULL, 0), 0);
		check_nodes(&index, keys, flags, ROOM);
		index_free(&index);
		assert_int_equal(index_build(&index, HOMES, rules, ROOM + 1, NULL, 0), WEIR_ELIMIT);
		assert_int_equal(index.crowded, home);
		assert_int_equal(index.homes, HOMES);
		assert_null(index.lines);
	}
	struct index none;
	assert_int_equal(index_build(&none, 0, NULL, 0, NULL, 0), WEIR_ELIMIT);
	assert_int_equal(none.homes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(homes), cmocka_unit_test(kept_geometry),
		cmocka_unit_test(random_nodes), cmocka_unit_test(crowd)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
