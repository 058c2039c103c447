/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
