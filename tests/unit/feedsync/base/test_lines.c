/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/lines.h"

static void check(const char *text, size_t length, const char *const *expected, size_t count)
{
	FILE *in = length ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");
	struct lines *lines = malloc(sizeof *lines);
	lines_begin(lines, in);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(lines_next(lines), 1);
		assert_int_equal(lines->number, i + 1);
		assert_int_equal(lines->length, strlen(expected[i]));
		assert_memory_equal(lines->text, expected[i], lines->length);
		assert_false(lines->too_long);
	}
	assert_int_equal(lines_next(lines), 0);
	assert_int_equal(lines_next(lines), 0);
	free(lines);
	fclose(in);
}

#define CHECK(text, ...)                                                                                               \
	do {                                                                                                           \
		const char *expected[] = {__VA_ARGS__};                                                                \
		check(text, sizeof text - 1, expected, sizeof expected / sizeof *expected);                            \
	} while (0)

static void line_ends(void **state)
{
	(void)state;
	check("", 0, NULL, 0);
	CHECK("a", "a");
	CHECK("a\n", "a");
	CHECK("a\nb", "a", "b");
	CHECK("a\r\nb\r\n", "a", "b");
	CHECK("a\rb\rc", "a", "b", "c");
	CHECK("\n\n", "", "");
	CHECK("\r\n\r\n", "", "");
	CHECK("\r\r\n\n", "", "", "");
	CHECK("a\r", "a");
	CHECK("\xef\xbb\xbf"
	      "a\n",
		"a");
	CHECK("a\n\xef\xbb\xbf"
	      "b",
		"a",
		"\xef\xbb\xbf"
		"b");
}

/* Every line end at every place around the edges of the reader's buffer. */
static void buffer_edges(void **state)
{
	(void)state;
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	struct lines *lines = malloc(sizeof *lines);
	size_t room = sizeof lines->buffer + 3 * MAX_LINE;
	char *text = malloc(room);
	for (unsigned e = 0; e < 3; e++) {
		size_t end_length = strlen(ends[e]);
		for (int shift = -6; shift <= 6; shift++) {
			/* Lines of MAX_LINE octets, then one that ends at the edge plus the shift, then "last". */
			size_t at = 0, edge = (size_t)((long)sizeof lines->buffer + shift);
			unsigned count = 0;
			while (at + MAX_LINE + end_length < edge) {
				memset(text + at, 'x', MAX_LINE);
				memcpy(text + at + MAX_LINE, ends[e], end_length);
				at += MAX_LINE + end_length;
				count++;
			}
			memset(text + at, 'y', edge - at);
			memcpy(text + edge, ends[e], end_length);
			memcpy(text + edge + end_length, "last", 4);
			FILE *in = fmemopen(text, edge + end_length + 4, "r");
			lines_begin(lines, in);
			for (unsigned i = 0; i < count; i++) {
				assert_int_equal(lines_next(lines), 1);
				assert_int_equal(lines->length, MAX_LINE);
			}
			assert_int_equal(lines_next(lines), 1);
			assert_int_equal(lines->length, edge - at);
			assert_int_equal(lines_next(lines), 1);
			assert_int_equal(lines->length, 4);
			assert_memory_equal(lines->text, "last", 4);
			assert_int_equal(lines_next(lines), 0);
			fclose(in);
		}
	}
	free(text);
	free(lines);
}

static void long_lines(void **state)
{
	(void)state;
	struct lines *lines = malloc(sizeof *lines);
	static const size_t lengths[] = {MAX_LINE, MAX_LINE + 1, 65535, 65536, 65537, 1000000};
	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (unsigned tail = 0; tail < 3; tail++) {
			char *text = malloc(lengths[i] + 8);
			memset(text, 'x', lengths[i]);
			const char *end = tail == 0 ? "" : tail == 1 ? "\r\nb" : "\nb";
			memcpy(text + lengths[i], end, strlen(end));
			FILE *in = fmemopen(text, lengths[i] + strlen(end), "r");
			lines_begin(lines, in);
			assert_int_equal(lines_next(lines), 1);
			assert_int_equal(lines->too_long, lengths[i] > MAX_LINE);
			assert_int_equal(lines->length, MAX_LINE);
			assert_int_equal(lines->text[0], 'x');
			if (tail > 0) {
				assert_int_equal(lines_next(lines), 1);
				assert_int_equal(lines->length, 1);
				assert_int_equal(lines->number, 2);
				assert_false(lines->too_long);
			}
			assert_int_equal(lines_next(lines), 0);
			fclose(in);
			free(text);
		}
	}
	free(lines);
}

static void no_lists(void **state)
{
	(void)state;
	static const char *const pages[] = {"<!DOCTYPE html>", "<html>", "  <HTML lang=en>", "<?xml version='1.0'?>",
		"\n \t\n\r\n<html>", "\xef\xbb\xbf<!doctype html>",
		"\xff\xfe"
		"a",
		"\xfe\xff"
		"a"};
	struct lines *lines = malloc(sizeof *lines);
	for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++) {
		FILE *in = fmemopen((void *)pages[i], strlen(pages[i]), "r");
		struct why why;
		lines_begin(lines, in);
		assert_int_equal(lines_first(lines, &why), -EBADMSG);
		assert_string_not_equal(why.text, "");
		fclose(in);
	}
	free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends),
		cmocka_unit_test(buffer_edges),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(no_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
