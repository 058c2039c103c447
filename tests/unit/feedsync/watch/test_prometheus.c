/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Prometheus server answers: taken where it is as its API promises, refused as a whole with the place where it is not. */
#include "fleet_config.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/watch/prometheus.h"

#define ANSWER(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" series "]}}"
#define SERIES(name, instance, more, value)                                                                            \
	"{\"metric\":{\"__name__\":\"" name "\",\"instance\":\"" instance "\"" more "},\"value\":[1,\"" value "\"]}"
#define CONDITION(instance, key) SERIES("weir_condition", instance, ",\"condition\":\"" key "\"", "1")

static const struct {
	const char *what, *text;
	int status;
	const char *why;
	/* of each resolver: what is told, "-" = nothing */
	const char *told[4];
	uint64_t generation[4];
} answers[] = {
	{"nothing", ANSWER(""), 0, "", {"-", "-", "-", "-"}, {0}},
	{"by name, with and without a port",
		ANSWER(SERIES("weir_well", "r1:9953", "", "1") "," SERIES("weir_well", "r2", "", "0")), 0, "",
		{"", "", "-", "-"}, {0}},
	{"by address",
		ANSWER(SERIES("weir_well", "[2001:db8::2]:9953", "", "1") "," SERIES(
			"weir_well", "192.0.2.3:1", "", "1")),
		0, "", {"-", "", "", ""}, {0}},
	{"an IPv6 address without a port", ANSWER(SERIES("weir_well", "2001:db8::2", "", "1")), 0, "",
		{"-", "", "-", "-"}, {0}},
	{"of others",
		ANSWER(SERIES("weir_well", "r9:1", "", "1") "," SERIES("weir_well", "", "", "1") "," SERIES(
			"weir_well", "[", "", "1") "," SERIES("weir_well", "]:", "", "1")),
		0, "", {"-", "-", "-", "-"}, {0}},
	{"the oldest generation of a host",
		ANSWER(SERIES("weir_resolver_generation", "r1", "", "12") "," SERIES("weir_resolver_generation", "r1",
			"", "11") "," SERIES("weir_resolver_generation", "r1", "", "0")),
		0, "", {"", "-", "-", "-"}, {11}},
	{"conditions",
		ANSWER(CONDITION("r1", "pull_refused") "," CONDITION("r1", "table_none") "," CONDITION("r2", "")), 0,
		"", {"pull_refused table_none", "", "-", "-"}, {0}},
	{"one that is none",
		ANSWER(SERIES("weir_condition", "r1", ",\"condition\":\"pull_refused\"", "0") "," CONDITION(
			"r1", "a b") "," CONDITION("r2", "\\u001b[1m")),
		0, "", {"", "\\x1b[1m", "-", "-"}, {0}},
	{"metrics that nobody asked for", ANSWER(SERIES("up", "r1", "", "1")), 0, "", {"", "-", "-", "-"}, {0}},
	{"a label that it has not", ANSWER("{\"metric\":{\"__name__\":\"weir_well\"},\"value\":[1,\"1\"]}"), 0, "",
		{"-", "-", "-", "-"}, {0}},
	{"no object", "[]", -EBADMSG, "the answer is not an object", {0}, {0}},
	{"no status", "{}", -EBADMSG, "status: not \"success\"", {0}, {0}},
	{"an error", "{\"status\":\"error\",\"error\":\"too many\\u001b\"}", -EBADMSG,
		"status: not \"success\": too many\\x1b", {0}, {0}},
	{"a matrix", "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", -EBADMSG,
		"data.resultType: not \"vector\"", {0}, {0}},
	{"no list", "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":{}}}", -EBADMSG,
		"data.result: not a list", {0}, {0}},
	{"no metric", ANSWER(SERIES("weir_well", "r1", "", "1") ",{\"value\":[1,\"1\"]}"), -EBADMSG,
		"data.result[1].metric: not an object", {0}, {0}},
	{"a series that is none", ANSWER("7"), -EBADMSG, "data.result[0].metric: not an object", {0}, {0}},
	{"a label of another kind",
		ANSWER("{\"metric\":{\"__name__\":\"weir_well\",\"instance\":{}},\"value\":[1,\"1\"]}"), -EBADMSG,
		"data.result[0].metric: a label whose value is not a text", {0}, {0}},
	{"no value", ANSWER(SERIES("weir_well", "r1", "", "1") ",{\"metric\":{}}"), -EBADMSG,
		"data.result[1].value: not a time and a number of 0 or more", {0}, {0}},
	{"a value that is a number", ANSWER("{\"metric\":{},\"value\":[1,1]}"), -EBADMSG,
		"data.result[0].value: not a time", {0}, {0}},
	{"a time that is a text", ANSWER("{\"metric\":{},\"value\":[\"1\",\"1\"]}"), -EBADMSG,
		"data.result[0].value: not a time", {0}, {0}},
	{"a long value", ANSWER("{\"metric\":{},\"value\":[1,\"1\",2]}"), -EBADMSG, "data.result[0].value: not a time",
		{0}, {0}},
	{"a word", ANSWER(SERIES("weir_well", "r1", "", "1x")), -EBADMSG, "data.result[0].value: not a time", {0}, {0}},
	{"no digits", ANSWER(SERIES("weir_well", "r1", "", "")), -EBADMSG, "data.result[0].value: not a time", {0},
		{0}},
	{"not a number", ANSWER(SERIES("weir_well", "r1", "", "NaN")), -EBADMSG, "data.result[0].value: not a time",
		{0}, {0}},
	{"infinite", ANSWER(SERIES("weir_well", "r1", "", "+Inf")), -EBADMSG, "data.result[0].value: not a time", {0},
		{0}},
	{"negative", ANSWER(SERIES("weir_well", "r1", "", "-1")), -EBADMSG, "data.result[0].value: not a time", {0},
		{0}},
	{"beyond all generations", ANSWER(SERIES("weir_well", "r1", "", "1e300")), -EBADMSG,
		"data.result[0].value: not a time", {0}, {0}},
};

