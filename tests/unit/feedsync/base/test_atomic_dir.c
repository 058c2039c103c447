/* SPDX-License-Identifier: BSD-3-Clause */
/* Directories that replace each other as a whole. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"

static char directory[] = "/tmp/weir-unit-XXXXXX", current[64], next[64];

static int begin(void **state)
{
	(void)state;
	if (directory_make(directory) != 0)
		return -1;
	snprintf(current, sizeof current, "%s/current", directory);
	snprintf(next, sizeof next, "%s/next", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	atomic_dir_remove(current);
	atomic_dir_remove(next);
	return rmdir(directory); /* nothing else may be left */
}

static void put(const char *in, const char *name, const char *text)
{
	char path[128];
	struct why why;
	snprintf(path, sizeof path, "%s/%s", in, name);
	assert_int_equal(atomic_file_write(path, MODE_PRIVATE, text, strlen(text), &why), 0);
}

static bool holds(const char *in, const char *name, const char *text)
{
	char path[128], got[32] = "";
	snprintf(path, sizeof path, "%s/%s", in, name);
	FILE *file = fopen(path, "r");
	bool found = file && fgets(got, sizeof got, file) && strcmp(got, text) == 0;
	if (file)
		fclose(file);
	return found;
}

static void replaced_as_a_whole(void **state)
{
	(void)state;
	struct why why;
	assert_int_equal(atomic_dir_begin(next, &why), 0);
	put(next, "a", "1");
	put(next, "b", "1");
	assert_int_equal(atomic_dir_commit(next, current, &why), 0);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(access(next, F_OK), -1);
	/* One stays under another name, one is new, one goes. */
	assert_int_equal(atomic_dir_begin(next, &why), 0);
	assert_int_equal(atomic_dir_link(current, "a", next, "A"), 0);
	assert_int_equal(atomic_dir_link(current, "none", next, "none"), -ENOENT);
	put(next, "c", "2");
	assert_true(holds(current, "b", "1"));
	assert_int_equal(atomic_dir_commit(next, current, &why), 0);
	assert_true(holds(current, "A", "1"));
	assert_true(holds(current, "c", "2"));
	assert_false(holds(current, "a", "1"));
	assert_false(holds(current, "b", "1"));
	assert_int_equal(access(next, F_OK), -1);
}

static void leftovers_do_not_come_back(void **state)
{
	(void)state;
	struct why why;
	assert_int_equal(atomic_dir_begin(next, &why), 0);
	put(next, "half", "x");
	assert_int_equal(atomic_dir_begin(next, &why), 0);
	assert_false(holds(next, "half", "x"));
	assert_int_equal(atomic_dir_commit(next, current, &why), 0);
	assert_int_equal(atomic_dir_commit(next, current, &why), -ENOENT);
	assert_int_equal(access(current, F_OK), 0);
}

/* As a crash leaves it between the two steps of a file system that cannot exchange names. */
static void recovered(void **state)
{
	(void)state;
	char aside[80];
	struct why why;
	snprintf(aside, sizeof aside, "%s.old", current);
	assert_int_equal(atomic_dir_begin(aside, &why), 0);
	put(aside, "a", "1");
	atomic_dir_recover(current);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(atomic_dir_begin(aside, &why), 0);
	put(aside, "a", "0");
	atomic_dir_recover(current);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(access(aside, F_OK), -1);
}

/* ---- what stands in the way ---- */

static const struct obstacle {
	const char *what;
	const char *parts[5]; /* a kind (see put_obstacle) and where below the obstacle's path */
} obstacles[] = {
	{"a file", {"f"}},
	{"a FIFO", {"p"}},
	{"a link to nothing", {"n"}},
	{"a link to a directory elsewhere", {"l"}},
	{"directories in it, and a link", {"d", "d/a", "d/a/b", "f/a/b/c", "l/a/l"}},
	{"a directory that shuts its owner out", {"d", "f/a", "0"}},
	{"one that may not be written", {"d", "f/a", "r"}},
	{"one with another in it that shuts its owner out", {"d", "d/a", "f/a/b", "0/a", "r"}},
};

