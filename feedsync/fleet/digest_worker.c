/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/digest_worker.h"

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/configuration.h"
#include "feedsync/trends/hit_digest_outbox.h"
#include "libweir/errors.h"

enum { HOUR_S = 3600, DIGEST_LOOK_MS = 2000 };

struct digest_outcome {
	bool done;
	struct why why;
};

static bool has_digests(const struct config *config)
{
	return config->trends.digest_name || config->fleet.digests;
}

static void move_digests(void *context, void *result)
{
	const struct config *config = context;
	struct digest_outcome *outcome = result;
	char doubt[WALL_DOUBT];
	int status = config->trends.digest_name ? digests_send(config, &outcome->why) : 0;
	if (status == 0 && config->fleet.digests && !wall_doubt(doubt))
		status = digests_take(config, wall_now() / HOUR_S, &outcome->why);
	outcome->done = status == 0;
}

static void tell_digest_failure(struct digest_worker *worker, const char *reason)
{
	if (!worker->failed)
		log_error("trends: digests: %s; they wait, and it is tried again each minute", reason);
	worker->failed = true;
}

static void take_digest_end(struct digest_worker *worker)
{
	char ended[64];
	if (!worker_ends_within(&worker->worker, MAX_DIGESTS_S))
		return;
	const struct digest_outcome outcome = *(const struct digest_outcome *)worker->worker.result;
	worker_forget(&worker->worker);
	if (!outcome.done)
		tell_digest_failure(
			worker, outcome.why.text[0] ? outcome.why.text : worker_end_text(worker->worker.status, ended));
	else if (worker->failed)
		log_info("trends: digests: well again");
	worker->failed = !outcome.done;
}

/* One that has just been made is sent soon, unless the last attempt has failed. */
static bool is_digest_due(const struct digest_worker *worker, const struct config *config)
{
	uint64_t hour;
	return clock_ms() >= worker->next_ms ||
	       (config->trends.digest_name && !worker->failed && hit_digest_oldest(config->state, &hour));
}

void digest_worker_step(struct digest_worker *worker, const struct config *config)
{
	struct why why;
	if (worker->worker.pid > 0)
		take_digest_end(worker);
	if (!has_digests(config) || worker->worker.pid > 0 || !is_digest_due(worker, config))
		return;
	worker->next_ms = clock_ms() + DIGEST_INTERVAL_S * UINT64_C(1000);
	if (worker_begin(&worker->worker, move_digests, (void *)config, sizeof(struct digest_outcome), &why) != 0)
		tell_digest_failure(worker, why.text);
}

int64_t digest_worker_wait_ms(const struct digest_worker *worker, const struct config *config)
{
	if (!has_digests(config))
		return -1;
	if (worker->worker.pid > 0) /* SIGCHLD tells of its end */
		return DIGEST_INTERVAL_S * INT64_C(1000);
	if (config->trends.digest_name) /* one may be made at any time */
		return DIGEST_LOOK_MS;
	const uint64_t now = clock_ms();
	return worker->next_ms > now ? (int64_t)(worker->next_ms - now) : 0;
}

void digest_worker_end(struct digest_worker *worker)
{
	worker_end(&worker->worker);
	worker->next_ms = 0;
}
