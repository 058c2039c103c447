/* SPDX-License-Identifier: BSD-3-Clause */
/* The plain list: its octets, its time, and what our own parser reads of it. */
#include "tests/unit/feedsync/circle/releases.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/circle/rendered_file.h"

static const struct item_spec life[] = {
	{.name = "login-parcel.example", .scope = SCOPE_SUBTREE},
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "c2"},
	{.name = "host.example", .scope = SCOPE_SUBTREE, .category = "c2"},
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "phishing"},
	{.name = "gone.example", .scope = SCOPE_EXACT, .state = ITEM_WITHDRAWN},
	{.name = "over.example", .scope = SCOPE_EXACT, .state = ITEM_EXPIRED},
	{.name = "again.example", .scope = SCOPE_EXACT, .state = ITEM_WITHDRAWN},
	{.name = "again.example", .scope = SCOPE_EXACT, .listing = 2},
};

static void octets(void **state)
{
	(void)state;
	struct test_release t;
	struct stat st;
	release_of(&t, "domains", life, sizeof life / sizeof *life);
	render_here(&t);
	expect_file("list.txt", "# ISP-A CERT block list \"circle\", TLP:GREEN, serial 42, 2026-11-28T10:00:00Z\n"
				"again.example\n"
				"host.example\n"
				"*.host.example\n"
				"*.login-parcel.example\n");
	expect_read_back(&t, "exact again.example\nexact host.example\nsubtree host.example\n"
			     "subtree login-parcel.example\n");
	assert_int_equal(stat(in_directory("list.txt"), &st), 0);
	assert_int_equal(st.st_mtime, 1795860000);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* Nothing to list is a list of nothing. */
static void empty(void **state)
{
	(void)state;
	struct test_release t;
	release_of(&t, "domains", life, 0);
	t.output.ceiling = TLP_AMBER;
	render_here(&t);
	expect_file("list.txt", "# ISP-A CERT block list \"circle\", TLP:AMBER, serial 42, 2026-11-28T10:00:00Z\n");
	expect_read_back(&t, "");
}

/* What stands there already is never written over. */
static void in_the_way(void **state)
{
	(void)state;
	struct test_release t;
	struct why why;
	release_of(&t, "domains", life, 1);
	write_text(in_directory("list.txt"), "other\n");
	assert_int_equal(rendering_find("domains")->render(&t.release, test_directory, &why), -EEXIST);
	expect_file("list.txt", "other\n");
}

/* A disk that is full. */
static void full(void **state)
{
	(void)state;
	struct rendered_file file;
	struct why why;
	assert_int_equal(rendered_file_open(&file, test_directory, "a/b/c", &why), 0);
	fclose(file.out);
	file.out = fopen("/dev/full", "w");
	assert_non_null(file.out);
	fputs("x", file.out);
	assert_int_equal(rendered_file_close(&file, 1, &why), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(octets, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(empty, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(in_the_way, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(full, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
