/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/config/yaml.h"

static struct yaml_document *parse(const char *text)
{
	struct yaml_document *document;
	struct complaints complaints;
	complaints_begin(&complaints);
	int status = yaml_parse(&document, text, strlen(text), &complaints);
	if (status != 0)
		fail_msg("%s: %u: %s", text, complaints.list[0].line, complaints.list[0].text);
	complaints_end(&complaints);
	return document;
}

static void lines(void **state)
{
	(void)state;
	struct yaml_document *document = parse("# first\na: &x\n  - one\n  - {k: v,\n     w: two\n      lines}\n"
					       "b:\n  *x\n\"c\": ''\n");
	const struct yaml_value *top = yaml_top(document);
	assert_int_equal(top->kind, YAML_MAP);
	assert_int_equal(top->count, 3);
	const struct yaml_entry *a = yaml_find(top, "a"), *b = yaml_find(top, "b"), *c = yaml_find(top, "c");
	assert_int_equal(a->key->line, 2);
	assert_int_equal(a->value->kind, YAML_LIST);
	assert_ptr_equal(a->value, b->value);
	assert_int_equal(b->key->line, 7);
	assert_string_equal(a->value->entry[0].value->text, "one");
	assert_int_equal(a->value->entry[0].value->line, 3);
	assert_null(a->value->entry[0].key);
	assert_int_equal(yaml_find(a->value->entry[1].value, "w")->key->line, 5);
	assert_string_equal(c->value->text, "");
	assert_null(yaml_find(top, "d"));
	assert_null(yaml_find(c->value, "d"));
	yaml_free(&document);
	assert_null(document);
}

/* A list of a list of 1000 texts, and of so many aliases of that. */
static void write_aliased(char *text, size_t room, unsigned aliases)
{
	size_t length = (size_t)snprintf(text, room, "- &a [x");
	for (unsigned i = 1; i < 1000; i++)
		length += (size_t)snprintf(text + length, room - length, ",x");
	length += (size_t)snprintf(text + length, room - length, "]\n");
	for (unsigned i = 0; i < aliases; i++)
		length += (size_t)snprintf(text + length, room - length, "- *a\n");
}

/* As many values as there may be: 1 + 999 * 1001. */
static void most_aliases(void **state)
{
	(void)state;
	static char text[10000];
	write_aliased(text, sizeof text, 998);
	struct yaml_document *document = parse(text);
	assert_int_equal(yaml_top(document)->count, 999);
	yaml_free(&document);
}

static void refusals(void **state)
{
	(void)state;
	static char many_anchors[5000], many_values[2100000];
	size_t length = (size_t)snprintf(many_anchors, sizeof many_anchors, "[");
	for (unsigned i = 0; i <= 100; i++)
		length += (size_t)snprintf(many_anchors + length, sizeof many_anchors - length, "&a%u x,", i);
	snprintf(many_anchors + length, sizeof many_anchors - length, "]");
	memset(many_values, 'x', sizeof many_values - 2);
	for (size_t i = 2; i < sizeof many_values - 2; i += 2)
		many_values[i] = ',';
	many_values[0] = '[';
	many_values[sizeof many_values - 2] = ']';
	static char many_aliased[10000];
	write_aliased(many_aliased, sizeof many_aliased, 999);
#define TEN(x) "[" x "," x "," x "," x "," x "," x "," x "," x "," x "," x "]\n"
	static const char deep_aliased[] = "- &a " TEN("x") "- &b " TEN("*a") "- &c " TEN("*b") "- &d " TEN(
		"*c") "- &e " TEN("*d") "- &f " TEN("*e");
	/* Sixteen that are none of YAML's, which is said, and one more. */
#define DIRECTIVES "%A\n%A\n%A\n%A\n%A\r\n%A\n%A\n%A\n%A\n%A\n%A\n%A\n%A\n%A\n%A\n%A\n"
	static const char nul[] = "a: \"x\\0y\"\n";
	const struct {
		const char *text;
		unsigned line;
		const char *words;
	} cases[] = {
		{"", 1, "empty"},
		{"# nothing\n\n", 1, "empty"},
		{"a: [\n", 2, "not YAML"},
		{"a: 1\n b: 2\n", 2, "not YAML"},
		{"a:\n\t- x\n", 2, "not YAML"},
		{"a: \xff\n", 1, "not YAML"},
		{"a: 1\n---\nb: 2\n", 2, "second document"},
		{"a: 1\n...\n---\n", 3, "second document"},
		{"a: *b\n", 1, "anchor"},
		{"a: &b [*b]\n", 1, "anchor"}, /* it has not ended yet */
		{"? [a]\n: b\n", 1, "key"},
		{"a: [[[[[[[[[[x]]]]]]]]]]\n", 1, "8 deep"},
		{nul, 1, "NUL"},
		{many_anchors, 1, "100 anchors"},
		{many_values, 1, "1000000 values"},
		{many_aliased, 1000, "1000000 values"},
		{deep_aliased, 6, "1000000 values"},
		{DIRECTIVES "---\na: 1\n", 1, "not YAML"},
		{DIRECTIVES "%A\n---\na: 1\n", 17, "16 directives"},
		{"a: 1\n...\n" DIRECTIVES "%A\n---\n", 19, "16 directives"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct yaml_document *document;
		struct complaints complaints;
		complaints_begin(&complaints);
		size_t size = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, size);
		assert_int_equal(yaml_parse(&document, (const char *)text, size, &complaints), -EBADMSG);
		assert_null(document);
		assert_true(complaints.count > 0);
		if (complaints.list[0].line != cases[i].line || !strstr(complaints.list[0].text, cases[i].words))
			fail_msg("%.60s: %u: %s", cases[i].text, complaints.list[0].line, complaints.list[0].text);
		edge_free(text, size);
		complaints_end(&complaints);
	}
}

static uint64_t sum_of(const char *text)
{
	struct yaml_document *document = parse(text);
	uint64_t sum = yaml_sum(yaml_top(document));
	yaml_free(&document);
	return sum;
}

/* It is of what is said, not of how. */
static void sums(void **state)
{
	(void)state;
	const uint64_t sum = sum_of("{a: [x, y], b: z}");
	assert_int_not_equal(sum, 0);
	assert_int_equal(sum, sum_of("# words\na:\n  - 'x'\n  - \"y\"\nb:   z # more\n"));
	assert_int_equal(sum, sum_of("{a: [x, &n y], b: z}"));
	static const char *const others[] = {"{a: [x, y], b: w}", "{a: [y, x], b: z}", "{a: [x], b: z}",
		"{a: [x, y], c: z}", "{a: [xy], b: z}", "{a: [[x, y]], b: z}", "{a: {x: y}, b: z}", "{b: z, a: [x, y]}",
		"{a: [x, y, b, z]}"};
	for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_not_equal(sum, sum_of(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(most_aliases),
		cmocka_unit_test(refusals), cmocka_unit_test(sums)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