static void read_answers(void **state)
{
	(void)state;
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct watch_told told[4] = {{0}};
		struct why why = {""};
		struct node *document = json_parse(answers[i].text, strlen(answers[i].text), &why);
		assert_non_null(document);
		int status = prometheus_read(told, config, document, &why);
		if (status != answers[i].status || !strstr(why.text, answers[i].why))
			fail_msg("%s: %d, %s", answers[i].what, status, why.text);
		for (size_t r = 0; r < 4; r++) {
			const char *expected = answers[i].told[r] ? answers[i].told[r] : "-";
			const char *got = told[r].known ? told[r].conditions : "-";
			if (strcmp(got, expected) != 0 || told[r].generation != answers[i].generation[r])
				fail_msg("%s: resolver %zu: \"%s\", generation %llu", answers[i].what, r + 1, got,
					(unsigned long long)told[r].generation);
		}
		node_free(document);
	}
	config_free(&config);
}

/* More conditions than there is room for: the first ones stay, whole. */
static void many_conditions(void **state)
{
	(void)state;
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	static char text[40000];
	struct watch_told told[4] = {{0}};
	struct why why;
	size_t length = (size_t)snprintf(
		text, sizeof text, "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[");
	for (unsigned i = 0; i < 100; i++)
		length += (size_t)snprintf(
			text + length, sizeof text - length, "%s" CONDITION("r1", "condition_%u"), i > 0 ? "," : "", i);
	snprintf(text + length, sizeof text - length, "]}}");
	struct node *document = json_parse(text, strlen(text), &why);
	assert_non_null(document);
	assert_int_equal(prometheus_read(told, config, document, &why), 0);
	size_t used = strlen(told[0].conditions);
	assert_in_range(used, sizeof told[0].conditions - 16, sizeof told[0].conditions - 1);
	assert_memory_equal(told[0].conditions, "condition_0 condition_1 ", 24);
	assert_true(told[0].conditions[used - 1] >= '0' && told[0].conditions[used - 1] <= '9');
	node_free(document);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_answers, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(many_conditions, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
