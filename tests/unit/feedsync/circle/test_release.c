/* SPDX-License-Identifier: BSD-3-Clause */
/* Releases: nothing that reads otherwise than it should is shown; what stays the same is the same file; three are kept. */
#include "tests/unit/feedsync/circle/releases.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/circle/read_back.h"
#include "feedsync/circle/release.h"

static const struct item_spec two[] = {
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "c2"},
	{.name = "login-parcel.example", .scope = SCOPE_SUBTREE},
	{.name = "gone.example", .scope = SCOPE_EXACT, .state = ITEM_WITHDRAWN},
};

/* A file that says anything else than the items is refused, and the reason names the difference. */
static void read_back(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *words; /* NULL: it is right */
	} cases[] = {
		{"host.example\n*.login-parcel.example\n", NULL},
		{"*.login-parcel.example\nhost.example\nhost.example\n", NULL},
		{"host.example\n", "lacks login-parcel.example"},
		{"", "lacks host.example"},
		{"host.example\n*.login-parcel.example\ngone.example\n", "has also gone.example"},
		{"host.example\n*.login-parcel.example\nzzz.example\n", "has also zzz.example"},
		{"*.host.example\n*.login-parcel.example\n", "another scope for host.example"},
		{"host.example\nlogin-parcel.example\n", "another scope for login-parcel.example"},
		{"host.example\n*.login-parcel.example\n@@||other.example^\n", "no name to block"},
		{"host.example\nnot a name at all\n", "lacks login-parcel.example"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_release t;
		struct why why;
		release_of(&t, "domains", two, 3);
		write_text(in_directory("list.txt"), cases[i].text);
		int status = read_back_check(&t.release, test_directory, &why);
		if (cases[i].words ? status != -EBADMSG || !strstr(why.text, cases[i].words) : status != 0)
			fail_msg("case %u: %d %s", i, status, status != 0 ? why.text : "");
	}
}

/* Makes and shows a release of this serial. */
static void release_one(const char *to, uint32_t serial, uint64_t at, const char *format, size_t count)
{
	struct test_release t;
	struct output_state items = {.serial = serial, .at = at, .content = "0"};
	char sum[SHA256_TEXT];
	struct why why;
	release_of(&t, format, two, count);
	t.output.to = to;
	t.release.serial = serial;
	t.release.at = at;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(output_state_add(&items, &t.items[i]), 0);
	if (release_prepare(&t.release, &items, test_directory, sum, &why) != 0 || release_show(&t.release, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(strlen(sum), 64);
	release_prune(&t.output, serial);
	output_state_free(&items);
}

static void kept_releases(void **state)
{
	(void)state;
	char to[300];
	uint32_t serial;
	struct why why;
	snprintf(to, sizeof to, "%s/out", test_directory);
	const struct output output = {.to = to};
	assert_int_equal(mkdir(in_directory("shared"), 0700), 0);
	for (uint32_t i = 1; i <= 5; i++) {
		release_one(to, i, 1795860000 + i, "domains", 2);
		assert_int_equal(output_current(&output, &serial, &why), 0);
		assert_int_equal(serial, i);
	}
	static const struct {
		const char *name;
		bool there;
	} cases[] = {{"out/r1", false}, {"out/r2", false}, {"out/r2.items", false}, {"out/r3", true},
		{"out/r3.items", true}, {"out/r5/list.txt", true}, {"out/next", false}, {"out/current.next", false},
		{"shared/circle.items", true}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if ((access(in_directory(cases[i].name), F_OK) == 0) != cases[i].there)
			fail_msg("%s is %sthere", cases[i].name, cases[i].there ? "not " : "");
}

/* A file whose octets stay is one file, with its time: who mirrors it fetches nothing. */
static void same_file(void **state)
{
	(void)state;
	char to[300];
	struct stat first, second;
	snprintf(to, sizeof to, "%s/out", test_directory);
	assert_int_equal(mkdir(in_directory("shared"), 0700), 0);
	release_one(to, 1, 1795860000, "misp-feed", 2);
	release_one(to, 2, 1795860100, "misp-feed", 2);
	const char *event = "1bf5b69d-789a-5117-b393-fa8dff315a0d.json";
	char path[200];
	snprintf(path, sizeof path, "out/r1/%s", event);
	assert_int_equal(stat(in_directory(path), &first), 0);
	snprintf(path, sizeof path, "out/r2/%s", event);
	assert_int_equal(stat(in_directory(path), &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
	assert_int_equal(first.st_mtim.tv_sec, second.st_mtim.tv_sec);
}

/* What stands in the way keeps the link as it is. */
static void in_the_way(void **state)
{
	(void)state;
	char to[300], sum[SHA256_TEXT];
	struct test_release t;
	struct why why;
	snprintf(to, sizeof to, "%s/out", test_directory);
	assert_int_equal(mkdir(in_directory("shared"), 0700), 0);
	release_one(to, 1, 1795860000, "domains", 2);
	const struct output_state items = {.serial = 2, .at = 2, .content = "0"};
	release_of(&t, "domains", two, 3);
	t.output.to = to;
	t.release.serial = 2;
	assert_int_equal(rmdir(in_directory("shared")) == 0 ? 0 : errno, ENOTEMPTY);
	assert_int_equal(unlink(in_directory("shared/circle.items")), 0);
	assert_int_equal(rmdir(in_directory("shared")), 0);
	write_text(in_directory("shared"), "no directory");
	assert_true(release_prepare(&t.release, &items, test_directory, sum, &why) < 0);
	uint32_t serial;
	assert_int_equal(output_current(&t.output, &serial, &why), 0);
	assert_int_equal(serial, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_back, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(kept_releases, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(same_file, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(in_the_way, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
