/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "libweir/build/keyset.h"

static void keys_once(void **state)
{
	(void)state;
	static const uint64_t keys[] = {5, 1, 5, 5, UINT64_MAX, 0, 1}, expected[] = {0, 1, 5, UINT64_MAX};
	struct keyset set = {0}, empty = {0};
	keyset_sort(&empty);
	assert_int_equal(empty.count, 0);
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_int_equal(keyset_add(&set, keys[i]), 0);
	keyset_sort(&set);
	assert_int_equal(set.count, 4);
	assert_memory_equal(set.key, expected, sizeof expected);
	keyset_free(&set);
	assert_null(set.key);
}

/* A million additions of a few thousand keys: all are there, and the memory stays that of a few thousand. */
static void many_doubles(void **state)
{
	(void)state;
	enum { DIFFERENT = 5000 };
	struct keyset set = {0};
	uint64_t seed = 9;
	for (unsigned i = 0; i < DIFFERENT; i++)
		assert_int_equal(keyset_add(&set, (uint64_t)i << 40), 0);
	for (unsigned i = 0; i < 1000000; i++)
		assert_int_equal(keyset_add(&set, (uint64_t)random_below(&seed, DIFFERENT) << 40), 0);
	assert_in_range(set.room, 0, 4 * DIFFERENT);
	keyset_sort(&set);
	assert_int_equal(set.count, DIFFERENT);
	for (unsigned i = 0; i < DIFFERENT; i++)
		assert_int_equal(set.key[i], (uint64_t)i << 40);
	keyset_free(&set);
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* Sets of every size, with the keys at the edges in them, and each key twice: as a sorted list has them. */
static void every_size(void **state)
{
	(void)state;
	enum { MOST = 9000 };
	static const uint64_t edges[] = {0, 1, 2, UINT64_MAX};
	static uint64_t expected[MOST];
	uint64_t seed = 77;
	for (size_t count = 0; count <= MOST; count += count < 8 ? 1 : 499) {
		struct keyset set = {0};
		for (size_t i = 0; i < count; i++)
			expected[i] = i < 4 ? edges[i] : random_next(&seed);
		for (size_t i = 0; i < 2 * count; i++)
			assert_int_equal(keyset_add(&set, expected[i % (count + (count == 0))]), 0);
		qsort(expected, count, sizeof *expected, compare_numbers);
		keyset_sort(&set);
		assert_int_equal(set.count, count);
		if (count > 0)
			assert_memory_equal(set.key, expected, count * sizeof *expected);
		keyset_free(&set);
	}
}

/* Keys that all belong to the first slot, as long as there are 2^16 of them or fewer. */
static void keys_of_one_slot(void **state)
{
	(void)state;
	enum { COUNT = 3000 };
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t inverse = factor; /* modulo 2^64, by Newton */
	for (unsigned step = 0; step < 6; step++)
		inverse *= 2 - factor * inverse;
	assert_true(factor * inverse == 1);
	struct keyset set = {0};
	for (unsigned round = 0; round < 2; round++)
		for (uint64_t i = 1; i <= COUNT; i++)
			assert_int_equal(keyset_add(&set, (i << 32) * inverse), 0);
	assert_int_equal(set.count, COUNT);
	keyset_sort(&set);
	for (unsigned i = 1; i < COUNT; i++)
		assert_true(set.key[i - 1] < set.key[i]);
	for (unsigned i = 0; i < COUNT; i++) {
		uint64_t product = set.key[i] * factor;
		assert_true(product >> 32 >= 1 && product >> 32 <= COUNT && (uint32_t)product == 0);
	}
	keyset_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_once),
		cmocka_unit_test(many_doubles),
		cmocka_unit_test(every_size),
		cmocka_unit_test(keys_of_one_slot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
