/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of any size up to the maximum is read as it is, and of what is larger, or no file, there is no text. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/base/whole_text.h"

static void write_octets(const char *path, size_t length)
{
	FILE *out = fopen(path, "we");
	assert_non_null(out);
	for (size_t i = 0; i < length; i++)
		putc((int)(i * 31 % 251), out);
	assert_int_equal(fclose(out), 0);
}

/* From the file, and from a stream whose length nobody knows. */
static void sizes(void **state)
{
	(void)state;
	enum { FIRST = 1 << 16 }; /* what it makes room for at once */
	static const struct {
		size_t length;
		uint64_t max;
		int status;
	} cases[] = {{0, 0, 0}, {1, 0, -EFBIG}, {0, 10, 0}, {9, 10, 0}, {10, 10, 0}, {11, 10, -EFBIG},
		{FIRST - 1, FIRST, 0}, {FIRST, FIRST, 0}, {FIRST + 1, FIRST, -EFBIG}, {FIRST, UINT64_MAX, 0},
		{FIRST + 1, UINT64_MAX, 0}, {3 * FIRST, 3 * FIRST, 0}, {3 * FIRST + 1, 3 * FIRST, -EFBIG},
		{3 * FIRST, FIRST - 1, -EFBIG}};
	const char *path = in_directory("file");
	for (unsigned i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		size_t length, wanted = cases[i / 2].length;
		char *text;
		struct why why = {0};
		write_octets(path, wanted);
		FILE *in = i % 2 ? fopen(path, "re") : NULL;
		int status = in ? whole_text_read(&text, &length, in, cases[i / 2].max, &why)
				: whole_text_load(&text, &length, path, cases[i / 2].max, &why);
		if (in)
			fclose(in);
		if (status != cases[i / 2].status || (text != NULL) != (status == 0) ||
			(status == 0 && length != wanted))
			fail_msg("%zu octets, %llu at most: %d \"%s\", %zu octets", wanted,
				(unsigned long long)cases[i / 2].max, status, why.text, length);
		for (size_t at = 0; text && at < length; at++)
			assert_int_equal((uint8_t)text[at], at * 31 % 251);
		if (status != 0)
			assert_non_null(strstr(why.text, "more than "));
		free(text);
	}
}

static void no_files(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int status;
	} cases[] = {{"none", -ENOENT}, {"fifo", -EBADMSG}, {".", -EBADMSG}, {"file/x", -ENOTDIR}};
	write_text(in_directory("file"), "x");
	assert_int_equal(mkfifo(in_directory("fifo"), 0600), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = (char *)&text;
		size_t length;
		struct why why = {0};
		assert_int_equal(
			whole_text_load(&text, &length, in_directory(cases[i].name), 10, &why), cases[i].status);
		assert_null(text);
		assert_true(why.text[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sizes, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(no_files, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
