/* SPDX-License-Identifier: BSD-3-Clause */
/* Words of lines: each text is a block of its own size, so a sanitizer sees what is read beyond it. */
#include "tests/unit/unit.h"

#include "feedsync/formats/span.h"

static void words(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words; /* each in brackets */
	} cases[] = {
		{"", ""},
		{" ", ""},
		{"a", "[a]"},
		{"a b", "[a][b]"},
		{"\t a  \tbc ", "[a][bc]"},
		{"a\r b", "[a\r][b]"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		struct span rest = {(const char *)text, length}, word;
		char got[64] = "";
		while ((word = span_word(&rest)).length > 0)
			snprintf(got + strlen(got), sizeof got - strlen(got), "[%.*s]", (int)word.length, word.text);
		edge_free(text, length);
		if (strcmp(got, cases[i].words) != 0)
			fail_msg("\"%s\": expected %s, got %s", cases[i].text, cases[i].words, got);
	}
}

static void comparisons(void **state)
{
	(void)state;
	static const char *const list[] = {"In", "CH", NULL};
	static const struct {
		const char *text;
		bool is_ab, starts_ab, in_list, nowhere;
	} cases[] = {
		{"ab", true, true, false, false},
		{"abc", false, true, false, false},
		{"a", false, false, false, false},
		{"AB", false, false, false, false},
		{"", false, false, false, false},
		{"IN", false, false, true, false},
		{"inn", false, false, false, false},
		{"0.0.0.0", false, false, false, true},
		{"0", false, false, false, true},
		{"0.0.0.1", false, false, false, true},
		{"0.255", false, false, false, true},
		{"0.256", false, false, false, false},
		{"0.0.0.0.0", false, false, false, false},
		{"0.", false, false, false, false},
		{"0.0.0.0001", false, false, false, false},
		{"00.0.0.0", false, false, false, true},
		{"127.0.0.2", false, false, false, true},
		{"1270.0.0.1", false, false, false, false},
		{"1.0.0.0", false, false, false, false},
		{"128.0.0.1", false, false, false, false},
		{"127.0.0.1#53", false, false, false, false},
		{"::", false, false, false, true},
		{"::2", false, false, false, false},
		{"0:0::1", false, false, false, true},
		{"::ffff:0.0.0.0", false, false, false, true},
		{"::ffff:127.1.2.3", false, false, false, true},
		{"::ffff:192.0.2.1", false, false, false, false},
		{"::127.0.0.1", false, false, false, false},
		{":", false, false, false, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		const struct span span = {(const char *)text, length};
		bool right =
			span_is(span, "ab") == cases[i].is_ab && span_starts_with(span, "ab") == cases[i].starts_ab &&
			span_is_one_of(span, list) == cases[i].in_list && span_leads_nowhere(span) == cases[i].nowhere;
		edge_free(text, length);
		if (!right)
			fail_msg("\"%s\"", cases[i].text);
	}
}

static void comments(void **state)
{
	(void)state;
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"", ""},
		{"#", ""},
		{" a # b", "a"},
		{"a#b # c", "a#b"},
		{"a\t#", "a"},
		{"\"a # b\" # c", "\"a # b\""},
		{"\"it's\" # c", "\"it's\""},
		{"'a # b", "'a # b"},
		{"a' # b' # c", "a' # b'"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].line);
		uint8_t *line = edge_copy(cases[i].line, length);
		struct span text = span_without_comment((struct span){(const char *)line, length}, "\"'");
		bool right = text.length == strlen(cases[i].text) && memcmp(text.text, cases[i].text, text.length) == 0;
		edge_free(line, length);
		if (!right)
			fail_msg("\"%s\": expected \"%s\"", cases[i].line, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(comments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
