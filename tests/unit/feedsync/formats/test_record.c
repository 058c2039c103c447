/* SPDX-License-Identifier: BSD-3-Clause */
/* Conditions of records: how they are read, and for which values they hold. */
#include "tests/unit/unit.h"

#include "feedsync/formats/record.h"

static void conditions(void **state)
{
	(void)state;
	static const struct {
		const char *condition, *holds, *fails; /* texts, "" is one, NULL: none */
	} cases[] = {
		{"status=online", "Online", "offline"},
		{"status=", "", "x"},
		{"status!=offline", "online", "OFFLINE"},
		{"score>50", "51", "50"},
		{"score>50", "50.01", "none"},
		{"score>=50", " 50 ", "49.9"},
		{"score<-1", "-1.5", "-1"},
		{"score<=0", "0.0", "0.1"},
		{"score<5", "4", ""},
		{"score<5", "+4", "4x"},
		{"score<5", "4.", "1.2.3"},
		{"score<5", ".5", "0x1"},
		{"seen>2026-01-01", "2026-01-02", "2026-01-01"},
		{"seen>2026-01-01", "1786900000", "never"},
		{"seen<2026-01-01T12:00:00Z", "2026-01-01 11:59:59", "2026-01-01 12:00:00"},
		{"seen<=2026-01-01", "2026-01-01 00:00:00", "2026-01-01 00:00:01"},
		{"a!b=c", "c", "d"},
		{"a=b=c", "b=c", "b"},
		{"a=<b", "<b", "b"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct condition condition;
		const char *fault = condition_read(&condition, cases[i].condition);
		if (fault || !condition_holds(&condition, cases[i].holds) ||
			condition_holds(&condition, cases[i].fails) || condition_holds(&condition, NULL))
			fail_msg("%s: %s \"%s\" \"%s\"", cases[i].condition, fault ? fault : "", cases[i].holds,
				cases[i].fails);
	}
}

static void faults(void **state)
{
	(void)state;
	static const struct {
		const char *text, *fault; /* part of it */
	} cases[] = {
		{"", "not a condition"},
		{"status", "not a condition"},
		{"status!online", "not a condition"},
		{"score>high", "a number or a time"},
		{"score>", "a number or a time"},
		{"score>=x", "a number or a time"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct condition condition;
		const char *fault = condition_read(&condition, cases[i].text);
		if (!fault || !strstr(fault, cases[i].fault))
			fail_msg("\"%s\": %s", cases[i].text, fault ? fault : "no fault");
	}
	struct condition condition;
	assert_null(condition_read(&condition, "net.host!=x"));
	assert_int_equal(condition.field_length, 8);
	assert_string_equal(condition.value, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
