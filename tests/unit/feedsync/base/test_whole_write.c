/* SPDX-License-Identifier: BSD-3-Clause */
/* All of it is written, or it is told why not. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/whole_write.h"

static char path[] = "/tmp/test-whole-write-XXXXXX";
static const char text[] = "0123456789";

static off_t size_of(int fd)
{
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

static void written(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(whole_write(fd, text, 0), 0);
	assert_int_equal(size_of(fd), 0);
	assert_int_equal(whole_write(fd, text, 10), 0);
	assert_int_equal(whole_write(fd, text, 3), 0);
	assert_int_equal(size_of(fd), 13);
	/* A file that may grow by 4 octets more takes these, and then it is told why no more. */
	struct rlimit before, limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){17, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(whole_write(fd, text, 10), -EFBIG);
	assert_int_equal(size_of(fd), 17);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	close(fd);
	assert_int_equal(whole_write(fd, text, 10), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(written)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
