/* SPDX-License-Identifier: BSD-3-Clause */
/* When something is due, and when what failed is tried again. */
#include "tests/unit/unit.h"

#include "feedsync/circle/sighting_record.h"

enum { DAY_S = 86400, DAY = 20785 };

static void waits(void **state)
{
	(void)state;
	static const struct {
		uint64_t failures;
		enum error_class class;
		uint64_t retry_after_s, wait_s;
	} cases[] = {
		{0, ERROR_NET, 0, 300},
		{1, ERROR_NET, 0, 600},
		{2, ERROR_HTTP, 0, 1200},
		{5, ERROR_HTTP, 0, 9600},
		{6, ERROR_HTTP, 0, 14400},
		{UINT32_MAX, ERROR_HTTP, 0, 14400},
		{0, ERROR_AUTH, 0, 3600},
		{9, ERROR_AUTH, 0, 3600},
		{0, ERROR_HTTP, 899, 899},
		{3, ERROR_HTTP, 899, 2400},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sighting_record record = {
			.tried_at = 1800000000, .failures = cases[i].failures, .error_class = cases[i].class};
		sighting_record_failed(&record, cases[i].retry_after_s);
		if (record.next_at - record.tried_at != cases[i].wait_s || record.failed_at != record.tried_at)
			fail_msg("case %u: %lu s", i, (unsigned long)(record.next_at - record.tried_at));
	}
}

static void due(void **state)
{
	(void)state;
	const struct partner partner = {.delay_s = 7200};
	const uint64_t over = (uint64_t)(DAY + 1) * DAY_S + 7200; /* from then on the day is to be closed */
	const struct {
		uint64_t now, day, pending, next_at;
		bool due;
	} cases[] = {
		{over - 1, DAY - 1, 0, 0, false},
		{over, DAY - 1, 0, 0, true},
		{over, DAY, 0, 0, false},
		{over, DAY, 1, 0, true},
		{over, DAY, 1, over + 1, false},
		{over, DAY - 1, 0, over + 300, false},
		{over, DAY, 1, over, true},
		{over, DAY, 1, over + 2 * DAY_S, true}, /* no wait is that long: the clock was wrong */
		{over, DAY + 5, 0, 0, false},           /* likewise: a day is closed once */
		{0, 0, 0, 0, false},
	};
	assert_int_equal(sighting_due_day(&partner, over - 1), DAY - 1);
	assert_int_equal(sighting_due_day(&partner, over), DAY);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sighting_record record = {
			.next_at = cases[i].next_at, .counts = {.day = cases[i].day, .pending = cases[i].pending}};
		if (sighting_is_due(&record, &partner, cases[i].now) != cases[i].due)
			fail_msg("case %u", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(waits), cmocka_unit_test(due)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
