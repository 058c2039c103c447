/* SPDX-License-Identifier: BSD-3-Clause */
/* Sizes and times in words. */
#include "tests/unit/unit.h"

#include "feedsync/base/maxima.h"
#include "feedsync/base/units.h"

static void sizes(void **state)
{
	static const struct {
		uint64_t octets;
		const char *text;
	} cases[] = {{0, "0 octets"}, {1, "1 octet"}, {999, "999 octets"}, {1000, "1.0 kB"}, {1049, "1.0 kB"},
		{1050, "1.1 kB"}, {9949, "9.9 kB"}, {9950, "10 kB"}, {10499, "10 kB"}, {10500, "11 kB"},
		{999499, "999 kB"}, {999500, "1.0 MB"}, {15000000, "15 MB"}, {1234567890, "1.2 GB"},
		{UINT64_MAX, "18 EB"}};
	char text[UNITS_TEXT];
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(size_text(cases[i].octets, text), cases[i].text);
}

static void times(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {{0, "0 s"}, {119, "119 s"}, {120, "2 min"}, {7199, "119 min"}, {7200, "2 h"}, {172799, "47 h"},
		{172800, "2 days"}, {400 * UINT64_C(86400), "400 days"}, {UINT64_MAX, "213503982334601 days"}};
	static const struct {
		uint64_t ms;
		const char *text;
	} short_ones[] = {
		{0, "0 ms"}, {999, "999 ms"}, {1000, "1.0 s"}, {9999, "9.9 s"}, {10000, "10 s"}, {180000, "3 min"}};
	char text[UNITS_TEXT];
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(span_text(cases[i].seconds, text), cases[i].text);
	for (unsigned i = 0; i < sizeof short_ones / sizeof *short_ones; i++)
		assert_string_equal(milliseconds_text(short_ones[i].ms, text), short_ones[i].text);
}

static void ago(void **state)
{
	const uint64_t now = 1700000000;
	char text[UNITS_TEXT];
	(void)state;
	assert_string_equal(ago_text(now, 0, text), "never");
	assert_string_equal(ago_text(now, now, text), "0 s ago");
	assert_string_equal(ago_text(now, now - 180, text), "3 min ago");
	/* A small step of the clock is none. */
	assert_string_equal(ago_text(now, now + MAX_CLOCK_STEP_S, text), "0 s ago");
	assert_false(is_ahead(now, now + MAX_CLOCK_STEP_S));
	assert_true(is_ahead(now, now + MAX_CLOCK_STEP_S + 1));
	assert_string_equal(ago_text(now, now + 3 * 86400, text), "3 days in the future");
	assert_string_equal(ago_text(0, UINT64_MAX, text), "213503982334601 days in the future");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(times), cmocka_unit_test(ago)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
