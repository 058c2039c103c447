/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <time.h>

#include "feedsync/base/timestamp.h"

static void readings(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t time; /* UINT64_MAX: it is none */
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-03-18T11:00:00Z", 1773831600},
		{"2026-03-18T11:00:00", 1773831600},
		{"2026-03-18 11:00:00", 1773831600},
		{" 2026-03-18 11:00 ", 1773831600},
		{"2026-03-18T11:00:00.000000+00:00", 1773831600},
		{"2026-03-18T12:30:00.999999+01:30", 1773831600},
		{"2026-03-18T09:30:00-0130", 1773831600},
		{"2026-03-18T10:00:00-01", 1773831600},
		{"2026-03-18", 1773792000},
		{"2024-02-29", 1709164800},
		{"2025-12-31", 1767139200},
		{"9999-12-31T23:59:59Z", UINT64_C(253402300799)},
		{"9999-12-31T23:59:59-01", UINT64_MAX},
		{"1773831600", 1773831600},
		{"100000000", 100000000},
		{"99999999", UINT64_MAX},
		{"20260318", UINT64_MAX},
		{"1773831600000", UINT64_MAX}, /* milliseconds */
		{"18446744073709551616", UINT64_MAX},
		{"0", UINT64_MAX},
		{"-1773831600", UINT64_MAX},
		{"", UINT64_MAX},
		{" ", UINT64_MAX},
		{"None", UINT64_MAX},
		{"null", UINT64_MAX},
		{"1969-12-31", UINT64_MAX},
		{"1970-01-01T00:00:00+01:00", UINT64_MAX},
		{"2026-13-01", UINT64_MAX},
		{"2026-00-10", UINT64_MAX},
		{"2026-04-31", UINT64_MAX},
		{"2026-12-32", UINT64_MAX},
		{"2027-02-29", UINT64_MAX},
		{"2024-02-30", UINT64_MAX},
		{"2000-02-29", 951782400},
		{"2100-02-29T11:00:00Z", UINT64_MAX},
		{"2026-3-18", UINT64_MAX},
		{"2026-03-18T24:00:00Z", UINT64_MAX},
		{"2026-03-18T11:60:00Z", UINT64_MAX},
		{"2026-03-18T11:00:00Zx", UINT64_MAX},
		{"2026-03-18T11", UINT64_MAX},
		{"2026-03-18T11:00:00+", UINT64_MAX},
		{"2026-03-18x", UINT64_MAX},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *copy = edge_copy(cases[i].text, length);
		uint64_t time = 7;
		bool read = timestamp_read((const char *)copy, length, &time);
		if (read != (cases[i].time != UINT64_MAX) || (read && time != cases[i].time))
			fail_msg("\"%s\": %d %llu", cases[i].text, read, (unsigned long long)time);
		edge_free(copy, length);
	}
}

/* RFC 3339, exactly. */
static void exact_readings(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t us; /* 0: no time */
	} cases[] = {
		{"1970-01-01T00:00:01Z", 1000000},
		{"2020-10-25T16:22:00.000Z", 1603642920000000},
		{"2020-10-25t16:22:00.1234567z", 1603642920123456},
		{"2020-10-25 18:22:00+02:00", 1603642920000000},
		{"2020-10-25T14:52:00.5-01:30", 1603642920500000},
		{"2020-02-29T23:59:60Z", 1583020800000000},
		{"2025-12-31T23:59:60Z", 1767225600000000},
		{"9999-12-31T23:59:59Z", 253402300799000000},
		{"2020-10-25", 0},
		{"2020-10-25T16:22:00", 0},
		{"2020-10-25T16:22:00.Z", 0},
		{"2020-10-25T16:22:00Z ", 0},
		{"2020-13-25T16:22:00Z", 0},
		{"2020-04-31T16:22:00Z", 0},
		{"2027-02-29T16:22:00Z", 0},
		{"2100-02-29T16:22:00Z", 0},
		{"2020-10-25T24:22:00Z", 0},
		{"2020-10-25T16:22:00+0200", 0},
		{"2020-10-25T16:22:00+24:00", 0},
		{"2020-10-25T16:22Z", 0},
		{"2020-10-25T16:22:00+02", 0},
		{"2020-10-25T16:22:00,5Z", 0},
		{" 2020-10-25T16:22:00Z", 0},
		{"1603642920", 0},
		{"-020-10-25T16:22:00Z", 0},
		{"", 0},
		{"now", 0},
	};
	uint64_t us;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool valid = timestamp_read_rfc3339(cases[i].text, &us);
		if (valid != (cases[i].us > 0) || (valid && us != cases[i].us))
			fail_msg("%s: %d, %llu", cases[i].text, valid, (unsigned long long)us);
	}
	assert_true(timestamp_read_rfc3339("1969-12-31T23:59:59Z", &us) && us == 0);
	/* Before 1970; year 0 was a leap year. */
	assert_true(timestamp_read_rfc3339("0000-02-29T00:00:00Z", &us) && us == 0);
	assert_false(timestamp_read_rfc3339("0000-02-30T00:00:00Z", &us));
	assert_false(timestamp_read_rfc3339(NULL, &us));
}

/* The C library agrees about every day of four centuries. */
static void round_trips(void **state)
{
	(void)state;
	char text[TIMESTAMP_ROOM];
	for (uint64_t day = 0; day < 400 * 366; day++) {
		uint64_t time, wanted = day * 86400 + day % 86400;
		timestamp_text(wanted, text);
		assert_true(timestamp_read(text, strlen(text), &time));
		assert_int_equal(time, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings),
		cmocka_unit_test(exact_readings),
		cmocka_unit_test(round_trips),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
