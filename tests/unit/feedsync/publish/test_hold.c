/* SPDX-License-Identifier: BSD-3-Clause */
/* The hold, which keeps new tables from being published. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/publish/hold.h"

static void holding(void **state)
{
	(void)state;
	struct why why;
	struct hold hold, set = {.generation = 8, .content_of = 5, .at = 1700000000, .user = "somebody"};
	char text[256];
	hold_read(&hold, test_directory);
	assert_false(hold.held);
	assert_int_equal(hold_release(test_directory, &why), -ENOENT);
	assert_int_equal(hold_set(test_directory, &set, &why), 0);
	hold_read(&hold, test_directory);
	assert_true(hold.held);
	hold_text(&hold, text);
	assert_string_equal(text, " at generation 8 (the content of 5) by somebody");
	/* A damaged one holds as well. */
	write_text(in_directory("hold"), "{");
	hold_read(&hold, test_directory);
	assert_true(hold.held);
	hold_text(&hold, text);
	assert_string_equal(text, "");
	assert_non_null(strstr(hold.why.text, "/hold: "));
	/* And what cannot be seen may hold. */
	assert_false(hold.unseen);
	hold_read(&hold, in_directory("hold"));
	assert_true(hold.held && hold.unseen);
	assert_non_null(strstr(hold.why.text, "/hold/hold: Not a directory"));
	assert_int_equal(hold_release(test_directory, &why), 0);
	hold_read(&hold, test_directory);
	assert_false(hold.held || hold.unseen);
	assert_string_equal(hold.why.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holding, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
