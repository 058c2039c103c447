/* SPDX-License-Identifier: BSD-3-Clause */
/* Days and ISO weeks, as they are written and read. */
#include "tests/unit/unit.h"

#include "feedsync/trends/period.h"

static const struct {
	const char *text;
	uint64_t first, last; /* days since 1970; first > last: it is none */
} rows[] = {
	{"1970-01-01", 0, 0},
	{"2026-11-28", 20785, 20785},
	{"2024-02-29", 19782, 19782},
	{"2026-W48", 20780, 20786},
	{"2026-W53", 20815, 20821}, /* 2026 has 53 weeks; the last one ends in 2027 */
	{"2025-W01", 20087, 20093}, /* it begins in 2024 */
	{"2027-W01", 20822, 20828},
	{"2025-W53", 1, 0},
	{"2026-W00", 1, 0},
	{"2026-W54", 1, 0},
	{"2026-02-30", 1, 0},
	{"2026-2-3", 1, 0},
	{"2026-11-28T00:00:00Z", 1, 0},
	{"today", 1, 0},
	{"", 1, 0},
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct period period = {0};
		char text[PERIOD_TEXT];
		bool read = period_read(rows[i].text, &period);
		if (read != (rows[i].first <= rows[i].last) ||
			(read && (period.first != rows[i].first || period.last != rows[i].last)))
			fail_msg("\"%s\": read %d, days %llu to %llu", rows[i].text, read,
				(unsigned long long)period.first, (unsigned long long)period.last);
		if (read)
			assert_string_equal(period_text(period, text), rows[i].text);
	}
}

static void test_before(void **state)
{
	struct period week = {20780, 20786}, day = {20785, 20785};
	char text[PERIOD_TEXT];
	(void)state;
	assert_string_equal(period_text(period_before(week), text), "2026-W47");
	assert_string_equal(period_text(period_before(day), text), "2026-11-27");
	for (uint64_t d = 19000; d < 23000; d++) { /* each day is in its own week, and weeks follow each other */
		struct period own = period_of_week(d), again = {0};
		assert_true(own.first <= d && d <= own.last && own.first % 7 == 4);
		assert_true(period_read(period_text(own, text), &again));
		assert_int_equal(again.first, own.first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_before)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
