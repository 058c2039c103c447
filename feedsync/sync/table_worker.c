/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/table_worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/guard/guard.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/sync/inputs.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/sync/publish_table.h"
#include "libweir/errors.h"

/* What a worker that makes a table hands back. */
struct made {
	atomic_bool done; /* set last */
	struct sync_table table;
	struct why taken_out;
	struct feed_outcome feeds[]; /* as the compiler has found them */
};

/* Hears the clocks of the servers whose feeds have come. */
static void hear_clocks(const struct sync *sync)
{
	struct wall_voice *voices = xcalloc(sync->config->feed_count, sizeof *voices);
	size_t count = 0;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].run.dated)
			voices[count++] = (struct wall_voice){sync->config->feeds[i].url, sync->feeds[i].run.ahead};
	wall_hear(voices, count);
	free(voices);
}

/* Whether the table's size is accepted: by itself, or with a feed's. */
static bool is_size_accepted(const struct sync *sync)
{
	bool accepted = sync->accept;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		accepted |= sync->feeds[i].run.accepted;
	return accepted;
}

/* Whether the table that is published is the one that would be made. */
static bool is_made(struct sync *sync)
{
	struct hold hold;
	uint64_t generation;
	bool made = !is_size_accepted(sync) && !guard_troubles(sync->guard, NULL);
	hold_read(&hold, sync->config->state);
	for (size_t i = 0; i < sync->config->feed_count; i++)
		made &= sync->feeds[i].record.withheld[0] == '\0';
	sync->inputs = inputs_all(sync);
	made = made && !hold.held && inputs_are_made(sync, sync->inputs, &generation);
	if (made) {
		log_info("%s: unchanged, generation %llu", sync->config->table, (unsigned long long)generation);
		local_resolvers_remind(sync->config->run, sync->config->table, generation);
	}
	return made;
}

static void publish_in_worker(void *context, void *result)
{
	struct sync *sync = context;
	struct made *made = result;
	sync_table_publish(sync, sync->guard, clock_ms() - sync->busy_ms, &made->table);
	made->taken_out = sync->taken_out;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		made->feeds[i] = feed_outcome(&sync->feeds[i]);
	atomic_store(&made->done, true);
	worker_let_go();
	if (made->table.published)
		local_resolvers_await(&sync->told, sync->config->run, sync->config->table, sync->generation);
}

static enum sync_result judge_result(const struct sync *sync, const struct sync_table *made)
{
	if (made->status != 0)
		return made->published || sync->reload_published ? SYNC_OWN : SYNC_NOTHING;
	if (made->held)
		return SYNC_HELD;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].record.failures > 0 || sync->feeds[i].record.withheld[0])
			return SYNC_LAST_GOOD;
	return sync->taken_out.text[0] || guard_troubles(sync->guard, NULL) ? SYNC_LAST_GOOD : SYNC_FRESH;
}

/* Asks again for a feed that turned out to be damaged. An update that is under way goes by what was known of the
 * damaged version. */
static void mend_feed(struct sync *sync, size_t i)
{
	struct feed_worker *worker = &sync->workers[i];
	struct feed *feed = &sync->feeds[i];
	feed_worker_plan(feed, sync->resident);
	time_t next = clock_s() + (time_t)feed->run.wait_s;
	if (next < worker->next)
		worker->next = next;
	if (feed_worker_is_under_way(worker)) {
		feed_worker_drop(worker);
		sync_ask(sync, i);
	}
}

/* Takes over what the compiler has found out about the feeds. */
static void take_feeds(struct sync *sync, const struct feed_outcome *made)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		const struct feed_record before = feed->record;
		struct why why;
		feed_take_outcome(feed, &made[i]);
		if (feed->record.failures > before.failures || strcmp(feed->record.error, before.error) != 0)
			mend_feed(sync, i);
		bool changed = feed->run.result != FEED_NOT_DUE || feed->record.reference != before.reference ||
			       feed->record.parsed.counts.entries != before.parsed.counts.entries;
		if (changed && !feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* Forgets what has come from the feeds: it is in the table, or was refused. */
static void forget_news(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		sync->feeds[i].run.result = FEED_NOT_DUE;
		sync->feeds[i].run.accept = sync->feeds[i].run.accepted = sync->feeds[i].run.dated = false;
	}
}

