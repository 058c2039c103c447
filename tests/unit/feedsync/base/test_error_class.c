/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of error classes, there and back, and the class that a code has. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/error_class.h"

static void words(void **state)
{
	(void)state;
	for (enum error_class class = ERROR_NONE; class < ERROR_CLASS_COUNT; class ++) {
		const char *word = error_class_word(class);
		assert_non_null(word);
		assert_int_equal(word[0] == '\0', class == ERROR_NONE);
		if (error_class_from_word(word) != class)
			fail_msg("class %d: \"%s\" is read as %d", class, word, error_class_from_word(word));
	}
	assert_int_equal(error_class_from_word(NULL), ERROR_NONE);
	assert_int_equal(error_class_from_word("of another version"), ERROR_INTERNAL);
}

static void codes(void **state)
{
	(void)state;
	static const struct {
		int code;
		enum error_class class;
	} cases[] = {
		{0, ERROR_NONE},
		{-EBADMSG, ERROR_FORMAT},
		{-EFBIG, ERROR_FORMAT},
		{-E2BIG, ERROR_FORMAT},
		{WEIR_EFORMAT, ERROR_FORMAT},
		{WEIR_ERROR_LAST, ERROR_FORMAT},
		{-ENOMEM, ERROR_MEMORY},
		{-EMFILE, ERROR_MEMORY},
		{-ENFILE, ERROR_MEMORY},
		{-ENOENT, ERROR_DISK},
		{-EACCES, ERROR_DISK},
		{-ENOSPC, ERROR_DISK},
		{-EIO, ERROR_DISK},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (error_class_from_code(cases[i].code) != cases[i].class)
			fail_msg("code %d: %s, not %s", cases[i].code,
				error_class_word(error_class_from_code(cases[i].code)),
				error_class_word(cases[i].class));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
