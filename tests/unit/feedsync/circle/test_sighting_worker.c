/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker that is killed is told of; none goes on with an old configuration. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/circle/sighting_worker.h"

static void kill_itself(void *context, void *result)
{
	(void)context;
	(void)result;
	raise(SIGKILL);
}

static void killed(void **state)
{
	(void)state;
	const struct partner partner = {.name = "p"};
	const struct config config = {
		.state = test_directory, .partners = (struct partner *)&partner, .partner_count = 1};
	struct sighting_worker w = {0};
	struct why why;
	char said[1024] = "";
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(worker_begin(&w.worker, kill_itself, NULL, sizeof(bool), &why), 0);
	log_copy(ends[1]);
	while (w.worker.pid > 0) {
		sighting_worker_step(&w, &config);
		poll(NULL, 0, 1);
	}
	log_copy(-1);
	close(ends[1]);
	assert_true(read(ends[0], said, sizeof said - 1) > 0);
	assert_non_null(strstr(said, "telling sightings ended by signal 9 (Killed); it is tried again"));
	close(ends[0]);
}

static void go_on(void *context, void *result)
{
	(void)context;
	(void)result;
	for (;;)
		poll(NULL, 0, -1);
}

static void another_configuration(void **state)
{
	(void)state;
	const struct config config = {.partner_count = 1};
	struct sighting_worker w = {.next_ms = UINT64_MAX};
	struct why why;
	assert_int_equal(worker_begin(&w.worker, go_on, NULL, sizeof(bool), &why), 0);
	sighting_worker_want(&w);
	assert_int_equal(w.worker.pid, 0);
	assert_int_equal(sighting_worker_wait_ms(&w, &config), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(killed, with_directory, without_directory),
		cmocka_unit_test(another_configuration)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
