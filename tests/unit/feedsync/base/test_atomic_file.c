/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"

static unsigned files(void)
{
	unsigned count = 0;
	DIR *dir = opendir(test_directory);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.' || (entry->d_name[1] && entry->d_name[1] != '.');
	closedir(dir);
	return count;
}

static void path_of(const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", test_directory, name);
}

static void content_is(const char *path, const char *text)
{
	char got[64] = "";
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(got, sizeof got, file));
	fclose(file);
	assert_string_equal(got, text);
}

static void replaced(void **state)
{
	(void)state;
	char path[128];
	struct why why;
	struct stat st;
	path_of("f", path);
	assert_int_equal(atomic_file_write(path, MODE_PUBLIC, "old", 3, &why), 0);
	assert_int_equal(atomic_file_write(path, MODE_PUBLIC, "new", 3, &why), 0);
	content_is(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(files(), 1);
}

static void aborted(void **state)
{
	(void)state;
	char path[128];
	struct why why;
	struct atomic_file publish;
	path_of("f", path);
	assert_int_equal(atomic_file_write(path, MODE_PUBLIC, "old", 3, &why), 0);
	assert_int_equal(atomic_file_begin(&publish, path, MODE_PUBLIC, &why), 0);
	assert_int_equal(write(publish.fd, "new", 3), 3);
	assert_int_equal(files(), 2);
	atomic_file_abort(&publish);
	content_is(path, "old");
	assert_int_equal(files(), 1);
}

/* What a run that was killed left behind goes; that of a run under way, and the files of others, stay. */
static void leftovers(void **state)
{
	(void)state;
	char path[128], other[128], old[128];
	struct why why;
	struct atomic_file publish;
	path_of("f", path);
	path_of(".g.weir-abcdef", other);
	path_of(".f.weir-abcdef", old);
	assert_int_equal(atomic_file_write(other, MODE_PUBLIC, "x", 1, &why), 0);
	assert_int_equal(atomic_file_write(old, MODE_PUBLIC, "x", 1, &why), 0);
	assert_int_equal(atomic_file_begin(&publish, path, MODE_PUBLIC, &why), 0);
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(files(), 2);
	assert_int_equal(atomic_file_write(path, MODE_PUBLIC, "new", 3, &why), 0);
	assert_int_equal(access(publish.temporary, F_OK), 0);
	assert_int_equal(access(other, F_OK), 0);
	content_is(path, "new");
	assert_int_equal(atomic_file_commit(&publish, &why), 0);
	assert_int_equal(files(), 2);
}

static void through_a_link(void **state)
{
	(void)state;
	char path[128], link_path[128];
	struct why why;
	struct stat st;
	path_of("f", path);
	path_of("l", link_path);
	assert_int_equal(symlink("f", link_path), 0);
	assert_true(atomic_file_write(link_path, MODE_PUBLIC, "x", 1, &why) < 0); /* leads nowhere */
	assert_int_equal(atomic_file_write(path, MODE_PRIVATE, "old", 3, &why), 0);
	assert_int_equal(atomic_file_write(link_path, MODE_PRIVATE, "new", 3, &why), 0);
	content_is(path, "new");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(atomic_file_write(path, MODE_PUBLIC, "x", 1, &why), -EINVAL);
	assert_int_equal(files(), 2);
}

static void refused(void **state)
{
	(void)state;
	struct why why;
	char path[128], taken[160];
	assert_int_equal(atomic_file_write("/nonexistent/f", MODE_PUBLIC, "x", 1, &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nonexistent/"));
	/* A directory in the way: nothing is committed, nothing is left behind. */
	path_of("d", path);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(taken, sizeof taken, "%s/x", path);
	assert_int_equal(atomic_file_write(taken, MODE_PUBLIC, "x", 1, &why), 0);
	assert_true(atomic_file_write(path, MODE_PUBLIC, "x", 1, &why) < 0);
	assert_non_null(strstr(why.text, "not a regular file"));
	assert_int_equal(files(), 1);
	unlink(taken);
	rmdir(path);
	char long_path[5000];
	memset(long_path, 'a', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = '\0';
	assert_int_equal(atomic_file_write(long_path, MODE_PUBLIC, "x", 1, &why), -ENAMETOOLONG);
}

static void finished_files(void **state)
{
	(void)state;
	char from[128], to[128];
	struct why why;
	path_of("from", from);
	path_of("to", to);
	assert_int_equal(atomic_file_write(from, MODE_PUBLIC, "1", 1, &why), 0);
	assert_int_equal(atomic_file_replace(from, to, &why), 0);
	content_is(to, "1");
	assert_int_equal(atomic_file_write(from, MODE_PUBLIC, "2", 1, &why), 0);
	assert_int_equal(atomic_file_replace_unsynced(from, to, &why), 0);
	assert_int_equal(directory_sync(test_directory, &why), 0);
	content_is(to, "2");
	assert_int_equal(files(), 1);
	assert_int_equal(atomic_file_replace(from, to, &why), -ENOENT);
	content_is(to, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaced, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(aborted, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(leftovers, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(through_a_link, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(refused, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(finished_files, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
