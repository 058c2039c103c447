/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libweir/bypass.h"
#include "libweir/errors.h"

static char directory[] = "/tmp/weir-unit-XXXXXX", table[64], file[80];

static int begin(void **state)
{
	(void)state;
	if (directory_make(directory) != 0)
		return -1;
	snprintf(table, sizeof table, "%s/t.weir", directory);
	snprintf(file, sizeof file, "%s.bypass", table);
	return 0;
}

static int end(void **state)
{
	(void)state;
	return directory_remove(directory);
}

static void set_end(int64_t ends)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = ends}};
	assert_int_equal(utimensat(AT_FDCWD, file, times, AT_SYMLINK_NOFOLLOW), 0);
}

enum kind { NOTHING, EMPTY, TEXT, CLOSED, LINK, DANGLING, DIRECTORY, FIFO };

static void make(enum kind kind)
{
	int fd = -1;
	switch (kind) {
	case NOTHING: return;
	case EMPTY:
	case TEXT: fd = open(file, O_CREAT | O_WRONLY, 0644); break;
	case CLOSED: fd = open(file, O_CREAT | O_WRONLY, 0); break;
	case LINK: assert_int_equal(symlink(directory, file), 0); return;
	case DANGLING: assert_int_equal(symlink("/nonexistent", file), 0); return;
	case DIRECTORY: assert_int_equal(mkdir(file, 0755), 0); return;
	case FIFO: assert_int_equal(mkfifo(file, 0644), 0); return;
	}
	assert_true(fd >= 0);
	if (kind == TEXT)
		assert_int_equal(write(fd, "why\n", 4), 4);
	close(fd);
}

static void remove_file(enum kind kind)
{
	assert_int_equal(kind == NOTHING ? 0 : kind == DIRECTORY ? rmdir(file) : unlink(file), 0);
}

