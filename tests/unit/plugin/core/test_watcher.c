/* SPDX-License-Identifier: BSD-3-Clause */
/* The watch by itself. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "plugin/core/watcher.h"

static atomic_uint looks, signalled_looks, more;

static bool look(void *context, const struct watcher *watcher, bool signalled)
{
	(void)watcher;
	if (context != &looks)
		abort();
	atomic_fetch_add(&looks, 1);
	atomic_fetch_add(&signalled_looks, signalled);
	if (atomic_load(&more) == 0)
		return false;
	atomic_fetch_sub(&more, 1);
	return true;
}

/* Waits until a counter is that high, but not for ever. */
static bool reaches(atomic_uint *counter, unsigned wanted)
{
	for (int i = 0; i < 1000 && atomic_load(counter) < wanted; i++)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	return atomic_load(counter) >= wanted;
}

static int begin(void **state)
{
	atomic_store(&looks, 0);
	atomic_store(&signalled_looks, 0);
	atomic_store(&more, 0);
	return with_directory(state);
}

/* Who has more to do looks again at once: a thousand times, which would otherwise take as many seconds. */
static void more_at_once(void **state)
{
	(void)state;
	struct watcher *watcher;
	atomic_store(&more, 1000);
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	assert_true(reaches(&looks, 1001));
	assert_int_equal(atomic_load(&signalled_looks), 0);
	raise(SIGUSR1);
	assert_true(reaches(&signalled_looks, 1));
	watcher_free(&watcher);
	assert_int_equal(atomic_load(&signalled_looks), 1);
}

/* A path without a directory is one in the current directory. */
static void current_directory(void **state)
{
	(void)state;
	struct watcher *watcher;
	char before[4096];
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(test_directory), 0);
	assert_int_equal(watcher_new(&watcher, "t", look, &looks), 0);
	for (unsigned i = 0; i < 20; i++) { /* a look a second would not do */
		unsigned seen = atomic_load(&looks);
		write_text("other", "x");
		assert_int_equal(rename("other", "t"), 0);
		assert_true(reaches(&looks, seen + 1));
	}
	watcher_free(&watcher);
	assert_int_equal(chdir(before), 0);
}

/* No descriptors are left for it: told, nothing stays open, and the next one works. */
static void no_descriptors(void **state)
{
	(void)state;
	struct watcher *watcher = NULL;
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	int free_number = dup(0);
	close(free_number);
	for (unsigned room = 0; room < 2; room++) {
		struct rlimit small = {(rlim_t)free_number + room, limit.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
		int status = watcher_new(&watcher, test_directory, look, &looks);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		assert_int_equal(status, -EMFILE);
		assert_null(watcher);
	}
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	assert_true(reaches(&looks, 1));
	watcher_free(&watcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(more_at_once, begin, all_closed),
		cmocka_unit_test_setup_teardown(current_directory, begin, all_closed),
		cmocka_unit_test_setup_teardown(no_descriptors, begin, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
