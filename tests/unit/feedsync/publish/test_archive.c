/* SPDX-License-Identifier: BSD-3-Clause */
/* The published tables that are kept for a rollback. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/publish/archive.h"

static void keep(uint64_t generation)
{
	struct why why;
	char table[200], text[40];
	snprintf(table, sizeof table, "%s", in_directory("current.weir"));
	snprintf(text, sizeof text, "table %llu", (unsigned long long)generation);
	unlink(table);
	write_text(table, text);
	if (archive_add(test_directory, table, generation, &why) != 0)
		fail_msg("%s", why.text);
	archive_prune(test_directory);
}

static void keeping(void **state)
{
	(void)state;
	uint64_t kept[40];
	char path[4096], text[40] = "";
	assert_int_equal(archive_list(test_directory, kept, 40), 0);
	for (uint64_t generation = 95; generation < 115; generation++)
		keep(generation);
	assert_int_equal(archive_list(test_directory, kept, 40), KEPT_TABLES);
	for (unsigned i = 0; i < KEPT_TABLES; i++)
		assert_int_equal(kept[i], 114 - i);
	/* What is no kept table is not touched, and not listed. */
	write_text(in_directory("tables/017.weir"), "");
	write_text(in_directory("tables/0.weir"), "");
	write_text(in_directory("tables/notes"), "");
	keep(115);
	assert_int_equal(archive_list(test_directory, kept, 3), 3);
	assert_int_equal(kept[0], 115);
	assert_int_equal(access(in_directory("tables/017.weir"), F_OK), 0);
	/* A generation of an earlier life gives way. */
	keep(115);
	archive_path(test_directory, 115, path);
	FILE *in = fopen(path, "r");
	assert_non_null(fgets(text, sizeof text, in));
	fclose(in);
	assert_string_equal(text, "table 115");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeping, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
