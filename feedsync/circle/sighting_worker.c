/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_worker.h"

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/sighting_record.h"
#include "feedsync/circle/sightings.h"
#include "libweir/errors.h"

enum { SIGHTING_LOOK_MS = 60000 };
_Static_assert(
	MAX_SIGHTINGS_S >= MAX_PARTNERS * (MAX_PARTNER_S + 900), "no partner is out of time by those before him");

static void tell_in_worker(void *context, void *result)
{
	const struct sightings_request request = {.config = context};
	struct sightings_counts counts;
	struct why why;
	int status = sightings_tell(&request, &counts, &why);
	if (status != 0)
		log_error("no sightings are told: %s; what is pending stays", why.text);
	*(bool *)result = status == 0 && counts.failed == 0;
}

static void take_sighting_end(struct sighting_worker *w)
{
	char text[64];
	if (!worker_ends_within(&w->worker, MAX_SIGHTINGS_S))
		return;
	bool well = *(const bool *)w->worker.result;
	worker_forget(&w->worker);
	if (!well && w->worker.status != 0)
		log_error("telling sightings %s; it is tried again", worker_end_text(w->worker.status, text));
	w->next_ms = clock_ms() + (well ? (uint64_t)SIGHTING_LOOK_MS : RETRY_S * UINT64_C(1000));
}

static bool is_any_due(const struct config *config)
{
	for (size_t i = 0; i < config->partner_count; i++) {
		struct sighting_record record;
		sighting_record_read(&record, config->state, &config->partners[i]);
		if (sighting_is_due(&record, &config->partners[i], wall_now()))
			return true;
	}
	return false;
}

void sighting_worker_step(struct sighting_worker *w, const struct config *config)
{
	struct why why;
	if (w->worker.pid > 0)
		take_sighting_end(w);
	if (config->partner_count == 0 || w->worker.pid > 0 || clock_ms() < w->next_ms)
		return;
	w->next_ms = clock_ms() + SIGHTING_LOOK_MS;
	if (path_sum(config->table) == 0 || !is_any_due(config)) /* where nothing is blocked yet, nothing is told */
		return;
	if (worker_begin(&w->worker, tell_in_worker, (void *)config, sizeof(bool), &why) != 0) {
		log_error("telling sightings %s; it is tried again in %d s", why.text, RETRY_S);
		w->next_ms = clock_ms() + RETRY_S * UINT64_C(1000);
	}
}

void sighting_worker_want(struct sighting_worker *w)
{
	worker_end(&w->worker);
	w->next_ms = 0;
}

int64_t sighting_worker_wait_ms(const struct sighting_worker *w, const struct config *config)
{
	uint64_t now = clock_ms();
	if (config->partner_count == 0)
		return -1;
	if (w->worker.pid > 0) /* the end of a process is told by SIGCHLD */
		return SIGHTING_LOOK_MS;
	return w->next_ms > now ? (int64_t)(w->next_ms - now) : 0;
}

void sighting_worker_end(struct sighting_worker *w)
{
	worker_end(&w->worker);
}
