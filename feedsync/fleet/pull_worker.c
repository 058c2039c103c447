/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_worker.h"

#include <sys/random.h>
#include <sys/wait.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/fleet/pull.h"
#include "libweir/errors.h"

struct pull_task {
	const struct config *config;
	struct pull_request request;
};

/* What the worker hands back. */
struct pull_result {
	bool done; /* set last; the parent reads it when the process has ended */
	struct pull_outcome outcome;
};

static void pull_in_worker(void *context, void *result)
{
	const struct pull_task *task = context;
	struct pull_result *handed = result;
	pull(task->config, &task->request, &handed->outcome);
	handed->done = true;
}

/* From now on; hosts that were started together part from each other. */
static uint64_t interval_ms(void)
{
	uint32_t chance;
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		chance = 0;
	return PULL_INTERVAL_S * 750 + chance % (PULL_INTERVAL_S * 500);
}

static void say_pull_failed(struct pull_worker *w, const char *error, bool news)
{
	if (news || !w->failing)
		log_error("pull: %s; the table that is published stays in force", error);
	w->failing = true;
}

static void take_outcome(struct pull_worker *w, const struct pull_outcome *outcome)
{
	if (outcome->end == PULL_FAILED)
		say_pull_failed(w, outcome->error, outcome->news);
	else if (w->failing)
		log_info("pull: well again");
	w->failing = outcome->end == PULL_FAILED;
	if (outcome->end != PULL_WAITS)
		w->window_ms = 0;
	else if (w->window_ms == 0 || clock_ms() + outcome->wait_ms < w->window_ms)
		w->window_ms = clock_ms() + outcome->wait_ms; /* a newer offer does not begin the wait anew */
	uint64_t left_alone = outcome->retry_after_s < PULL_STALE_S / 3 ? outcome->retry_after_s : PULL_STALE_S / 3;
	w->alone_ms = clock_ms() + left_alone * 1000;
	if (w->next_ms < w->alone_ms)
		w->next_ms = w->alone_ms;
	w->serial = outcome->serial;
	w->pulled = true;
}

static void take_pull_end(struct pull_worker *w)
{
	char text[64];
	struct pull_outcome outcome = {.end = PULL_FAILED, .news = true};
	if (!worker_ends_within(&w->worker, MAX_PULL_S))
		return;
	const struct pull_result *handed = w->worker.result;
	bool done = handed->done;
	if (done)
		outcome = handed->outcome;
	worker_forget(&w->worker);
	if (!done)
		say_pull_failed(w, worker_end_text(w->worker.status, text), true);
	else
		take_outcome(w, &outcome);
}

/* A pull is due where a manifest is told to be urgent, unless the server asks to be left alone. */
static void look_for_urgent(struct pull_worker *w, const struct config *config)
{
	uint64_t serial = w->pulled ? wake_worker_step(&w->wake, config, w->serial) : 0;
	if (serial == 0)
		return;
	w->woken = serial;
	w->next_ms = w->alone_ms;
}

void pull_worker_step(struct pull_worker *w, const struct config *config)
{
	struct why why;
	if (w->worker.pid > 0)
		take_pull_end(w);
	if (config->pull.url)
		look_for_urgent(w, config);
	uint64_t now = clock_ms();
	bool window = w->window_ms > 0 && w->window_ms <= now;
	if (!config->pull.url || w->worker.pid > 0 || (w->next_ms > now && !window))
		return;
	struct pull_task task = {config, {.resident = true, .ready = window, .woken = w->woken}};
	w->woken = 0;
	w->next_ms = now + interval_ms();
	if (window)
		w->window_ms = now + interval_ms(); /* of one that ends without a word */
	if (worker_begin(&w->worker, pull_in_worker, &task, sizeof(struct pull_result), &why) != 0)
		say_pull_failed(w, why.text, false);
}

int64_t pull_worker_wait_ms(const struct pull_worker *w, const struct config *config)
{
	uint64_t now = clock_ms(), next = w->next_ms;
	if (!config->pull.url)
		return -1;
	if (w->worker.pid > 0) /* its end is told by SIGCHLD */
		return PULL_INTERVAL_S * 1000;
	if (w->window_ms > 0 && w->window_ms < next)
		next = w->window_ms;
	int64_t wake = w->pulled ? wake_worker_wait_ms(&w->wake) : -1, pull = next > now ? (int64_t)(next - now) : 0;
	return wake >= 0 && wake < pull ? wake : pull;
}

void pull_worker_want(struct pull_worker *w)
{
	w->next_ms = 0;
}

void pull_worker_end(struct pull_worker *w)
{
	worker_end(&w->worker);
	wake_worker_end(&w->wake);
	w->window_ms = w->woken = 0;
	w->pulled = false;
}
