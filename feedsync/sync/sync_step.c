/* SPDX-License-Identifier: BSD-3-Clause */
/* What is to be done now; see sync.h. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/feeds/versions_lock.h"
#include "feedsync/guard/list_record.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/sync/inputs.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/sync/sync.h"
#include "feedsync/sync/table_worker.h"
#include "libweir/errors.h"

/* ---- feeds ---- */

/* Whether two URLs have the same host and port: how many feeds of one host are asked at once is limited. */
static bool same_host(const char *a, const char *b)
{
	const char *x = strstr(a, "://"), *y = strstr(b, "://");
	x = x ? x + 3 : a;
	y = y ? y + 3 : b;
	size_t length = strcspn(x, "/?#");
	return strcspn(y, "/?#") == length && strncmp(x, y, length) == 0;
}

/* Whether there is room to ask for a feed. An update that has been under way for long takes no room from the others, or
 * a few slow servers could take all of it. But all together have a limit as well. */
static bool has_free_worker(const struct sync *sync, size_t feed)
{
	unsigned all = 0, young = 0, host = 0, host_young = 0;
	uint64_t now = clock_ms();
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		if (!feed_worker_is_under_way(&sync->workers[i]))
			continue;
		bool is_young = now < sync->workers[i].worker.begun_ms + GATHER_S * UINT64_C(1000);
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
		if (sync->workers[i].wanted_ms > 0)
			return true;
	return false;
}

static struct feed_worker_setup worker_setup(const struct sync *sync)
{
	return (struct feed_worker_setup){sync->config, sync->guard, sync->resident, sync->tables};
}

static void has_ended(struct sync *sync, size_t i)
{
	struct feed_worker *worker = &sync->workers[i];
	worker->next = clock_s() + (time_t)sync->feeds[i].run.wait_s;
	sync_make(sync);
}

/* Says what is wrong with the guard's lists, here and for `status`. What keeps the feeds from being published is said at the
 * end, as the reason. */
static void report_guard(const struct sync *sync)
{
	size_t count;
	const struct list_trouble *trouble = guard_troubles(sync->guard, &count);
	list_record_write(sync->config->state, trouble, count);
	for (size_t i = 0; i < count; i++)
		if (&trouble[i] != guard_gap(sync->guard))
			log_error("guard: %s; %s", trouble[i].why.text,
				trouble[i].stands_in ? "its last good version goes on protecting"
						     : "there is no good version of it");
}

/* Loads the guard once for all that is under way. */
static int load_guard(struct sync *sync, struct why *why)
{
	uint64_t sum = inputs_guard(sync);
	if (sync->guard && sync->guard_sum == sum)
		return 0;
	guard_free(&sync->guard);
	sync->guard_sum = sum;
	int status = guard_new(&sync->guard, &sync->config->guard, GUARD_KEEPS, why);
	if (status == 0 && feeds_guard_hosts(sync->feeds, sync->config->feed_count, sync->guard) != 0)
		status = why_set(why, -ENOMEM, "out of memory");
	if (status != 0) {
		guard_free(&sync->guard);
		return status;
	}
	report_guard(sync);
	operator_warn_guarded(&sync->config->operator_lists, sync->guard);
	return 0;
}

/* A list that had trouble is read again in each run, also where its file seems to be the same. */
static void forget_troubled_guard(struct sync *sync)
{
	if (guard_troubles(sync->guard, NULL))
		guard_free(&sync->guard);
}

/* The feed that has waited longest, among those that can be asked now; the number of feeds if none can. A feed that is
 * wanted again and again does not overtake those that wait. */
static size_t find_next(const struct sync *sync)
{
	size_t count = sync->config->feed_count, next = count;
	for (size_t i = 0; i < count; i++) {
		const struct feed_worker *worker = &sync->workers[i];
		if (worker->wanted_ms == 0 || feed_worker_is_under_way(worker) ||
			(next < count && worker->wanted_ms >= sync->workers[next].wanted_ms))
			continue;
		if (has_free_worker(sync, i))
			next = i;
	}
	return next;
}

/* Asks for the feeds later that are wanted now. */
static void put_feeds_off(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		if (sync->workers[i].wanted_ms > 0)
			sync->workers[i].next = clock_s() + RETRY_S;
		sync->workers[i].wanted_ms = 0;
	}
}

