/* SPDX-License-Identifier: BSD-3-Clause */
/* What rises, and how numbers are rounded. */
#include "tests/unit/unit.h"

#include <math.h>

#include "feedsync/trends/trends_report.h"

static const struct {
	double hits, mean, score;
	bool rises;
} rising[] = {
	{120, 20, 21.8, true}, {60, 40, 3.1, false}, {55, 0.5, 44.5, true}, {12, 0, 12.0, false}, {49, 0, 49.0, false},
	{50, 0, 50.0, true}, {1000, 400, 30.0, false}, /* more than chance explains, but not three times as many */
};

static void test_rises(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
		double score;
		bool rises = trends_rises(rising[i].hits, rising[i].mean, &score);
		if (rises != rising[i].rises || fabs(score - rising[i].score) > 0.05)
			fail_msg("%g after %g: rises %d, score %g", rising[i].hits, rising[i].mean, rises, score);
	}
}

static const struct {
	double number;
	uint64_t rounded;
} rounding[] = {{0, 0}, {7, 7}, {99, 99}, {100, 100}, {104, 100}, {105, 110}, {1657, 1700}, {99499, 99000},
	{99500, 100000}, {1234567890, 1200000000}, {12.6, 13}};

static void test_two_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rounding / sizeof *rounding; i++)
		if (two_digits(rounding[i].number) != rounding[i].rounded)
			fail_msg("%.1f became %llu", rounding[i].number,
				(unsigned long long)two_digits(rounding[i].number));
}

static void test_percent(void **state)
{
	double percent;
	(void)state;
	assert_true(change_percent(100, 112, &percent));
	assert_true(fabs(percent - 12) < 1e-9);
	assert_true(change_percent(3000, 2999, &percent));
	assert_true(fabs(percent + 0.033) < 1e-9);
	assert_true(change_percent(1, 1000, &percent));
	assert_true(fabs(percent - 100000) < 1e-6);
	assert_false(change_percent(0, 5, &percent));
	assert_true(blocked_percent(
		&(struct report_period){.days = 1, .queries_known = true, .queries = 29000000, .blocked = 12000},
		&percent));
	assert_true(fabs(percent - 0.041) < 1e-9);
	assert_false(blocked_percent(&(struct report_period){.days = 1, .blocked = 12000}, &percent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rises), cmocka_unit_test(test_two_digits), cmocka_unit_test(test_percent)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
