/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/distribute_worker.h"

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/distribute.h"
#include "feedsync/fleet/table_source.h"
#include "libweir/errors.h"

enum { DISTRIBUTE_LOOK_MS = 1000 /* how often another table is looked for */ };

static void step_channel(struct channel_worker *w, const struct config *config, const struct channel *channel)
{
	const struct distribution distribution = {.config = config, .effort = BUNDLE_WHOLE};
	struct why why;
	bool well;
	if (w->worker.pid > 0 && distribute_has_ended(&w->worker, channel, &well))
		w->next_ms = clock_ms() + (well ? EXPIRY_S : RETRY_CHANNEL_S) * UINT64_C(1000);
	const uint64_t table = table_source_sum(config, channel);
	if (w->worker.pid > 0 || table == 0 || (table == w->table && clock_ms() < w->next_ms))
		return;
	w->table = table;
	w->next_ms = clock_ms() + RETRY_CHANNEL_S * UINT64_C(1000);
	if (distribute_begin(&w->worker, &distribution, channel, &why) != 0)
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
