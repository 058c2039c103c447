/* SPDX-License-Identifier: BSD-3-Clause */
/* What of text from outside reaches a terminal: one row for each kind of octet and character. */
#include "tests/unit/unit.h"

#include "feedsync/base/clean.h"

static const struct {
	const char *text, *shown; /* shown NULL: as it is */
} cases[] = {
	{"", NULL}, {"plain ASCII, 0-9 ~!\\\"", NULL},
	{"b\xc3\xbc"
	 "cher \xe4\xb8\xad\xe6\x96\x87 \xce\xb1 \xd7\x90 \xd8\xb9",
		NULL},                                                           /* letters of several scripts */
	{"e\xcc\x81 \xe2\x82\xac \xe2\x80\x93 \xf0\x9f\x98\x80 \xc2\xa0", NULL}, /* mark, symbol, dash, emoji, space */
	{"\x1b[31m", "\\x1b[31m"}, {"a\r\nb\tc\x7f", "a\\x0d\\x0ab\\x09c\\x7f"},
	{"\x9b"
	 "31m",
		"\\x9b31m"}, /* CSI in an octet */
	{"\xc2\x9b"
	 "31m",
		"\\xc2\\x9b31m"},                                       /* the same in UTF-8 */
	{"x\xe2\x80\xaey", "x\\xe2\\x80\\xaey"},                        /* U+202E, right to left */
	{"\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"}, /* isolates */
	{"\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"}, /* line and paragraph separators */
	{"\xe2\x80\x8b\xc2\xad\xef\xbb\xbf", "\\xe2\\x80\\x8b\\xc2\\xad\\xef\\xbb\\xbf"}, /* invisible */
	{"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},                                     /* a tag character */
	{"\xee\x80\x80", "\\xee\\x80\\x80"},                                              /* private use */
	{"\xcd\xb8", "\\xcd\\xb8"},                                                       /* unassigned */
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},                                              /* a surrogate */
	{"\xc0\xaf\xe0\x80\x80", "\\xc0\\xaf\\xe0\\x80\\x80"},                            /* longer than need be */
	{"\xf5\x80\x80\x80\xff", "\\xf5\\x80\\x80\\x80\\xff"},                            /* beyond Unicode */
	{"\xc3(", "\\xc3("},                                                              /* cut off in the middle, */
	{"a\xe2\x82", "a\\xe2\\x82"},                                                     /* and at the end */
	{"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},                                              /* no character */
};

static void texts(void **state)
{
	(void)state;
	char shown[200];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *wanted = cases[i].shown ? cases[i].shown : cases[i].text;
		clean_text(shown, sizeof shown, cases[i].text);
		assert_string_equal(shown, wanted);
		clean(shown, sizeof shown); /* what is clean stays as it is */
		assert_string_equal(shown, wanted);
	}
}

/* What does not fit is left out as a whole. */
static void room(void **state)
{
	(void)state;
	char shown[8];
	static const struct {
		const char *text;
		size_t room;
		const char *shown;
	} narrow[] = {
		{"abcdef", 4, "abc"},
		{"ab\x1b", 6, "ab"},
		{"ab\x1b", 7, "ab\\x1b"},
		{"a\xe2\x82\xac", 4, "a"},
		{"a\xe2\x82\xac", 5, "a\xe2\x82\xac"},
		{"abc", 1, ""},
	};
	for (unsigned i = 0; i < sizeof narrow / sizeof *narrow; i++) {
		memset(shown, 'x', sizeof shown);
		clean_text(shown, narrow[i].room, narrow[i].text);
		assert_string_equal(shown, narrow[i].shown);
	}
}

/* In whatever pieces it is written. */
static void stream(void **state)
{
	(void)state;
	char got[2000], wanted[2000] = "";
	size_t length;
	FILE *before = stdout, *whole = tmpfile();
	assert_non_null(whole);
	for (size_t piece = 1; piece <= 5; piece++) {
		stdout = whole;
		rewind(whole);
		assert_int_equal(clean_stdout(), 0);
		FILE *cleaned = stdout;
		wanted[0] = '\0';
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
			char line[200], shown[400];
			if (strpbrk(cases[i].text, "\n\t"))
				continue;
			snprintf(line, sizeof line, "%s\t\n", cases[i].text);
			for (size_t at = 0, all = strlen(line); at < all; at += piece) {
				fwrite(line + at, 1, all - at < piece ? all - at : piece, cleaned);
				fflush(cleaned);
			}
			clean_text(shown, sizeof shown, cases[i].text);
			strcat(strcat(wanted, shown), "\t\n");
		}
		assert_int_equal(fclose(cleaned), 0);
		long end = ftell(whole);
		rewind(whole);
		length = fread(got, 1, sizeof got - 1, whole);
		got[length < (size_t)end ? length : (size_t)end] = '\0';
		stdout = before;
		assert_string_equal(got, wanted);
	}
	fclose(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(room),
		cmocka_unit_test(stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
