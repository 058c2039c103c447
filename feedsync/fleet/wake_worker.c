/* SPDX-License-Identifier: BSD-3-Clause */
/* The object is asked for without a condition. It is no longer than the headers that a condition needs, and servers that tell
 * versions apart by the second would say "unchanged" of the second one in a second. */
#include "feedsync/fleet/wake_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/fleet/manifest.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

/* What a process is to look for. */
struct wake_task {
	const struct config *config;
	uint64_t in_force, told; /* serials that are no news */
};

/* ---- in the process ---- */

static void pause_for(uint64_t ms)
{
	const struct timespec pause = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
	nanosleep(&pause, NULL);
}

/* Part of an interval, by chance: a fleet that was woken together does not look together the next time. */
static uint64_t some_of_interval_ms(void)
{
	uint32_t chance;
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		chance = 0;
	return chance % (WAKE_INTERVAL_S * 1000);
}

/* Looks once. `serial`: the one that is news, or 0. Returns the seconds until the next look. */
static uint64_t look_at_wake(const struct wake_task *task, uint64_t *serial)
{
	const struct pull_config *pull = &task->config->pull;
	uint64_t found = 0, pause = PULL_INTERVAL_S;
	struct fetch *f = xcalloc(1, sizeof *f);
	*f = (struct fetch){.trust = &pull->trust, .stays = true, .most = MANIFEST_WAKE_TEXT - 1};
	if (url_below(pull->url, MANIFEST_WAKE, f->url) == 0)
		fetch_all(f, 1, clock_s() + WAKE_LOOK_S);
	if (f->status == FETCH_OK && manifest_wake_read(&found, f->said, f->said_length))
		pause = WAKE_INTERVAL_S;
	else
		found = 0;
	if (f->retry_after_s > pause)
		pause = f->retry_after_s < PULL_STALE_S / 3 ? f->retry_after_s : PULL_STALE_S / 3;
	free(f);
	*serial = found > task->in_force && found != task->told ? found : 0;
	return pause;
}

static void look_for_wake(void *context, void *result)
{
	const struct wake_task *task = context;
	uint64_t *serial = result;
	fetch_resolve_by(task->config->resolves ? &task->config->resolver : NULL);
	fetch_keep_connections();
	pause_for(some_of_interval_ms());
	for (unsigned looks = 0; looks < WAKE_LOOKS; looks++) {
		uint64_t pause = look_at_wake(task, serial);
		if (*serial > 0)
			return;
		pause_for(pause * 1000);
	}
}

/* ---- beside it ---- */

static uint64_t take_wake_end(struct wake_worker *w, uint64_t in_force)
{
	if (!worker_has_ended(&w->worker))
		return 0;
	uint64_t serial = *(const uint64_t *)w->worker.result;
	worker_forget(&w->worker);
	w->next_ms = clock_ms() + WAKE_PAUSE_S * UINT64_C(1000);
	if (serial > 0)
		w->told = serial;
	return serial > in_force ? serial : 0;
}

uint64_t wake_worker_step(struct wake_worker *w, const struct config *config, uint64_t in_force)
{
	struct wake_task task = {config, in_force, w->told};
	struct why why;
	if (w->worker.pid > 0)
		return take_wake_end(w, in_force);
	if (clock_ms() < w->next_ms)
		return 0;
	w->next_ms = clock_ms() + PULL_INTERVAL_S * UINT64_C(1000);
	(void)!worker_begin(&w->worker, look_for_wake, &task, sizeof(uint64_t),
		&why); /* a pull that cannot begin either tells why */
	return 0;
}

int64_t wake_worker_wait_ms(const struct wake_worker *w)
{
	uint64_t now = clock_ms();
	if (w->worker.pid > 0)
		return -1;
	return w->next_ms > now ? (int64_t)(w->next_ms - now) : 0;
}

void wake_worker_end(struct wake_worker *w)
{
	worker_end(&w->worker);
	*w = (struct wake_worker){0};
}
