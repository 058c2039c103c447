/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/monitor/series.h"
#include "tests/unit/unit.h"

static const char *const labels[] = {"feed", "action", NULL}, *const none[] = {NULL};

static void assert_printed(struct series_list *series, enum metric_type type, const char *expected)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	assert_non_null(out);
	series_print(series, out, "weir_x", type, "Help.");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
	assert_int_equal(series->count, 0);
}

static void test_nothing(void **state)
{
	struct series_list series = {.names = labels};
	(void)state;
	assert_printed(&series, METRIC_GAUGE, "");
}

static void test_values(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {{0, "0"}, {1, "1"}, {0.012, "0.012"}, {1796021364, "1796021364"},
		{9007199254740991.0, "9.00719925474099e+15"}, {123456789012345.0, "123456789012345"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct series_list series = {.names = none};
		char expected[128];
		snprintf(expected, sizeof expected, "# HELP weir_x Help.\n# TYPE weir_x gauge\nweir_x %s\n",
			cases[i].text);
		series_add(&series, cases[i].value, NULL);
		assert_printed(&series, METRIC_GAUGE, expected);
	}
}

/* The same labels twice: Prometheus would refuse everything. */
static void test_double(void **state)
{
	static const struct {
		enum metric_type type;
		const char *text;
	} cases[] = {
		{METRIC_COUNTER, "# HELP weir_x Help.\n# TYPE weir_x counter\nweir_x{feed=\"a\",action=\"drop\"} 5\n"
				 "weir_x{feed=\"b\",action=\"drop\"} 1\n"},
		{METRIC_GAUGE, "# HELP weir_x Help.\n# TYPE weir_x gauge\nweir_x{feed=\"a\",action=\"drop\"} 3\n"
			       "weir_x{feed=\"b\",action=\"drop\"} 1\n"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct series_list series = {.names = labels};
		series_add(&series, 2, (const char *[]){"a", "drop"});
		series_add(&series, 1, (const char *[]){"b", "drop"});
		series_add(&series, 3, (const char *[]){"a", "drop"});
		assert_printed(&series, cases[i].type, cases[i].text);
	}
}

/* Whatever stands in shared memory, a label is one label. */
static void test_hostile_labels(void **state)
{
	char large[4096];
	struct series_list series = {.names = labels};
	(void)state;
	series_add(&series, 1, (const char *[]){"a\"} 1\nweir_well 1\n#", "\\\xff\x1b"});
	assert_printed(&series, METRIC_GAUGE,
		"# HELP weir_x Help.\n# TYPE weir_x gauge\n"
		"weir_x{feed=\"a\\\"} 1\\\\x0aweir_well 1\\\\x0a#\",action=\"\\\\\\\\xff\\\\x1b\"} 1\n");
	memset(large, '"', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	series_add(&series, 1, (const char *[]){large, large});
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	assert_non_null(out);
	series_print(&series, out, "weir_x", METRIC_GAUGE, "Help.");
	assert_int_equal(fclose(out), 0);
	assert_true(length < 2048);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing), cmocka_unit_test(test_values),
		cmocka_unit_test(test_double), cmocka_unit_test(test_hostile_labels)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
