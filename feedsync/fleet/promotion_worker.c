/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/promotion_worker.h"

#include <sys/wait.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/promotion.h"
#include "libweir/errors.h"

enum { RENEW_MS = 3600 * 1000 /* then the lists of names are read again */ };

struct promotion_job {
	const struct config *config;
	const struct channel *channel;
};

/* A process that is ended at any point leaves the old record or the new one. */
static void look_at_canaries(void *context, void *result)
{
	const struct promotion_job *job = context;
	const struct timespec pause = {.tv_sec = job->channel->probe_interval_s};
	const uint64_t begun = clock_ms();
	struct health_names names;
	(void)result;
	health_names_begin(&names, job->config, job->channel);
	while (clock_ms() < begun + RENEW_MS) {
		promotion_look(job->config, job->channel, &names);
		nanosleep(&pause, NULL);
	}
	health_names_end(&names);
}

static void take_promotion_end(struct promotion_process *process, const struct channel *channel)
{
	char ended[64];
	if (!worker_has_ended(&process->worker))
		return;
	worker_forget(&process->worker);
	bool well = WIFEXITED(process->worker.status) && WEXITSTATUS(process->worker.status) == 0;
	if (!well)
		log_error("channel %s: the process that looks at the canaries %s; it is begun again", channel->name,
			worker_end_text(process->worker.status, ended));
	process->next_ms = clock_ms() + (well ? 0 : RETRY_CHANNEL_S * UINT64_C(1000));
}

void promotion_worker_step(struct promotion_worker *w, const struct config *config)
{
	struct why why;
	for (size_t i = 0; i < config->channel_count; i++) {
		struct promotion_process *process = &w->channels[i];
		struct promotion_job job = {config, &config->channels[i]};
		if (process->worker.pid > 0)
			take_promotion_end(process, job.channel);
		if (!job.channel->promote_from || process->worker.pid > 0 || clock_ms() < process->next_ms)
			continue;
		process->next_ms = clock_ms() + RETRY_CHANNEL_S * UINT64_C(1000);
		if (worker_begin(&process->worker, look_at_canaries, &job, 1, &why) != 0)
			log_error("channel %s: nobody looks at the canaries: %s", job.channel->name, why.text);
	}
}

void promotion_worker_end(struct promotion_worker *w)
{
	for (unsigned i = 0; i < MAX_CHANNELS; i++)
		worker_end(&w->channels[i].worker);
	*w = (struct promotion_worker){0};
}

int64_t promotion_worker_wait_ms(const struct promotion_worker *w, const struct config *config)
{
	const uint64_t now = clock_ms();
	int64_t wait = -1;
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct promotion_process *process = &w->channels[i];
		if (!config->channels[i].promote_from || process->worker.pid > 0) /* its end is told by SIGCHLD */
			continue;
		int64_t left = process->next_ms > now ? (int64_t)(process->next_ms - now) : 0;
		wait = wait < 0 || left < wait ? left : wait;
	}
	return wait;
}