/* Nothing can be judged. */
static void cannot_judge(struct sync *sync, int code, const struct why *why)
{
	put_feeds_off(sync);
	sync->due_ms = 0;
	sync->reloaded = false;
	sync->tables++;
	sync->result = SYNC_NOTHING;
	last_run_write(sync->config->state, sync->resident, RUN_END_FAILED, error_class_from_code(code), why->text);
	log_error("nothing published: %s", why->text);
}

static void begin_workers(struct sync *sync)
{
	const struct feed_worker_setup setup = worker_setup(sync);
	for (size_t i; (i = find_next(sync)) < sync->config->feed_count;) {
		feed_worker_begin(&sync->workers[i], &setup, &sync->feeds[i]);
		if (!feed_worker_is_under_way(&sync->workers[i]))
			has_ended(sync, i);
	}
}

/* Takes what was fetched. Not while a table is made: it is made of what is known of the feeds now. */
static void take_fetched(struct sync *sync)
{
	const struct feed_worker_setup setup = worker_setup(sync);
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed_worker *worker = &sync->workers[i];
		if (feed_worker_is_under_way(worker) && (worker->ended || feed_worker_is_done(worker))) {
			feed_worker_take(worker, &setup, &sync->feeds[i]);
			has_ended(sync, i);
		}
	}
}

/* ---- the table ---- */

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
		const struct feed_worker *worker = &sync->workers[i];
		uint64_t from = feed_worker_is_under_way(worker) ? worker->worker.begun_ms : worker->wanted_ms,
			 to = from + patience_ms(sync, i);
		if (from > 0 && to > now + wait)
			wait = to - now;
	}
	uint64_t last = sync->due_ms + GATHER_S * UINT64_C(1000);
	if (last < now + wait)
		wait = last > now ? last - now : 0;
	return wait;
}

/* Begins a table. Not while a feed's version is being put in its place. */
static void begin_table(struct sync *sync)
{
	struct why why;
	int lock = versions_lock_exclusive(sync->config->state, &why);
	if (lock == -EWOULDBLOCK)
		return; /* its holder ends soon */
	take_fetched(sync);
	if (lock >= 0)
		table_worker_begin(sync);
	else
		table_worker_refuse(sync, lock, &why);
	if (lock >= 0)
		close(lock);
}

/* ---- the step ---- */

static void reap(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed_worker *worker = &sync->workers[i];
		if (feed_worker_is_under_way(worker) && !worker->ended)
			worker->ended = worker_has_ended(&worker->worker);
	}
	if (sync_makes_table(sync) && worker_has_ended(&sync->publisher))
		table_worker_take(sync);
	if (!sync_makes_table(sync))
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
	bool busy = sync_makes_table(sync) || sync->due_ms > 0 || sync->reloaded;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		busy |= sync->workers[i].wanted_ms > 0 || feed_worker_is_under_way(&sync->workers[i]);
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
		forget_troubled_guard(sync);
		last_run_begin_clock(sync->config);
		last_run_write(sync->config->state, sync->resident, RUN_END_UNDER_WAY, ERROR_NONE, "it has not ended");
	}
	if (sync_makes_table(sync))
		return;
	int status = anything_wanted(sync) || sync->due_ms > 0 || sync->reloaded ? load_guard(sync, &why) : 0;
	if (status != 0) {
		cannot_judge(sync, status, &why);
		return;
	}
	/* Without a list of the guard no feed is judged; the table has the operator's own lists all the same. */
	if (!sync->reloaded && guard_gap(sync->guard) && anything_wanted(sync)) {
		put_feeds_off(sync);
		sync_make(sync);
	}
	if (!sync->reloaded)
		begin_workers(sync);
	if (sync->reloaded || (sync->due_ms > 0 && until_table(sync) == 0))
		begin_table(sync);
}

int sync_wait_ms(const struct sync *sync)
{
	enum { SOON_MS = 20, ROOM_MS = 1000 };
	bool wanted = anything_wanted(sync);
	if (sync_makes_table(sync) || (!wanted && sync->due_ms == 0 && !sync->reloaded))
		return -1;
	if (sync->due_ms == 0 && !sync->reloaded)
		return ROOM_MS;
	uint64_t wait = until_table(sync);
	if (wait < SOON_MS)
		return SOON_MS; /* a version is being put in its place */
	return wanted && wait > ROOM_MS ? ROOM_MS : (int)wait;
}