static void report_result(struct sync *sync, const struct sync_table *made)
{
	char doubt[WALL_DOUBT];
	if (sync->result == SYNC_FRESH || sync->result == SYNC_LAST_GOOD)
		accept_end(sync->config->state);
	else if (is_size_accepted(sync))
		accept_keep(sync->config->state); /* the feed has the acceptance already, the table does not */
	if (wall_doubt(doubt))
		log_warning("%s; if it is right: feedsync sync --accept-table", doubt);
	if (sync->result == SYNC_HELD)
		log_warning("HELD: nothing published (`feedsync status`); `feedsync resume` ends that");
	bool failed = sync->result == SYNC_NOTHING || sync->result == SYNC_OWN;
	enum run_end end = sync->result == SYNC_HELD ? RUN_END_HELD
			   : made->published         ? RUN_END_PUBLISHED
						     : RUN_END_UNCHANGED;
	if (failed)
		last_run_write(sync->config->state, sync->resident, RUN_END_FAILED, made->error_class, made->why.text);
	else
		last_run_write(sync->config->state, sync->resident, end,
			sync->taken_out.text[0] ? ERROR_ALARM : ERROR_NONE, sync->taken_out.text);
	if (failed)
		log_error("%s: %s",
			sync->result == SYNC_OWN ? "only `allow` and `block` published" : "nothing published",
			made->why.text);
}

/* Concludes a table. A table that was made for a new configuration, before feeds were asked, is followed by another
 * one. That one tells what goes wrong, if it still does. */
static void conclude_table(struct sync *sync, const struct sync_table *made)
{
	sync->tables++;
	sync->published |= made->published;
	if (sync->reloaded) {
		sync->reloaded = false;
		sync->reload_published = made->published;
		if (made->status != 0 && !made->published)
			log_info("the new configuration takes effect after the feeds are updated: %s", made->why.text);
		last_run_write(sync->config->state, sync->resident, RUN_END_UNDER_WAY, ERROR_NONE, "it has not ended");
		return;
	}
	sync->result = judge_result(sync, made);
	sync->reload_published = false;
	sync->cause = sync->resident ? "schedule" : sync->cause;
	report_result(sync, made);
	forget_news(sync);
}

void table_worker_take(struct sync *sync)
{
	enum { MAX_DEATHS = 3 };
	struct sync_table made = {.status = -EINTR, .error_class = ERROR_INTERNAL};
	const struct made *found = sync->publisher.result;
	bool done = atomic_load(&found->done), cut_off = sync->cut_off && !done;
	char end[64];
	if (done) {
		made = found->table;
		sync->taken_out = found->taken_out;
		take_feeds(sync, found->feeds);
	}
	worker_forget(&sync->publisher);
	sync->cut_off = false;
	if (!done)
		why_set(&made.why, made.status, "making the table %s", worker_end_text(sync->publisher.status, end));
	bool died = !done && !cut_off && ++sync->deaths < MAX_DEATHS;
	if (died) {
		sync->death = made.why;
		log_error("%s; it is tried again with less", made.why.text);
	}
	if (cut_off || died) {
		sync_make(sync);
		return;
	}
	sync->deaths = 0;
	conclude_table(sync, &made);
}

/* Sets the clock, and what the operator accepts, for this table. */
static void begin_making_table(struct sync *sync)
{
	sync->accept = accept_found(sync->config->state);
	last_run_begin_clock(sync->config);
	if (sync->accept)
		wall_accept();
	hear_clocks(sync);
	sync->due_ms = 0;
	sync->generation = 0;
}

void table_worker_refuse(struct sync *sync, int code, const struct why *why)
{
	const struct sync_table table = {.status = code, .error_class = error_class_from_code(code), .why = *why};
	begin_making_table(sync);
	conclude_table(sync, &table);
}

void table_worker_begin(struct sync *sync)
{
	size_t size = sizeof(struct made) + sync->config->feed_count * sizeof(struct feed_outcome);
	struct sync_table table = {0};
	begin_making_table(sync);
	if (is_made(sync)) {
		conclude_table(sync, &table);
		return;
	}
	table.status = worker_begin(&sync->publisher, publish_in_worker, sync, size, &table.why);
	if (table.status != 0) {
		table.error_class = error_class_from_code(table.status);
		conclude_table(sync, &table);
	}
}
