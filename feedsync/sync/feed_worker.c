/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/feed_worker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/feeds/schedule.h"
#include "feedsync/feeds/update.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

/* What the worker hands back. */
struct found {
	atomic_bool done; /* set last */
	struct feed_outcome feed;
	struct feed_event events[MAX_EVENTS];
};

void feed_worker_plan(struct feed *feed, bool resident)
{
	uint32_t chance;
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		chance = 0;
	feed->run.wait_s = schedule_wait(feed->config->interval_s, feed->record.failures, chance);
	if (feed->run.wait_s < feed_wait(feed))
		feed->run.wait_s = feed_wait(feed); /* as the server asks */
	feed->record.next_at = resident ? wall_now() + feed->run.wait_s : 0;
}

/* ---- the worker ---- */

struct task {
	const struct feed_worker_setup *setup;
	struct feed *feed;
};

static void fetch_in_worker(void *context, void *result)
{
	const struct task *task = context;
	struct found *found = result;
	struct feed *feed = task->feed;
	const struct config *config = task->setup->config;
	struct why why;
	uint64_t before = fetch_received();
	fetch_resolve_by(config->resolves ? &config->resolver : NULL);
	update_feed(feed, task->setup->guard);
	feed->record.received += fetch_received() - before;
	fetch_resolve_by(NULL);
	feed_worker_plan(feed, task->setup->resident);
	if (!feed->unread && feed_save(feed, &why) < 0)
		log_warning("feed %s: %s", feed->config->name, why.text);
	found->feed = feed_outcome(feed);
	if (feed->event_count > 0)
		memcpy(found->events, feed->events, feed->event_count * sizeof *feed->events);
	atomic_store(&found->done, true);
}

/* ---- outside ---- */

static void fail_feed(
	struct feed *feed, const struct feed_worker_setup *setup, enum error_class class, const char *error)
{
	struct why why;
	feed_fail(feed, class, error);
	update_conclude(feed);
	feed_worker_plan(feed, setup->resident);
	if (!feed->unread && feed_save(feed, &why) < 0)
		log_warning("feed %s: %s", feed->config->name, why.text);
}

void feed_worker_begin(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed)
{
	struct task task = {.setup = setup, .feed = feed};
	struct why why;
	worker->asked_ms = worker->wanted_ms;
	worker->wanted_ms = 0;
	worker->ended = false;
	worker->tables = setup->tables;
	int status = worker_begin(&worker->worker, fetch_in_worker, &task, sizeof(struct found), &why);
	if (status != 0)
		fail_feed(feed, setup, error_class_from_code(status), why.text);
}

bool feed_worker_is_under_way(const struct feed_worker *worker)
{
	return worker->worker.pid > 0;
}

bool feed_worker_is_done(const struct feed_worker *worker)
{
	const struct found *found = worker->worker.result;
	return worker->worker.pid > 0 && atomic_load(&found->done);
}

/* Keeps the newer record. If the update found the good version unchanged, a table that was made meanwhile knows more of
 * it than the update, which began before. Returns whether that is so. */
static bool keep_newer(struct feed_record *record, const struct feed_record *now)
{
	if (record->changed_at != now->changed_at)
		return false;
	record->parsed = now->parsed;
	record->reference = now->reference;
	record->lapsed = now->lapsed;
	return true;
}

static void take_found(const struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed)
{
	const struct found *found = worker->worker.result;
	const struct feed_record record = feed->record;
	const struct feed_run run = feed->run;
	struct why why;
	feed_take_outcome(feed, &found->feed);
	free(feed->events);
	feed->events = xcalloc(feed->event_count, sizeof *feed->events);
	memcpy(feed->events, found->events, feed->event_count * sizeof *feed->events);
	feed->run.accepted |= run.accepted;
	if (worker->tables != setup->tables && keep_newer(&feed->record, &record) && !feed->unread &&
		feed_save(feed, &why) < 0)
		log_warning("feed %s: %s", feed->config->name, why.text);
	if (feed->run.result == FEED_UNCHANGED && run.result == FEED_FRESH)
		feed->run.result = FEED_FRESH; /* no table was made of it yet */
}

void feed_worker_take(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed)
{
	char end[64], text[128];
	bool done = feed_worker_is_done(worker);
	if (done)
		take_found(worker, setup, feed);
	worker_forget(&worker->worker);
	worker->ended = false;
	if (done)
		return;
	/* The worker may have put a new version in its place: the disk tells. */
	feed_end(feed);
	feed_begin(feed, feed->config, setup->config->state);
	snprintf(text, sizeof text, "its fetching %s", worker_end_text(worker->worker.status, end));
	fail_feed(feed, setup, ERROR_INTERNAL, text);
}

void feed_worker_drop(struct feed_worker *worker)
{
	worker_stop(&worker->worker, true);
	worker_forget(&worker->worker);
	worker->wanted_ms = 0;
	worker->ended = false;
}
