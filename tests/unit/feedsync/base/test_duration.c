/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "feedsync/base/duration.h"

static void durations(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t seconds; /* UINT32_MAX: it is none */
	} cases[] = {
		{"0", 0},
		{"90", 90},
		{"90s", 90},
		{"15m", 900},
		{"15 m", 900},
		{"15 min", 900},
		{"1 minute", 60},
		{"4h", 14400},
		{"4 HOURS", 14400},
		{"2d", 172800},
		{"2w", 1209600},
		{"3650d", 315360000},
		{"3651d", UINT32_MAX},
		{"315360001", UINT32_MAX},
		{"18446744073709551617", UINT32_MAX},
		{"307445734561825861m", UINT32_MAX}, /* 60 times that is 20 modulo 2^64 */
		{"", UINT32_MAX},
		{" 90", UINT32_MAX},
		{"90 ", UINT32_MAX},
		{"90  s", UINT32_MAX},
		{"-1", UINT32_MAX},
		{"+1", UINT32_MAX},
		{"1.5h", UINT32_MAX},
		{"1h30m", UINT32_MAX},
		{"1 mo", UINT32_MAX},
		{"m", UINT32_MAX},
		{"5 s m", UINT32_MAX},
		{"0x10", UINT32_MAX},
		{"5 secondsss", UINT32_MAX},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t seconds = UINT32_MAX;
		bool read = duration_read(cases[i].text, 315360000, &seconds);
		if (read != (cases[i].seconds != UINT32_MAX) || seconds != cases[i].seconds)
			fail_msg("\"%s\": %d, %u", cases[i].text, read, seconds);
	}
}

static void texts(void **state)
{
	(void)state;
	static const struct {
		uint32_t seconds;
		const char *text;
	} cases[] = {{0, "0s"}, {59, "59s"}, {60, "1m"}, {61, "61s"}, {900, "15m"}, {5400, "90m"}, {7200, "2h"},
		{86400, "1d"}, {90000, "25h"}, {315360000, "3650d"}, {UINT32_MAX, "4294967295s"}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[DURATION_TEXT];
		uint32_t seconds = 0;
		assert_string_equal(duration_text(cases[i].seconds, text), cases[i].text);
		assert_true(duration_read(text, UINT32_MAX, &seconds));
		assert_int_equal(seconds, cases[i].seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(durations), cmocka_unit_test(texts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
