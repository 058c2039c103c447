/* SPDX-License-Identifier: BSD-3-Clause */
/* Snapshots are made by a process of their own: `run` goes on meanwhile. */
#include <errno.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/monitor/snapshot.h"
#include "libweir/errors.h"

struct outcome {
	bool made;
	struct why why;
};

static void make_snapshot(void *context, void *result)
{
	struct outcome *outcome = result;
	outcome->made = snapshot_publish(context, &outcome->why) == 0;
}

/* A failure is told once, not each time. */
static void tell_failure(struct snapshot_worker *worker, const struct config *config, const char *reason)
{
	if (!worker->failed)
		log_error("%s/" SNAPSHOT_FILE ": %s; the pages of `feedsync serve` show nothing newer",
			config->pages_directory, reason);
	worker->failed = true;
}

static void take_snapshot_end(struct snapshot_worker *worker, const struct config *config)
{
	if (!worker_ends_within(&worker->worker, SNAPSHOT_OLD_S))
		return;
	const struct outcome outcome = *(const struct outcome *)worker->worker.result;
	char ended[64];
	worker_forget(&worker->worker);
	if (!outcome.made)
		tell_failure(worker, config,
			outcome.why.text[0] ? outcome.why.text : worker_end_text(worker->worker.status, ended));
	else if (worker->failed)
		log_info("the pages of `feedsync serve` are up to date again");
	worker->failed = !outcome.made;
}

void snapshot_worker_step(struct snapshot_worker *worker, const struct config *config)
{
	struct why why;
	if (worker->worker.pid > 0)
		take_snapshot_end(worker, config);
	if (!config->pages_listen || worker->worker.pid > 0 || clock_ms() < worker->next_ms)
		return;
	worker->next_ms = clock_ms() + SNAPSHOT_S * UINT64_C(1000);
	if (worker_begin(&worker->worker, make_snapshot, (void *)config, sizeof(struct outcome), &why) != 0)
		tell_failure(worker, config, why.text);
}

int64_t snapshot_worker_wait_ms(const struct snapshot_worker *worker, const struct config *config)
{
	uint64_t now = clock_ms();
	if (!config->pages_listen)
		return -1;
	if (worker->worker.pid > 0) /* its end is told by SIGCHLD */
		return SNAPSHOT_S * 1000;
	return worker->next_ms > now ? (int64_t)(worker->next_ms - now) : 0;
}

void snapshot_worker_end(struct snapshot_worker *worker)
{
	worker_end(&worker->worker);
}
