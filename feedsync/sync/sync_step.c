/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is to be done just now: see sync.h. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/feeds/versions_lock.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/sync/inputs.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/sync/sync.h"
#include "feedsync/sync/sync_table.h"
#include "libweir/errors.h"

/* What a worker that makes a table hands back. */
struct made {
	atomic_bool done; /* set last */
	bool published, held;
	int status;
	struct why why, taken_out;
	struct feed_outcome feeds[]; /* as the compiler has found them */
};

/* ---- feeds ---- */

static bool under_way(const struct feed_worker *f)
{
	return f->worker.pid > 0;
}

/* The host and port of a URL, as far as they count against the feeds of one host that are asked at once. */
static bool same_host(const char *a, const char *b)
{
	const char *x = strstr(a, "://"), *y = strstr(b, "://");
	x = x ? x + 3 : a;
	y = y ? y + 3 : b;
	size_t length = strcspn(x, "/?#");
	return strcspn(y, "/?#") == length && strncmp(x, y, length) == 0;
}

/* Whether there is room to ask for a feed. One that has been under way for long takes no other's room, or a few slow
 * servers could take all; but there is an end to that as well. */
static bool has_free_worker(const struct sync *sync, size_t feed)
{
	unsigned all = 0, young = 0, host = 0, host_young = 0;
	uint64_t now = clock_ms();
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		if (!under_way(&sync->fetchers[i]))
			continue;
		bool is_young = now < sync->fetchers[i].worker.begun_ms + GATHER_S * UINT64_C(1000);
		bool same = same_host(sync->config->feeds[i].url, sync->config->feeds[feed].url);
		all++;
		young += is_young;
		host += same;
		host_young += same && is_young;
	}
	return young < MAX_FETCHERS && all < MAX_SLOW_FETCHERS && host_young < MAX_HOST_CONNECTIONS &&
	       host < MAX_FETCHERS;
}

static bool anything_wanted(const struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->fetchers[i].wanted_ms > 0)
			return true;
	return false;
}

static struct feed_worker_setup worker_setup(const struct sync *sync)
{
	return (struct feed_worker_setup){sync->config, sync->guard, sync->resident, sync->tables};
}

static void has_ended(struct sync *sync, size_t i)
{
	struct feed_worker *f = &sync->fetchers[i];
	f->next = clock_s() + (time_t)sync->feeds[i].run.wait_s;
	sync_make(sync);
}

/* What must not be blocked is loaded once for all that is under way. */
static bool load_guard(struct sync *sync, struct why *why)
{
	uint64_t sum = inputs_guard(sync);
	if (sync->guard && sync->guard_sum == sum)
		return true;
	guard_free(&sync->guard);
	sync->guard_sum = sum;
	int status = guard_new(&sync->guard, &sync->config->guard, why);
	if (status == 0 && feeds_guard_hosts(sync->feeds, sync->config->feed_count, sync->guard) != 0)
		status = why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		operator_warn_guarded(&sync->config->operator_lists, sync->guard);
	else
		guard_free(&sync->guard);
	return status == 0;
}

/* Nothing can be judged. */
static void cannot_begin(struct sync *sync, const struct why *why)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		if (sync->fetchers[i].wanted_ms > 0)
			sync->fetchers[i].next = clock_s() + RETRY_S;
		sync->fetchers[i].wanted_ms = 0;
	}
	sync->due_ms = 0;
	sync->reloaded = false;
	sync->tables++;
	sync->result = SYNC_NOTHING;
	last_run_write(sync->config->state, sync->resident, true, why->text);
	log_error("nothing published: %s", why->text);
}

/* The feed that has waited longest of those that can be asked now; how many there are in all, if none can. Whoever is wanted
 * again and again does not go before those who wait. */
static size_t find_next(const struct sync *sync)
{
	size_t count = sync->config->feed_count, next = count;
	for (size_t i = 0; i < count; i++) {
		const struct feed_worker *f = &sync->fetchers[i];
		if (f->wanted_ms == 0 || under_way(f) ||
			(next < count && f->wanted_ms >= sync->fetchers[next].wanted_ms))
			continue;
		if (has_free_worker(sync, i))
			next = i;
	}
	return next;
}

static void begin_fetchers(struct sync *sync)
{
	const struct feed_worker_setup setup = worker_setup(sync);
	for (size_t i; (i = find_next(sync)) < sync->config->feed_count;) {
		feed_worker_begin(&sync->fetchers[i], &setup, &sync->feeds[i]);
		if (!under_way(&sync->fetchers[i]))
			has_ended(sync, i);
	}
}

