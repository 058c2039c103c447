/* SPDX-License-Identifier: BSD-3-Clause */
/* When a worker's time is over, and how one is ended. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/worker.h"
#include "libweir/errors.h"

static void rest(void *context, void *result)
{
	(void)result;
	worker_hold(); /* it does not end by being asked */
	while (!*(const bool *)context)
		pause();
}

/* Waits for the end of the process, and leaves it to be taken. */
static void wait_for_end(const struct worker *worker)
{
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT), 0);
}

/* A worker that hangs is ended when its time is over, not before; one that ends is found at once. */
static void time_is_over(void **state)
{
	(void)state;
	struct worker worker;
	struct why why;
	bool ends = false;
	assert_int_equal(worker_begin(&worker, rest, &ends, 1, &why), 0);
	assert_false(worker_ends_within(&worker, 3600));
	worker.begun_ms -= 3600001;
	assert_false(worker_ends_within(&worker, 3600));
	wait_for_end(&worker);
	assert_true(worker_ends_within(&worker, 3600));
	worker_forget(&worker);
	assert_true(WIFSIGNALED(worker.status) && WTERMSIG(worker.status) == SIGKILL);
	ends = true;
	assert_int_equal(worker_begin(&worker, rest, &ends, 1, &why), 0);
	wait_for_end(&worker);
	assert_true(worker_ends_within(&worker, 3600));
	worker_forget(&worker);
	assert_true(WIFEXITED(worker.status));
}

static const struct timespec moment = {.tv_nsec = 10000000};

/* Ends 1.5 seconds after it was asked to. */
static void finish(void *context, void *result)
{
	sigset_t end;
	int number;
	(void)context;
	worker_hold();
	*(volatile char *)result = 1;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigwait(&end, &number);
	for (unsigned i = 0; i < 150; i++)
		nanosleep(&moment, NULL);
}

static void never(void *context, void *result)
{
	(void)context;
	worker_hold();
	*(volatile char *)result = 1;
	while (true)
		pause();
}

static int end_of(void (*work)(void *context, void *result), unsigned patience_ms)
{
	struct worker worker;
	struct why why;
	assert_int_equal(worker_begin(&worker, work, NULL, 1, &why), 0);
	while (*(volatile char *)worker.result == 0)
		nanosleep(&moment, NULL);
	if (patience_ms > 0)
		worker_end_after(&worker, patience_ms);
	else
		worker_end(&worker);
	assert_true(worker.pid == 0 && worker.result == NULL);
	return worker.status;
}

static void patience(void **state)
{
	(void)state;
	int status = end_of(finish, 60000);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = end_of(never, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	status = end_of(never, 20);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_over),
		cmocka_unit_test(patience),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
