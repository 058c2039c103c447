/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
