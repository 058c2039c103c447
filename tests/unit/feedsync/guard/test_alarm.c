/* SPDX-License-Identifier: BSD-3-Clause */
/* When a size is believed. */
#include "tests/unit/unit.h"

#include "feedsync/guard/alarm.h"

static void sizes(void **state)
{
	(void)state;
	static const struct {
		uint64_t before, now;
		uint32_t shrink, growth;
		enum alarm alarm;
		const char *words;
	} cases[] = {
		{0, 1000000, 50, 200, ALARM_NONE, NULL}, /* the first one */
		{0, 0, 50, 200, ALARM_NONE, NULL},
		{86343, 86300, 50, 200, ALARM_NONE, NULL},
		{10000, 5000, 50, 200, ALARM_NONE, NULL}, /* just so */
		{10000, 4999, 50, 200, ALARM_SHRINK,
			"4999 rules, 50 % fewer than the 10000 before (table-max-shrink 50)"},
		{86343, 0, 50, 200, ALARM_SHRINK, "0 rules, 100 % fewer"},
		{10000, 30000, 50, 200, ALARM_NONE, NULL},
		{10000, 30001, 50, 200, ALARM_GROWTH,
			"30001 rules, 200 % more than the 10000 before (table-max-growth 200)"},
		{69, 255725, 50, 200, ALARM_GROWTH, "255725 rules, 370515 % more than the 69 before"},
		{999, 0, 50, 200, ALARM_NONE, NULL}, /* small */
		{1000, 0, 50, 200, ALARM_SHRINK, ""},
		{1, 1000, 50, 200, ALARM_NONE, NULL},
		{1, 1001, 50, 200, ALARM_GROWTH, ""},
		{10000, 9000, 9, 200, ALARM_SHRINK, ""},
		{10000, 9000, 10, 200, ALARM_NONE, NULL},
		{10000, 11000, 50, 0, ALARM_GROWTH, ""},
		{UINT64_C(1) << 40, 0, 100, 200, ALARM_NONE, NULL},
		{1, UINT64_C(1) << 40, 50, PERCENT_NEVER, ALARM_NONE, NULL},
		{1 << 30, 0, PERCENT_NEVER, 200, ALARM_NONE, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct alarm_limits limits = {.max_shrink = cases[i].shrink, .max_growth = cases[i].growth};
		struct why why = {""};
		enum alarm alarm = alarm_size(&limits, "rules", "table-", cases[i].before, cases[i].now, &why);
		if (alarm != cases[i].alarm || (cases[i].words && !strstr(why.text, cases[i].words)))
			fail_msg("%llu, then %llu: \"%s\" \"%s\"", (unsigned long long)cases[i].before,
				(unsigned long long)cases[i].now, alarm_key(alarm), why.text);
	}
}

static void tallies(void **state)
{
	(void)state;
	static const struct {
		uint64_t entries, malformed, others;
		uint32_t minimum, max_rejected;
		enum alarm alarm;
		const char *words;
	} cases[] = {
		{1000, 0, 0, 1000, 50, ALARM_NONE, NULL},
		{999, 0, 0, 1000, 50, ALARM_MINIMUM, "999 entries only (min-entries 1000)"},
		{0, 0, 0, 0, 50, ALARM_NONE, NULL},
		{10, 10, 0, 0, 50, ALARM_NONE, NULL},
		{10, 11, 0, 0, 50, ALARM_REJECTED, "11 of 21 entries are unusable"},
		{1, 9, 0, 0, 50, ALARM_NONE, NULL}, /* a few */
		{1, 10, 0, 0, 50, ALARM_REJECTED, ""},
		{1, 10, 0, 0, 100, ALARM_NONE, NULL},
		{100, 10, 0, 0, 5, ALARM_REJECTED, ""},
		{10, 0, 100000, 0, 50, ALARM_NONE, NULL}, /* guarded, of another type ...: not the syntax's fault */
		{10, 11, 100000, 100, 50, ALARM_REJECTED, ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct alarm_limits limits = {.min_entries = cases[i].minimum,
			.max_shrink = 50,
			.max_growth = 200,
			.max_rejected = cases[i].max_rejected};
		struct parse_counts counts = {.entries = cases[i].entries};
		counts.rejected[REJECT_CHARACTER] = cases[i].malformed;
		counts.rejected[REJECT_TYPE] = cases[i].others / 2;
		counts.rejected[REJECT_GUARDED] = cases[i].others / 2;
		struct why why = {""};
		enum alarm alarm = alarm_counts(&limits, &counts, 0, &why);
		if (alarm != cases[i].alarm || (cases[i].words && !strstr(why.text, cases[i].words)))
			fail_msg("case %u: \"%s\" \"%s\"", i, alarm_key(alarm), why.text);
	}
	/* And the size before. */
	const struct alarm_limits limits = {.max_shrink = 50, .max_growth = 200, .max_rejected = 50};
	const struct parse_counts counts = {.entries = 100};
	struct why why;
	assert_int_equal(alarm_counts(&limits, &counts, 10000, &why), ALARM_SHRINK);
}

/* What went at once, whatever came for it. */
static void churn(void **state)
{
	(void)state;
	static const struct {
		uint64_t before, gone;
		uint32_t limit;
		enum alarm alarm;
	} cases[] = {
		{0, 0, 75, ALARM_NONE},
		{999, 999, 75, ALARM_NONE},
		{1000, 1000, 75, ALARM_CHURN},
		{4000, 3000, 75, ALARM_NONE},
		{4000, 3001, 75, ALARM_CHURN},
		{4000, 4000, 100, ALARM_NONE},
		{4000, 4000, PERCENT_NEVER, ALARM_NONE},
		{100000, 999, 0, ALARM_NONE},
		{100000, 1000, 0, ALARM_CHURN},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct alarm_limits limits = {.max_churn = cases[i].limit};
		struct why why = {""};
		enum alarm alarm = alarm_churn(&limits, cases[i].before, cases[i].gone, &why);
		if (alarm != cases[i].alarm || (alarm == ALARM_CHURN) != (strstr(why.text, "max-churn") != NULL))
			fail_msg("case %u: \"%s\" \"%s\"", i, alarm_key(alarm), why.text);
	}
}

/* How much room names take. */
static void depth(void **state)
{
	(void)state;
	static const struct {
		uint64_t before, nodes_before, now, nodes_now;
		uint32_t limit;
		enum alarm alarm;
	} cases[] = {
		{0, 0, 100000, 9000000, 200, ALARM_NONE},
		{100000, 150000, 100000, 450000, 200, ALARM_NONE},
		{100000, 150000, 100000, 450001, 200, ALARM_GROWTH},
		{100000, 150000, 1000000, 4500000, 200, ALARM_NONE},
		{100000, 150000, 1000000, 4515001, 200, ALARM_GROWTH},
		{1000, 1000, 1000, 100999, 200, ALARM_NONE},
		{1000, 1000, 1000, 101000, 200, ALARM_GROWTH},
		{1000, 1000, 1000, 15000000, PERCENT_NEVER, ALARM_NONE},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct alarm_limits limits = {.max_growth = cases[i].limit};
		struct why why = {""};
		enum alarm alarm = alarm_depth(
			&limits, cases[i].before, cases[i].nodes_before, cases[i].now, cases[i].nodes_now, &why);
		if (alarm != cases[i].alarm)
			fail_msg("case %u: \"%s\" \"%s\"", i, alarm_key(alarm), why.text);
	}
}

static void not_freed(void **state)
{
	(void)state;
	struct parse_counts counts = {.entries = 1000000};
	struct why why;
	assert_int_equal(alarm_not_freed(&counts, &why), ALARM_NONE);
	counts.not_freed = 1;
	counts.not_freed_first = (struct sample){REJECT_NUL, "l:3: x"};
	assert_int_equal(alarm_not_freed(&counts, &why), ALARM_NOT_FREED);
	assert_string_equal(why.text, "1 entry is to free names and is not understood, for example l:3: x: NUL octet");
	counts.not_freed = 2;
	assert_int_equal(alarm_not_freed(&counts, &why), ALARM_NOT_FREED);
	assert_memory_equal(why.text, "2 entries are to free names and are not understood", 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(tallies),
		cmocka_unit_test(churn),
		cmocka_unit_test(depth),
		cmocka_unit_test(not_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