/* Not while a table is made: what is known of the feeds now is what that is made of. */
static void take_fetched(struct sync *sync)
{
	const struct feed_worker_setup setup = worker_setup(sync);
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed_worker *f = &sync->fetchers[i];
		if (under_way(f) && (f->ended || feed_worker_is_done(f))) {
			feed_worker_take(f, &setup, &sync->feeds[i]);
			has_ended(sync, i);
		}
	}
}

/* ---- the table ---- */

static void publish_in_worker(void *context, void *result)
{
	struct sync *sync = context;
	struct made *made = result;
	made->status = sync_table_publish(
		sync, sync->guard, clock_ms() - sync->busy_ms, &made->published, &made->held, &made->why);
	made->taken_out = sync->taken_out;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		made->feeds[i] = feed_outcome(&sync->feeds[i]);
	atomic_store(&made->done, true);
	worker_let_go();
	if (made->published)
		local_resolvers_await(&sync->told, sync->config->run, sync->config->table, sync->generation);
}

static enum sync_result judge_result(const struct sync *sync, const struct made *made)
{
	if (made->status != 0)
		return made->published || sync->reload_published ? SYNC_OWN : SYNC_NOTHING;
	if (made->held)
		return SYNC_HELD;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].record.failures > 0 || sync->feeds[i].record.withheld[0])
			return SYNC_LAST_GOOD;
	return sync->taken_out.text[0] ? SYNC_LAST_GOOD : SYNC_FRESH;
}