enum { OBSTACLES = sizeof obstacles / sizeof *obstacles };

static int put_part(const char *path, char kind, const char *elsewhere)
{
	switch (kind) {
	case 'd': return mkdir(path, 0700);
	case 'f': return close(open(path, O_WRONLY | O_CREAT, 0600));
	case 'p': return mkfifo(path, 0600);
	case 'n': return symlink("nowhere", path);
	case 'l': return symlink(elsewhere, path);
	case '0': return chmod(path, 0);
	case 'r': return chmod(path, 0500);
	}
	return -1;
}

static void put_obstacle(const char *at, const struct obstacle *obstacle, const char *elsewhere)
{
	for (unsigned i = 0; i < sizeof obstacle->parts / sizeof *obstacle->parts && obstacle->parts[i]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", at, obstacle->parts[i] + 1);
		assert_int_equal(put_part(path, obstacle->parts[i][0], elsewhere), 0);
	}
}

/* Becomes one whom modes bind, as they do not bind root, and who owns the test's directory. */
static int begin_bound(void **state)
{
	enum { NOBODY = 65534 };
	if (begin(state) != 0)
		return -1;
	return geteuid() != 0 || (chown(directory, NOBODY, NOBODY) == 0 && seteuid(NOBODY) == 0) ? 0 : -1;
}

static int end_bound(void **state)
{
	if (getuid() != geteuid() && seteuid(getuid()) != 0)
		return -1;
	return end(state);
}

/* Whatever stands where one is to be made or replaced, or was put aside, goes, and nothing elsewhere. */
static void in_the_way(void **state)
{
	(void)state;
	char elsewhere[80], aside[80];
	struct why why;
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", directory);
	snprintf(aside, sizeof aside, "%s.old", current);
	assert_int_equal(atomic_dir_begin(elsewhere, &why), 0);
	put(elsewhere, "kept", "1");
	for (unsigned i = 0; i < OBSTACLES; i++) {
		put_obstacle(current, &obstacles[i], elsewhere);
		put_obstacle(next, &obstacles[i], elsewhere);
		if (atomic_dir_begin(next, &why) != 0)
			fail_msg("%s: %s", obstacles[i].what, why.text);
		put(next, "a", "2");
		if (atomic_dir_commit(next, current, &why) != 0)
			fail_msg("%s: %s", obstacles[i].what, why.text);
		put_obstacle(aside, &obstacles[i], elsewhere);
		atomic_dir_recover(current);
		struct stat st;
		if (!holds(current, "a", "2") || lstat(next, &st) == 0 || lstat(aside, &st) == 0)
			fail_msg("%s stays", obstacles[i].what);
		atomic_dir_remove(current);
		assert_true(holds(elsewhere, "kept", "1"));
	}
	atomic_dir_remove(elsewhere);
}

/* Too deep for anyone to have meant it, or not ours to remove: told as it is. */
static void what_stays_is_told(void **state)
{
	(void)state;
	enum { DEPTH = 40 };
	char path[256];
	struct why why;
	int length = snprintf(path, sizeof path, "%s", next);
	for (unsigned i = 0; i < DEPTH; i++) {
		assert_int_equal(mkdir(path, 0700), 0);
		length += snprintf(path + length, sizeof path - (size_t)length, "/d");
	}
	assert_int_equal(atomic_dir_begin(next, &why), -ENOTEMPTY);
	assert_non_null(strstr(why.text, "cannot remove /tmp/"));
	assert_int_equal(directory_remove(next), 0);
	put(directory, "file", "");
	snprintf(path, sizeof path, "%s/file/next", directory);
	assert_int_equal(atomic_dir_begin(path, &why), -ENOTDIR);
	snprintf(path, sizeof path, "%s/file", directory);
	atomic_dir_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaced_as_a_whole, begin, end),
		cmocka_unit_test_setup_teardown(leftovers_do_not_come_back, begin, end),
		cmocka_unit_test_setup_teardown(recovered, begin, end),
		cmocka_unit_test_setup_teardown(in_the_way, begin_bound, end_bound),
		cmocka_unit_test_setup_teardown(what_stays_is_told, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
