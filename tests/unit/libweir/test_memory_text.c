/* SPDX-License-Identifier: BSD-3-Clause */
/* A text is whole where nothing that was written to it is lost, its stream is closed well, and there is one. */
#include "tests/unit/unit.h"

#include "libweir/memory_text.h"

static bool writes, closes; /* whether that goes well */

static ssize_t on_write(void *context, const char *octets, size_t length)
{
	(void)context, (void)octets;
	return writes ? (ssize_t)length : 0;
}

static int on_close(void *context)
{
	(void)context;
	return closes ? 0 : -1;
}

static void whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		char octet, *text = i & 1 ? &octet : NULL;
		FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = on_write, .close = on_close});
		assert_non_null(stream);
		fputs("text", stream);
		writes = i >> 1 & 1; /* before it is closed */
		assert_int_equal(fflush(stream), writes ? 0 : EOF);
		fputs("text", stream);
		writes = i >> 2 & 1; /* while it is closed */
		closes = i >> 3 & 1;
		assert_int_equal(memory_text_close(stream, &text), i == 15);
	}
}

/* As it is used. */
static void texts(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "a", "alpha\tbeta\n"};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = NULL;
		size_t length;
		FILE *stream = open_memstream(&text, &length);
		fputs(cases[i], stream);
		assert_true(memory_text_close(stream, &text));
		assert_string_equal(text, cases[i]);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(whole), cmocka_unit_test(texts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
