/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

static void every_code_has_a_text(void **state)
{
	(void)state;
	static const int codes[] = {WEIR_EFORMAT, WEIR_EVERSION, WEIR_ELIMIT, WEIR_ENAME_EMPTY, WEIR_ENAME_LABEL,
		WEIR_ENAME_LONG_LABEL, WEIR_ENAME_LONG, WEIR_ENAME_ESCAPE, WEIR_ENAME_SINGLE, WEIR_ENAME_OCTET};
	for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
		assert_string_not_equal(error_text(codes[i]), "system error");
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(error_text(codes[i]), error_text(codes[j]));
	}
	assert_string_equal(error_text(-ENOENT), "No such file or directory");
	assert_string_equal(error_text(-99999), "system error");
	assert_string_equal(error_text(0), "no error");
	assert_string_equal(error_text(ENOENT), "system error"); /* no error of ours is positive */
}

/* What passes by itself, once others need less. */
static void shortages(void **state)
{
	(void)state;
	static const int shortages[] = {-ENOMEM, -EMFILE, -ENFILE};
	static const int others[] = {0, -EIO, -ENOENT, -EACCES, -ENOSPC, ENOMEM, WEIR_EFORMAT};
	for (unsigned i = 0; i < sizeof shortages / sizeof *shortages; i++)
		assert_true(error_is_shortage(shortages[i]));
	for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(error_is_shortage(others[i]));
}

/* A reason is one line, whatever it quotes. */
static void reasons_are_one_line(void **state)
{
	(void)state;
	struct why why;
	assert_int_equal(why_set(&why, -5, "%s", "a b~\n\x1b[1m\x7f\t\xc3\xa4!"), -5);
	assert_string_equal(why.text, "a b~??[1m??\xc3\xa4!");
}

static void reasons_are_cut_to_fit(void **state)
{
	(void)state;
	struct why why;
	char text[1000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(why_set(&why, -5, "%s", text), -5);
	assert_int_equal(strlen(why.text), sizeof why.text - 1);
	assert_int_equal(why_set(NULL, -6, "%s", text), -6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_text),
		cmocka_unit_test(shortages),
		cmocka_unit_test(reasons_are_one_line),
		cmocka_unit_test(reasons_are_cut_to_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