/* Of a feed that turned out to be damaged: what it is being asked was asked by what was known of the damaged version. */
static void mend_feed(struct sync *sync, size_t i)
{
	struct feed_worker *f = &sync->fetchers[i];
	struct feed *feed = &sync->feeds[i];
	feed_worker_plan(feed, sync->resident);
	time_t next = clock_s() + (time_t)feed->run.wait_s;
	if (next < f->next)
		f->next = next;
	if (under_way(f)) {
		feed_worker_drop(f);
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
			       feed->record.tally.entries != before.tally.entries;
		if (changed && !feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* What has come of the feeds is in the table, or was refused. */
static void forget_news(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		sync->feeds[i].run.result = FEED_NOT_DUE;
		sync->feeds[i].run.accept = sync->feeds[i].run.accepted = sync->feeds[i].run.dated = false;
	}
}

static void report_result(struct sync *sync, const struct made *made)
{
	char doubt[WALL_DOUBT];
	if (sync->result == SYNC_FRESH || sync->result == SYNC_LAST_GOOD)
		accept_end(sync->config->state);
	else if (sync_table_size_accepted(sync))
		accept_keep(sync->config->state); /* the feed has it already, the table not yet */
	if (wall_doubt(doubt))
		log_warning("%s; if it is right: feedsync sync --accept-table", doubt);
	if (sync->result == SYNC_HELD)
		log_warning("HELD: nothing published (`feedsync status`); `feedsync resume` ends that");
	bool failed = sync->result == SYNC_NOTHING || sync->result == SYNC_OWN;
	last_run_write(sync->config->state, sync->resident, true, failed ? made->why.text : sync->taken_out.text);
	if (failed)
		log_error("%s: %s",
			sync->result == SYNC_OWN ? "only `allow` and `block` published" : "nothing published",
			made->why.text);
}

/* A table that was made as the configuration is new, before feeds were asked, is followed by another one, which tells
 * what goes wrong, if it still does then. */
static void conclude_table(struct sync *sync, const struct made *made)
{
	sync->tables++;
	sync->published |= made->published;
	if (sync->reloaded) {
		sync->reloaded = false;
		sync->reload_published = made->published;
		if (made->status != 0 && !made->published)
			log_info("the new configuration takes effect when the feeds were asked: %s", made->why.text);
		last_run_write(sync->config->state, sync->resident, false, "it has not ended");
		return;
	}
	sync->result = judge_result(sync, made);
	sync->reload_published = false;
	sync->cause = sync->resident ? "schedule" : sync->cause;
	report_result(sync, made);
	forget_news(sync);
}

/* One that was cut off has found out nothing, and what it was to make is made by the next one. So it is where one died,
 * as by want of memory; but that one makes it of less (sync_table.c), and if the last died as well there is none. */
static void take_table(struct sync *sync)
{
	enum { MAX_DEATHS = 3 };
	struct made made = {.status = -EINTR};
	const struct made *found = sync->publisher.result;
	bool done = atomic_load(&found->done), cut_off = sync->cut_off && !done;
	char end[64];
	if (done) {
		made.published = found->published;
		made.held = found->held;
		made.status = found->status;
		made.why = found->why;
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
		log_error("%s; it is made of less", made.why.text);
	}
	if (cut_off || died) {
		sync_make(sync);
		return;
	}
	sync->deaths = 0;
	conclude_table(sync, &made);
}

/* How long others wait for a feed. */
static uint64_t patience_ms(const struct sync *sync, size_t i)
{
	return (sync->feeds[i].record.failures > 0 ? GATHER_FAILED_S : GATHER_S) * UINT64_C(1000);
}

/* Milliseconds until a table is to be made, if nothing ends before. */
static uint64_t until_table(const struct sync *sync)
{
	uint64_t now = clock_ms(), wait = 0;
	if (sync->reloaded)
		return 0;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		const struct feed_worker *f = &sync->fetchers[i];
		uint64_t from = under_way(f) ? f->worker.begun_ms : f->wanted_ms, to = from + patience_ms(sync, i);
		if (from > 0 && to > now + wait)
			wait = to - now;
	}
	uint64_t last = sync->due_ms + GATHER_S * UINT64_C(1000);
	if (last < now + wait)
		wait = last > now ? last - now : 0;
	return wait;
}

/* What the servers of the feeds that have come say of the time. */
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

/* Whether the table that is published is the one that would be made. */
static bool is_made(struct sync *sync)
{
	struct hold hold;
	uint64_t generation;
	bool made = !sync_table_size_accepted(sync);
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

static void begin_table(struct sync *sync)
{
	size_t size = sizeof(struct made) + sync->config->feed_count * sizeof(struct feed_outcome);
	struct why why;
	int gate = versions_lock_exclusive(sync->config->state, &why);
	if (gate == -EWOULDBLOCK)
		return; /* who is inside ends soon */
	take_fetched(sync);
	sync->accept = accept_found(sync->config->state);
	last_run_begin_clock(sync->config);
	if (sync->accept)
		wall_accept();
	hear_clocks(sync);
	sync->due_ms = 0;
	struct made made = {.status = gate < 0 ? gate : 0};
	sync->generation = 0;
	if (gate >= 0 && is_made(sync))
		conclude_table(sync, &made);
	else if (gate < 0 || (made.status = worker_begin(&sync->publisher, publish_in_worker, sync, size, &why)) != 0) {
		made.why = why;
		conclude_table(sync, &made);
	}
	if (gate >= 0)
		close(gate);
}

/* ---- the step ---- */

static void reap(struct sync *sync)
{
	siginfo_t info;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed_worker *f = &sync->fetchers[i];
		info.si_pid = 0;
		if (under_way(f) && !f->ended)
			f->ended = waitid(P_PID, (id_t)f->worker.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
				   info.si_pid > 0;
	}
	info.si_pid = 0;
	if (sync->publisher.pid > 0 &&
		waitid(P_PID, (id_t)sync->publisher.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0)
		take_table(sync);
	if (sync->publisher.pid <= 0)
		take_fetched(sync);
}

bool sync_makes_table(const struct sync *sync)
{
	return sync->publisher.pid > 0;
}

void sync_cut_off(struct sync *sync)
{
	sync->cut_off = true;
	worker_stop(&sync->publisher, false);
}

bool sync_is_busy(const struct sync *sync)
{
	bool busy = sync->publisher.pid > 0 || sync->due_ms > 0 || sync->reloaded;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		busy |= sync->fetchers[i].wanted_ms > 0 || under_way(&sync->fetchers[i]);
	return busy;
}

void sync_step(struct sync *sync)
{
	struct why why;
	reap(sync);
	if (!sync_is_busy(sync)) {
		sync->busy_ms = 0;
		return;
	}
	if (sync->busy_ms == 0) {
		sync->busy_ms = clock_ms();
		sync->published = false;
		last_run_begin_clock(sync->config);
		last_run_write(sync->config->state, sync->resident, false, "it has not ended");
	}
	if (sync->publisher.pid > 0)
		return;
	if ((anything_wanted(sync) || sync->due_ms > 0 || sync->reloaded) && !load_guard(sync, &why)) {
		cannot_begin(sync, &why);
		return;
	}
	if (!sync->reloaded)
		begin_fetchers(sync);
	if (sync->reloaded || (sync->due_ms > 0 && until_table(sync) == 0))
		begin_table(sync);
}

int sync_wait_ms(const struct sync *sync)
{
	enum { SOON_MS = 20, ROOM_MS = 1000 };
	bool wanted = anything_wanted(sync);
	if (sync->publisher.pid > 0 || (!wanted && sync->due_ms == 0 && !sync->reloaded))
		return -1;
	if (sync->due_ms == 0 && !sync->reloaded)
		return ROOM_MS;
	uint64_t wait = until_table(sync);
	if (wait < SOON_MS)
		return SOON_MS; /* somebody is inside the gate */
	return wanted && wait > ROOM_MS ? ROOM_MS : (int)wait;
}
