/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever keeps a table from being opened, the reason names the file, and the code is that of table_open. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/base/table_file.h"
#include "libweir/errors.h"
#include "libweir/table.h"

static void reasons(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *octets; /* NULL: there is no file */
		int status;
	} cases[] = {{"none", NULL, -ENOENT}, {"empty", "", WEIR_EFORMAT}, {"list", "evil.example\n", WEIR_EFORMAT}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *path = in_directory(cases[i].name);
		struct table *table = NULL;
		struct why why = {0};
		FILE *file = cases[i].octets ? fopen(path, "we") : NULL;
		if (file) {
			fputs(cases[i].octets, file);
			assert_int_equal(fclose(file), 0);
		}
		assert_int_equal(table_file_open(&table, path, &why), cases[i].status);
		assert_null(table);
		assert_int_equal(strncmp(why.text, path, strlen(path)), 0);
		assert_true(strlen(why.text) > strlen(path) + 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(reasons, with_directory, all_closed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
