/* SPDX-License-Identifier: BSD-3-Clause */
/* Rounds are made by a process of their own: `run` goes on meanwhile. */
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/watch/watch_round.h"
#include "libweir/errors.h"

enum { MAX_ROUND_S = 1800 /* longer than MAX_FLEET silent resolvers take, and another round before */ };

struct round_outcome {
	bool made;
	struct why why;
};

static void make_round_in_worker(void *context, void *result)
{
	struct round_outcome *outcome = result;
	struct watch watch;
	outcome->made = watch_round(&watch, context, &outcome->why) == 0;
	watch_end(&watch);
}

/* A failure is told once, not each time. */
static void tell_round_failure(struct watch_worker *worker, const char *reason)
{
	if (!worker->failed)
		log_error("fleet: %s; how its resolvers are is not known", reason);
	worker->failed = true;
}

static void take_round_end(struct watch_worker *worker)
{
	char ended[64];
	if (!worker_ends_within(&worker->worker, MAX_ROUND_S))
		return;
	const struct round_outcome outcome = *(const struct round_outcome *)worker->worker.result;
	worker_forget(&worker->worker);
	if (!outcome.made)
		tell_round_failure(
			worker, outcome.why.text[0] ? outcome.why.text : worker_end_text(worker->worker.status, ended));
	else if (worker->failed)
		log_info("fleet: its resolvers are watched again");
	worker->failed = !outcome.made;
}

void watch_worker_step(struct watch_worker *worker, const struct config *config)
{
	struct why why;
	if (worker->worker.pid > 0)
		take_round_end(worker);
	if (config->fleet.resolver_count == 0 || worker->worker.pid > 0 || clock_ms() < worker->next_ms)
		return;
	worker->next_ms = clock_ms() + config->fleet.interval_s * UINT64_C(1000);
	if (worker_begin(&worker->worker, make_round_in_worker, (void *)config, sizeof(struct round_outcome), &why) !=
		0)
		tell_round_failure(worker, why.text);
}

int64_t watch_worker_wait_ms(const struct watch_worker *worker, const struct config *config)
{
	uint64_t now = clock_ms();
	if (config->fleet.resolver_count == 0)
		return -1;
	if (worker->worker.pid > 0) /* its end is told by SIGCHLD */
		return INT64_C(60000);
	return worker->next_ms > now ? (int64_t)(worker->next_ms - now) : 0;
}

void watch_worker_end(struct watch_worker *worker)
{
	worker_end(&worker->worker);
	worker->next_ms = 0;
}
