/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/collector_worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/trends/collector.h"
#include "libweir/errors.h"

/* Before the limit of a worker's processor time (worker.h) it makes room for a new one. */
enum { MAX_CPU_S = MAX_WORKER_CPU_S / 2 };

static volatile sig_atomic_t collector_ends;

static void note_collector_end(int number)
{
	(void)number;
	collector_ends = 1;
}

static void collect(void *context, void *result)
{
	struct collector collector;
	const struct sigaction end = {.sa_handler = note_collector_end};
	const struct timespec pause = {.tv_sec = COLLECT_S};
	sigset_t none;
	(void)result;
	sigemptyset(&none);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	worker_hold(); /* only the pause is interrupted */
	collector_begin(&collector, context);
	while (!collector_ends && clock() / CLOCKS_PER_SEC < MAX_CPU_S) {
		collector_step(&collector, wall_now());
		ppoll(NULL, 0, &pause, &none);
	}
	collector_step(&collector, wall_now());
	collector_commit(&collector, wall_now());
	collector_end(&collector);
}

static void take_collector_end(struct collector_worker *w)
{
	char ended[64];
	if (!worker_has_ended(&w->worker))
		return;
	worker_forget(&w->worker);
	bool well = WIFEXITED(w->worker.status) && WEXITSTATUS(w->worker.status) == 0;
	if (!well && !w->failed)
		log_error("trends: the process that collects %s; it is begun again",
			worker_end_text(w->worker.status, ended));
	w->failed = !well;
	w->next_ms = clock_ms() + (well ? 0 : RETRY_COLLECT_S * UINT64_C(1000));
}

void collector_worker_step(struct collector_worker *worker, const struct config *config)
{
	struct why why;
	if (worker->worker.pid > 0)
		take_collector_end(worker);
	if (!config->trends.wanted || !config->run || worker->worker.pid > 0 || clock_ms() < worker->next_ms)
		return;
	if (worker_begin(&worker->worker, collect, (void *)config, 1, &why) == 0)
		return;
	if (!worker->failed)
		log_error("trends: %s; nothing is collected", why.text);
	worker->failed = true;
	worker->next_ms = clock_ms() + RETRY_COLLECT_S * UINT64_C(1000);
}

int64_t collector_worker_wait_ms(const struct collector_worker *worker, const struct config *config)
{
	uint64_t now = clock_ms();
	if (!config->trends.wanted || !config->run || worker->worker.pid > 0) /* its end is told by SIGCHLD */
		return -1;
	return worker->next_ms > now ? (int64_t)(worker->next_ms - now) : 0;
}

void collector_worker_end(struct collector_worker *worker)
{
	if (worker->worker.pid > 0)
		worker_end_after(&worker->worker, COLLECT_END_MS);
}
