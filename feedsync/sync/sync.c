/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/sync.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/guard/guard.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/sync/last_run.h"
#include "libweir/errors.h"

const char *sync_result_text(enum sync_result result)
{
	switch (result) {
	case SYNC_FRESH: return "all feeds current";
	case SYNC_LAST_GOOD: return "some feeds on their last good version";
	case SYNC_NOTHING: return "nothing published";
	case SYNC_HELD: return "held";
	case SYNC_OWN: return "only allow and block published";
	}
	return "?";
}

int sync_begin(struct sync *sync, const struct config *config, const struct sync *before, struct why *why)
{
	int status = directory_create(config->state);
	if (status != 0)
		return why_set(why, status, "cannot create %.150s: %s", config->state, error_text(status));
	*sync = (struct sync){.config = config, .lock = state_dir_lock(config->state, before ? before->lock : -1, why)};
	if (sync->lock < 0)
		return sync->lock;
	sync->feeds = xcalloc(config->feed_count, sizeof *sync->feeds);
	sync->workers = xcalloc(config->feed_count, sizeof *sync->workers);
	for (size_t i = 0; i < config->feed_count; i++) {
		feed_begin(&sync->feeds[i], &config->feeds[i], config->state);
		atomic_dir_recover(sync->feeds[i].good);
	}
	return 0;
}

/* Whether two configurations ask for the same document. */
static bool asks_for_the_same(const struct sync *sync, const struct feed_config *feed, const struct sync *before,
	const struct feed_config *old)
{
	return strcmp(feed->name, old->name) == 0 && strcmp(sync->config->state, before->config->state) == 0 &&
	       feed->allows == old->allows && feed->sum == old->sum && feed->sum != 0;
}

void sync_take_over(struct sync *sync, struct sync *before)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		size_t j = 0;
		while (j < before->config->feed_count &&
			!asks_for_the_same(sync, &sync->config->feeds[i], before, &before->config->feeds[j]))
			j++;
		if (j == before->config->feed_count)
			continue;
		sync->feeds[i].run.result = before->feeds[j].run.result;
		sync->feeds[i].run.accepted = before->feeds[j].run.accepted;
		sync->workers[i] = before->workers[j];
		before->workers[j] = (struct feed_worker){0};
	}
	sync->busy_ms = before->busy_ms;
	sync->due_ms = before->due_ms;
	before->due_ms = 0;
	sync->published = before->published;
	sync->tables = before->tables;
	sync->result = before->result;
	sync->resident = before->resident;
}

void sync_end(struct sync *sync)
{
	if (sync->due_ms > 0 || sync_makes_table(sync)) {
		log_info("stopped; what has come is published the next time");
		last_run_write(sync->config->state, sync->resident, RUN_END_STOPPED, ERROR_NONE, "stopped");
	}
	for (size_t i = 0; i < sync->config->feed_count; i++)
		feed_worker_drop(&sync->workers[i]);
	worker_end(&sync->publisher);
	for (size_t i = 0; i < sync->config->feed_count; i++)
		feed_end(&sync->feeds[i]);
	guard_free(&sync->guard);
	free(sync->feeds);
	free(sync->workers);
	close(sync->lock);
}

void sync_ask(struct sync *sync, size_t feed)
{
	struct feed_worker *worker = &sync->workers[feed];
	if (worker->wanted_ms == 0)
		worker->wanted_ms = clock_ms();
}

void sync_make(struct sync *sync)
{
	if (sync->due_ms == 0)
		sync->due_ms = clock_ms();
}
