/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits between the attempts at a feed. */
#include "tests/unit/unit.h"

#include "feedsync/feeds/schedule.h"

static void waits(void **state)
{
	(void)state;
	static const struct {
		uint64_t interval_s, failures;
		uint32_t chance;
		uint64_t wait_s;
	} cases[] = {
		{900, 0, 0, 900},
		{900, 0, UINT32_MAX, 811},
		{900, 0, UINT32_MAX / 2 + 1, 855},
		{86400, 0, UINT32_MAX, 77761},
		{1, 0, UINT32_MAX, 1},
		{900, 1, 0, 300},
		{900, 2, 0, 600},
		{900, 3, 0, 900},
		{900, 1000, 0, 900},
		{60, 1, 0, 60},
		{86400, 5, 0, 4800},
		{86400, 9, 0, 76800},
		{86400, 10, 0, 86400},
		{86400, UINT64_MAX, UINT32_MAX, 77761},
		{UINT64_C(365) * 86400, UINT64_MAX, 0, UINT64_C(365) * 86400},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
			schedule_wait(cases[i].interval_s, cases[i].failures, cases[i].chance), cases[i].wait_s);
}

static void shares(void **state)
{
	(void)state;
	static const struct {
		size_t count;
		uint64_t since_s;
		size_t share;
	} cases[] = {
		{0, 900, 1},
		{1, 0, 1},
		{1400, 900, 15},
		{1400, 86400, 1175},
		{1400, UINT64_MAX, 1175},
		{100000, 900, 1042},
		{100000, 86400, 13500},
		{100000, 0, 1},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(schedule_share(cases[i].count, cases[i].since_s), cases[i].share);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(waits), cmocka_unit_test(shares)};
	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
