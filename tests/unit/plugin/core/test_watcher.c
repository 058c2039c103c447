/* SPDX-License-Identifier: BSD-3-Clause */
/* The watch by itself. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/core/watcher.h"

static atomic_uint looks, signalled_looks, more, open_signals;

/* How many signals this thread takes; none can keep off SIGKILL and SIGSTOP, and the C library has some for itself. */
static unsigned count_open_signals(void)
{
	unsigned count = 0;
	sigset_t blocked;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (number != SIGKILL && number != SIGSTOP && (number < __SIGRTMIN || number >= SIGRTMIN))
			count += sigismember(&blocked, number) == 0;
	return count;
}

static bool look(void *context, const struct watcher *watcher, bool signalled)
{
	(void)watcher;
	if (context != &looks)
		abort();
	atomic_store(&open_signals, count_open_signals());
	atomic_fetch_add(&looks, 1);
	atomic_fetch_add(&signalled_looks, signalled);
	if (atomic_load(&more) == 0)
		return false;
	atomic_fetch_sub(&more, 1);
	return true;
}

/* Waits until a counter is that high, but not for ever: a test waits so many times in all. */
static unsigned waits;

static bool reaches(atomic_uint *counter, unsigned wanted)
{
	for (; waits > 0 && atomic_load(counter) < wanted; waits--)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	return atomic_load(counter) >= wanted;
}

static int begin(void **state)
{
	atomic_store(&looks, 0);
	atomic_store(&signalled_looks, 0);
	atomic_store(&more, 0);
	waits = 1000;
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

static void rename_to(const char *name)
{
	write_text("elsewhere/other", "x");
	assert_int_equal(rename("elsewhere/other", name), 0);
}

static void write_to(const char *name)
{
	write_text(name, "x");
}

static void remove_it(const char *name)
{
	assert_int_equal(unlink(name), 0);
}

static void change_mode(const char *name)
{
	assert_int_equal(chmod(name, 0600), 0);
}

/* What happens to a file is noticed when it happens: a look a second would not do for so much. A path without a directory
 * is one in the current directory. */
static void each_change(void **state)
{
	(void)state;
	static void (*const happen[])(const char *name) = {rename_to, write_to, change_mode, remove_it};
	struct watcher *watcher;
	char before[4096];
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(test_directory), 0);
	assert_int_equal(mkdir("elsewhere", 0700), 0);
	assert_int_equal(watcher_new(&watcher, "t", look, &looks), 0);
	assert_true(reaches(&looks, 1));
	for (unsigned i = 0; i < 40; i++) {
		unsigned seen = atomic_load(&looks);
		happen[i % 4]("t");
		if (!reaches(&looks, seen + 1))
			fail_msg("change %u is not noticed at once", i % 4);
	}
	watcher_free(&watcher);
	assert_int_equal(chdir(before), 0);
}

/* Whatever has woken the thread does so once: it does not look again and again until the next second. */
static void one_look_a_change(void **state)
{
	(void)state;
	struct watcher *watcher;
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	assert_true(reaches(&looks, 1));
	raise(SIGUSR1);
	assert_true(reaches(&signalled_looks, 1));
	write_text(in_directory("t"), "x");
	assert_true(reaches(&looks, 3));
	unsigned seen = atomic_load(&looks);
	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	assert_in_range(atomic_load(&looks), seen, seen + 100);
	watcher_free(&watcher);
}

/* The thread has a name, and takes no signal that is for the program. */
static void thread(void **state)
{
	(void)state;
	struct watcher *watcher;
	static const int numbers[] = {SIGHUP, SIGTERM, SIGUSR2};
	sigset_t wanted, before;
	bool named = false;
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	DIR *tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	for (const struct dirent *task; (task = readdir(tasks));) {
		char path[300], name[32] = "";
		snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
		FILE *in = fopen(path, "r");
		named |= in && fgets(name, sizeof name, in) && strcmp(name, "weir\n") == 0;
		if (in)
			fclose(in);
	}
	closedir(tasks);
	assert_true(named);
	assert_true(reaches(&looks, 1));
	assert_int_equal(atomic_load(&open_signals), 0);
	sigemptyset(&wanted);
	for (unsigned i = 0; i < 3; i++)
		sigaddset(&wanted, numbers[i]);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &wanted, &before), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(sigismember(&before, numbers[i]));
		assert_int_equal(kill(getpid(), numbers[i]), 0); /* a thread that takes it ends the program */
		assert_int_equal(sigtimedwait(&wanted, NULL, &(struct timespec){.tv_sec = 5}), numbers[i]);
	}
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
	watcher_free(&watcher);
}

/* The handler leaves errno as it was, also when it comes a moment too late. */
static void errno_stays(void **state)
{
	(void)state;
	struct watcher *watcher;
	struct sigaction action;
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	assert_int_equal(sigaction(SIGUSR1, NULL, &action), 0);
	watcher_free(&watcher);
	errno = 77;
	action.sa_handler(SIGUSR1);
	assert_int_equal(errno, 77);
}

int __real_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *context), void *context);
int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *context), void *context);

static bool no_threads; /* no more of them may begin */

int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *context), void *context)
{
	return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, start, context);
}

/* A process that may have no more threads: told, and nothing stays of it. */
static void no_thread(void **state)
{
	(void)state;
	struct watcher *watcher = NULL;
	struct sigaction now;
	no_threads = true;
	int status = watcher_new(&watcher, in_directory("t"), look, &looks);
	no_threads = false;
	assert_int_equal(status, -EAGAIN);
	assert_null(watcher);
	assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	assert_int_equal(watcher_new(&watcher, in_directory("t"), look, &looks), 0);
	assert_true(reaches(&looks, 1));
	watcher_free(&watcher);
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
		cmocka_unit_test_setup_teardown(each_change, begin, all_closed),
		cmocka_unit_test_setup_teardown(one_look_a_change, begin, all_closed),
		cmocka_unit_test_setup_teardown(thread, begin, all_closed),
		cmocka_unit_test_setup_teardown(errno_stays, begin, all_closed),
		cmocka_unit_test_setup_teardown(no_thread, begin, all_closed),
		cmocka_unit_test_setup_teardown(no_descriptors, begin, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
