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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_once),
		cmocka_unit_test(many_doubles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
