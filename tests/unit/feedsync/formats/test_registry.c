/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of the formats: each row is whole, and is found by its name. What a format makes of a feed: test_vectors. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/parse.h"

static void rows(void **state)
{
	(void)state;
	unsigned count = 0;
	for (; format_at(count); count++) {
		const struct format *format = format_at(count);
		assert_ptr_equal(format_find(format->name), format);
		assert_true(format->sentence && format->sentence[0]);
		unsigned parsers = !!format->parse_line + !!format->parse_document + !!format->parse_directory;
		if (parsers != 1 || !format->parse_directory != (format->layout == LAYOUT_DOCUMENT))
			fail_msg("%s: %u parsers", format->name, parsers);
	}
	assert_true(count > 0);
	assert_null(format_at(count + 1));
	assert_null(format_find("no-such"));
	assert_null(format_find(""));
}

/* The list of names is whole: a message tells of every format. */
static void names(void **state)
{
	(void)state;
	char expected[1024] = "";
	for (unsigned i = 0; format_at(i); i++) {
		strcat(expected, i > 0 ? ", " : "");
		strcat(expected, format_at(i)->name);
	}
	assert_string_equal(format_names(), expected);
	assert_string_equal(format_names(), expected);
}

/* A feed that is a directory cannot come from standard input. */
static void no_directory(void **state)
{
	(void)state;
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct parse_counts counts = {0};
	struct sink sink = {.counts = &counts};
	struct why why;
	const struct parse parse = {.document = "doc", .options = &options, .sink = &sink, .why = &why};
	assert_int_equal(format_parse(format_find("misp-feed"), &parse), -EINVAL);
	assert_string_equal(why.text, "doc: a feed of this format is a directory");
	const struct parse missing = {
		.path = "/nonexistent", .document = "doc", .options = &options, .sink = &sink, .why = &why};
	assert_int_equal(format_parse(format_find("domains"), &missing), -ENOENT);
	assert_memory_equal(why.text, "doc: ", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(names),
		cmocka_unit_test(no_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
