/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/file_lock.h"
#include "libweir/errors.h"

/* A lock that another has is waited for, but not for ever. */
static void a_lock(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-lock-XXXXXX";
	struct why why;
	int first = mkstemp(path), second = open(path, O_RDWR | O_CLOEXEC);
	assert_true(first >= 0 && second >= 0);
	assert_int_equal(file_lock(first, path, 0, NULL, &why), 0);
	for (uint64_t wait = 0; wait <= 50; wait += 50) {
		assert_int_equal(file_lock(second, path, wait, NULL, &why), -EWOULDBLOCK);
		assert_non_null(strstr(why.text, path));
		assert_non_null(strstr(why.text, "another feedsync is at work here"));
	}
	close(first);
	assert_int_equal(file_lock(second, path, 0, NULL, &why), 0);
	close(second);
	assert_int_equal(file_lock(second, path, 0, NULL, &why), -EBADF);
	unlink(path);
}

/* The file is created with its mode, and is free again when it is closed. A link is not followed, also where it leads to a
 * file; what cannot be opened is named. */
static void a_file_of_a_lock(void **state)
{
	(void)state;
	char directory[] = "/tmp/weir-lock-XXXXXX", path[64], other[64];
	struct why why;
	struct stat st;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/lock", directory);
	snprintf(other, sizeof other, "%s/link", directory);
	for (unsigned turn = 0; turn < 2; turn++) {
		int first = file_lock_open(path, 0600, NULL, &why);
		assert_true(first >= 0);
		assert_int_equal(fstat(first, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		int second = open(path, O_RDWR | O_CLOEXEC);
		assert_int_equal(file_lock(second, path, 0, NULL, &why), -EWOULDBLOCK);
		close(first);
		assert_int_equal(file_lock(second, path, 0, NULL, &why), 0);
		close(second);
	}
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(file_lock_open(other, 0600, NULL, &why), -ELOOP);
	assert_non_null(strstr(why.text, other));
	unlink(path);
	unlink(other);
	rmdir(directory);
	assert_int_equal(file_lock_open(path, 0600, NULL, &why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock),
		cmocka_unit_test(a_file_of_a_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