/* What stands beside the table, when it ends, and what the clock shows: both as seconds after the file was made. */
static void each_kind(void **state)
{
	(void)state;
	enum { HOUR = 3600, DAY = BYPASS_MAX_S, SLACK = BYPASS_SLACK_S };
	static const struct {
		enum kind kind;
		int64_t ends, now;
		int result;
		const char *why;
	} cases[] = {
		{NOTHING, 0, 0, 0, NULL},
		{EMPTY, HOUR, 0, 1, NULL},
		{TEXT, HOUR, 0, 1, NULL},
		{CLOSED, HOUR, 0, 1, NULL},
		{EMPTY, 1, 0, 1, NULL},
		{EMPTY, 0, 0, 0, NULL},
		{EMPTY, -HOUR, 0, 0, NULL},
		{EMPTY, HOUR, HOUR - 1, 1, NULL},
		{EMPTY, HOUR, HOUR, 0, NULL},
		{EMPTY, HOUR, 9 * DAY, 0, NULL},
		{EMPTY, DAY, 0, 1, NULL},
		{EMPTY, DAY + SLACK, 0, 1, NULL},
		{EMPTY, DAY + SLACK + 1, 0, -EINVAL, "more than 24 hours"},
		{EMPTY, DAY + SLACK, 1, 1, NULL},
		{EMPTY, DAY + SLACK - 1, -1, 1, NULL},
		{EMPTY, INT64_C(0x7fffffff), 0, -EINVAL, "more than 24 hours"},
		/* It does not come into force later: it was made for longer than a day. */
		{EMPTY, 3 * DAY, 2 * DAY + HOUR, -EINVAL, "more than 24 hours"},
		{EMPTY, DAY + 2 * HOUR, 2 * HOUR, -EINVAL, "more than 24 hours"},
		/* The clock was set back. */
		{EMPTY, HOUR, -SLACK, 1, NULL},
		{EMPTY, HOUR, -SLACK - 1, -EINVAL, "must be made anew"},
		{LINK, HOUR, 0, -EINVAL, "not a regular file"},
		{LINK, -HOUR, 0, -EINVAL, "not a regular file"},
		{DANGLING, HOUR, 0, -EINVAL, "not a regular file"},
		{DIRECTORY, HOUR, 0, -EINVAL, "not a regular file"},
		{FIFO, HOUR, 0, -EINVAL, "not a regular file"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bypass found;
		struct why why;
		make(cases[i].kind);
		int64_t made = 0;
		for (struct stat st = {.st_ctim.tv_sec = -1}; cases[i].kind != NOTHING && st.st_ctim.tv_sec != made;) {
			made = time(NULL);
			set_end(made + cases[i].ends);
			assert_int_equal(lstat(file, &st), 0);
		}
		int result = bypass_find(&found, table, (uint64_t)(made + cases[i].now), &why);
		if (result != cases[i].result || (cases[i].why && !strstr(why.text, cases[i].why)))
			fail_msg("case %u: %d %s", i, result, result < 0 ? why.text : "");
		assert_int_equal(found.until, cases[i].kind == NOTHING ? 0 : made + cases[i].ends);
		remove_file(cases[i].kind);
	}
}

/* Ends before 1970, and where there is no directory. */
static void odd(void **state)
{
	(void)state;
	struct bypass found;
	struct why why;
	char long_path[5000];
	make(EMPTY);
	set_end(-5);
	assert_int_equal(bypass_find(&found, table, 100, &why), 0);
	assert_int_equal(found.until, 0);
	set_end(1);
	assert_int_equal(bypass_find(&found, table, 100, &why), 0);
	assert_int_equal(found.until, 1);
	assert_int_equal(bypass_find(&found, "/nonexistent/t.weir", 100, &why), 0);
	snprintf(long_path, sizeof long_path, "%s/t", file);
	assert_int_equal(bypass_find(&found, long_path, 100, &why), 0); /* a file in the place of the directory */
	memset(long_path, 'a', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = '\0';
	assert_int_equal(bypass_find(&found, long_path, 100, &why), -ENAMETOOLONG);
	/* The longest path that there is room for: nothing is there. One octet more. */
	for (size_t i = 0; i < sizeof long_path; i += 2)
		long_path[i] = '/';
	long_path[4096 - sizeof BYPASS_SUFFIX + 1] = '\0';
	assert_int_equal(bypass_find(&found, long_path, 100, &why), -ENAMETOOLONG);
	long_path[4096 - sizeof BYPASS_SUFFIX] = '\0';
	assert_int_equal(bypass_find(&found, long_path, 100, &why), 0);
	unlink(file);
}

/* In a sticky directory, as /tmp is one, everybody may make files, but only root, the directory's owner and the owner of
 * the table may replace that. */
static void sticky(void **state)
{
	(void)state;
	enum { NOBODY = 65534, OTHER = 65533 };
	static const struct {
		mode_t mode;
		uid_t directory, table, file;
		int result;
	} cases[] = {{01777, 0, 0, 0, 1}, {01777, 0, 0, NOBODY, -EPERM}, {01777, 0, NOBODY, NOBODY, 1},
		{01777, OTHER, NOBODY, OTHER, 1}, {01777, OTHER, NOBODY, 0, 1}, {01777, NOBODY, OTHER, OTHER, 1},
		{0777, 0, 0, NOBODY, 1}, {0755, 0, 0, NOBODY, 1}};
	if (geteuid() != 0)
		skip();
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bypass found;
		struct why why;
		uint64_t now = (uint64_t)time(NULL);
		make(EMPTY);
		close(open(table, O_CREAT | O_WRONLY, 0644));
		set_end((int64_t)now + 60);
		assert_int_equal(chmod(directory, cases[i].mode), 0);
		assert_int_equal(chown(directory, cases[i].directory, (gid_t)-1), 0);
		assert_int_equal(chown(table, cases[i].table, (gid_t)-1), 0);
		assert_int_equal(chown(file, cases[i].file, (gid_t)-1), 0);
		if (bypass_find(&found, table, now, &why) != cases[i].result)
			fail_msg("case %u", i);
		unlink(file);
		unlink(table);
		assert_int_equal(chown(directory, 0, (gid_t)-1), 0);
		assert_int_equal(chmod(directory, 0700), 0);
	}
}

static void same_file(void **state)
{
	(void)state;
	struct bypass a, b;
	struct why why;
	uint64_t now = (uint64_t)time(NULL);
	make(EMPTY);
	set_end((int64_t)now + 60);
	assert_int_equal(bypass_find(&a, table, now, &why), 1);
	assert_int_equal(bypass_find(&b, table, now, &why), 1);
	assert_true(bypass_is_same(&a, &b));
	set_end((int64_t)now + 61);
	assert_int_equal(bypass_find(&b, table, now, &why), 1);
	assert_false(bypass_is_same(&a, &b));
	b = a;
	b.inode++;
	assert_false(bypass_is_same(&a, &b));
	b = a;
	b.device++;
	assert_false(bypass_is_same(&a, &b));
	b = a;
	b.made.tv_nsec++;
	assert_false(bypass_is_same(&a, &b));
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_kind, begin, end),
		cmocka_unit_test_setup_teardown(odd, begin, end),
		cmocka_unit_test_setup_teardown(sticky, begin, end),
		cmocka_unit_test_setup_teardown(same_file, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
