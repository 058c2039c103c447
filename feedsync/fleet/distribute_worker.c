/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/distribute_worker.h"

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/distribute.h"
#include "libweir/errors.h"

enum { DISTRIBUTE_LOOK_MS = 1000 /* how often another table is looked for */ };

struct job_of_channel {
	const struct config *config;
	const struct channel *channel;
};

static void distribute_beside_run(void *context, void *result)
{
	const struct job_of_channel *job = context;
	const struct distribution distribution = {.config = job->config, .effort = BUNDLE_WHOLE};
	*(bool *)result = distribute_to_channel(&distribution, job->channel);
}

static void take_channel_end(struct channel_worker *w, const struct channel *channel)
{
	char text[64];
	if (!worker_ends_within(&w->worker, MAX_DISTRIBUTE_S))
		return;
	bool well = *(bool *)w->worker.result;
	worker_forget(&w->worker);
	if (!well && w->worker.status != 0)
		log_error("channel %s: publishing there %s; it is tried again", channel->name,
			worker_end_text(w->worker.status, text));
	w->next_ms = clock_ms() + (well ? EXPIRY_S : RETRY_CHANNEL_S) * UINT64_C(1000);
}

static void step_channel(struct channel_worker *w, const struct config *config, const struct channel *channel)
{
	struct job_of_channel job = {config, channel};
	struct why why;
	if (w->worker.pid > 0)
		take_channel_end(w, channel);
	const uint64_t table = path_sum(config->table);
	if (w->worker.pid > 0 || table == 0 || (table == w->table && clock_ms() < w->next_ms))
		return;
	w->table = table;
	w->next_ms = clock_ms() + RETRY_CHANNEL_S * UINT64_C(1000);
	if (worker_begin(&w->worker, distribute_beside_run, &job, sizeof(bool), &why) != 0)
		log_error("channel %s: %s", channel->name, why.text);
}

void distribute_worker_step(struct distribute_worker *worker, const struct config *config)
{
	for (size_t i = 0; i < config->channel_count; i++)
		step_channel(&worker->channels[i], config, &config->channels[i]);
}

void distribute_worker_end(struct distribute_worker *worker)
{
	for (unsigned i = 0; i < MAX_CHANNELS; i++)
		worker_end(&worker->channels[i].worker);
	*worker = (struct distribute_worker){0};
}

int64_t distribute_worker_wait_ms(const struct distribute_worker *worker, const struct config *config)
{
	(void)worker;
	return config->channel_count > 0 ? DISTRIBUTE_LOOK_MS : -1;
}
