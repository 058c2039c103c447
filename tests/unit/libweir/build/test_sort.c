/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "libweir/build/sort.h"

static int by_meta(const void *context, const struct record *a, const struct record *b)
{
	(void)context;
	return a->meta < b->meta ? -1 : a->meta > b->meta;
}

static int model_order(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return by_meta(NULL, x, y);
}

static void sorts_like_qsort(void **state)
{
	(void)state;
	uint64_t seed = 3;
	static const size_t counts[] = {0, 1, 2, 47, 48, 49, 50, 255, 256, 257, 3000, 100000};
	for (unsigned c = 0; c < sizeof counts / sizeof *counts; c++) {
		/* Random keys, few different keys, all the same, keys that differ in their last octet only. */
		for (unsigned shape = 0; shape < 4; shape++) {
			size_t count = counts[c];
			struct record *got = calloc(count + 1, sizeof *got), *model = calloc(count + 1, sizeof *model);
			for (size_t i = 0; i < count; i++) {
				uint64_t key = random_next(&seed);
				got[i].key = shape == 0   ? key
					     : shape == 1 ? key & 7
					     : shape == 2 ? 5
							  : (key & 0xff) | UINT64_C(1) << 60;
				got[i].meta = (uint32_t)random_next(&seed) & 0xff;
				model[i] = got[i];
			}
			sort_records(got, count, by_meta, NULL);
			qsort(model, count, sizeof *model, model_order);
			for (size_t i = 0; i < count; i++) {
				assert_int_equal(got[i].key, model[i].key);
				assert_int_equal(got[i].meta, model[i].meta);
			}
			free(got);
			free(model);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_like_qsort),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
