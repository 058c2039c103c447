/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/table_change.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "libweir/errors.h"
#include "plugin/abi.h"
#include "plugin/core/loader_bypass.h"
#include "plugin/core/loader_keep.h"
#include "plugin/state.h"

enum {
	LOOK_MS = 10,        /* the thread walks for so long before it looks for a newer table */
	PATROL_SLICES = 80,  /* slices in a second when nothing is urgent: a million bins in some minutes */
	INIT_MS = 1000,      /* at most: walking at init keeps everybody waiting */
	PAUSE_MS = 10,       /* between two looks whether the workers run again */
	STORE_MS = 200,      /* after this a worker has stored what it was about to store */
	SHOW_MS = 1000,      /* between two looks whether the counters can be seen */
	BY_THE_WAY_US = 1000 /* of a worker's time with a query, while a walk is urgent */
};

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Ends a walk early, and counts what it has done. */
static void cut_round(struct weir *w)
{
	if (!scrub_is_done(&w->scrub))
		loader_count_scrub(&w->loader, w->scrub.walked, w->scrub.evicted, 0);
	scrub_give_up(&w->scrub);
	w->urgent = false;
}

static void begin_round(struct weir *w, bool urgent)
{
	cut_round(w);
	w->urgent = urgent;
	w->scrub_start_us = now_us();
	scrub_begin(&w->scrub);
}

/* Looks for what has changed, and begins the walk that is due. `again` as in loader_check. Returns whether another table
 * is in force. */
static bool check_change(struct weir *w, bool again)
{
	bool ended = loader_check_bypass(&w->loader), loaded = loader_check(&w->loader, again);
	if (!current_get(&w->current))
		cut_round(w);
	else if (ended || loaded || again)
		begin_round(w, true);
	return ended || loaded;
}

static void scrub_slice(struct weir *w, const struct current_table *table)
{
	scrub_walk(w->env, table->table, &w->scrub);
	if (!scrub_is_done(&w->scrub))
		return;
	loader_count_scrub(&w->loader, w->scrub.walked, w->scrub.evicted, w->urgent ? now_us() - w->scrub_start_us : 0);
	w->urgent = false;
}

void table_change_show(struct weir *w, int hidden)
{
	if (hidden == w->hidden)
		return;
	w->hidden = hidden;
	if (hidden == 0)
		log_info("weir: live counters and hits are in %s from now on", w->run);
	else
		log_err("weir: no live counters or no hits in %s: %s; feedsync will not find this resolver, new tables "
			"are "
			"noticed all the same (conf/weir.tmpfiles makes the directory; once it is there it is used)",
			w->run, error_text(hidden));
}

/* Loads the table and walks the cache, while no worker runs and nothing happens beside the caller. The walk takes no
 * longer than everybody may be kept waiting. */
static void load_first(struct weir *w)
{
	check_change(w, true);
	loader_report(&w->loader);
	const struct current_table *table = current_get(&w->current);
	for (uint64_t until = now_us() + INIT_MS * 1000; table && !scrub_is_done(&w->scrub) && now_us() < until;)
		scrub_slice(w, table);
}

#ifndef THREADS_DISABLED

/* Tries again to show the files: the run directory may be made later, or made again. Returns why they cannot be seen,
 * or 0. */
static int reappear(struct weir *w)
{
	if (now_us() - w->shown_us < SHOW_MS * 1000)
		return w->hidden;
	w->shown_us = now_us();
	int counters = counters_appear(w->counters), hits = hits_appear(w->hits);
	int cells = current_cells_appear(&w->current);
	return counters < 0 ? counters : hits < 0 ? hits : cells < 0 ? cells : 0;
}

/* Whether the workers, and so the caches, exist.
 *
 * In a reload with another cache size Unbound frees the message cache before it tells the modules. But before it
 * touches any cache it takes the handling of SIGTERM away from the workers. The handler is then the one that was there
 * when this module was initialised, which also happens before the workers start. Where the two handlers are the same (a
 * test program without signals) the workers count as running once one has been here. */
static bool workers_run(struct weir *w)
{
	struct sigaction now;
	sigaction(SIGTERM, NULL, &now);
	if (now.sa_handler != w->stopped_handler) {
		w->handler_tells = true;
		return true;
	}
	return !w->handler_tells && atomic_load(&w->current.served);
}

static void release_workers(struct weir *w)
{
	if (w->env->auth_zones) {
		lock_rw_unlock(&w->env->auth_zones->lock);
	}
}

/* Keeps caches and configuration as they are until release_workers. Returns false if the workers do not run.
 *
 * Once Unbound has taken the handler away it locks its authority zones for writing (auth_zones_cleanup, in
 * daemon_cleanup). Only then does it delete caches and configuration. While we hold that lock for reading, Unbound
 * waits there. If we get the lock later than that, the handler is gone. Workers that answer from an authority zone want
 * the lock for writing as well. So we hold it for some microseconds only, and never while we wait for a disk. */
static bool hold_workers(struct weir *w)
{
	if (w->env->auth_zones) {
		lock_rw_rdlock(&w->env->auth_zones->lock);
	}
	if (workers_run(w))
		return true;
	release_workers(w);
	return false;
}

/* Walks for some time after a change, or for a little while when there was none. Returns whether there is more to do at
 * once. */
static bool scrub_some(struct weir *w, const struct watcher *watcher)
{
	const struct current_table *table = current_get(&w->current);
	uint64_t until = now_us() + LOOK_MS * 1000;
	if (!table)
		return false;
	if (scrub_is_done(&w->scrub))
		begin_round(w, false);
	for (unsigned slices = 0; !scrub_is_done(&w->scrub) && hold_workers(w); slices++) {
		scrub_slice(w, table);
		release_workers(w);
		if (watcher_is_stopping(watcher) || (!w->urgent && slices >= PATROL_SLICES))
			return false;
		if (w->urgent && slices % 16 == 0 && now_us() > until)
			return true;
	}
	return false;
}

/* Waits for stores that are under way. A worker may have looked at a response by the old table and may not have stored
 * it yet: the walk would pass before the store. */
static void await_stores(struct weir *w)
{
	for (unsigned waited = 0; waited < STORE_MS && current_storing(&w->current); waited++) {
		const struct timespec pause = {.tv_nsec = 1000000};
		nanosleep(&pause, NULL);
	}
}

/* What else of an Unbound differs, whose query states do, nobody knows: its cache is not walked any more, no table is in
 * force for its callbacks, and `status` tells why. */
static void give_up(struct weir *w)
{
	if (w->gave_up)
		return;
	w->gave_up = true;
	cut_round(w);
	current_suspend(&w->current, true);
	abi_show_misfit(w->counters, MISFIT_STATES);
}

/* While the workers are stopped nothing is logged. A reload changes the settings of the log, and frees the identity
 * that it writes, without a lock. Then the module is initialised again, and that says and does what is due. */
static bool look_for_change(void *context, const struct watcher *watcher, bool signalled)
{
	struct weir *w = context;
	if (atomic_load(&w->misfit)) {
		give_up(w);
		return false;
	}
	bool changed = check_change(w, signalled);
	int hidden = reappear(w);
	if (!hold_workers(w)) {
		const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
		nanosleep(&pause, NULL);
		return true;
	}
	loader_report(&w->loader);
	table_change_show(w, hidden);
	release_workers(w);
	if (changed)
		await_stores(w);
	/* The spare has time until the walk is complete. */
	return scrub_some(w, watcher) || (!w->urgent && loader_write_spare(&w->loader, true));
}

void table_change_begin(struct weir *w)
{
	struct sigaction now;
	sigaction(SIGTERM, NULL, &now);
	w->stopped_handler = now.sa_handler;
	load_first(w);
	int status = watcher_new(&w->watcher, w->loader.path, look_for_change, w);
	if (status != 0)
		log_err("weir: cannot watch for new tables: %s; a reload of unbound is needed to take one",
			error_text(status));
}

void table_change_end(struct weir *w)
{
	watcher_free(&w->watcher);
}

#else /* Workers are processes: the locks of such an Unbound lock nothing, so no thread may touch its caches. */

void table_change_begin(struct weir *w)
{
	signal(SIGUSR1, SIG_IGN); /* new tables are noticed without the signal, and its default would end the process */
	load_first(w);
	while (loader_write_spare(&w->loader, false))
		continue;
	loader_report(&w->loader);
}

void table_change_end(struct weir *w)
{
	(void)w;
}

static void look_for_change(struct weir *w)
{
	if (!check_change(w, false) && scrub_is_done(&w->scrub) && current_get(&w->current))
		begin_round(w, false);
	loader_report(&w->loader);
	loader_write_spare(&w->loader, false);
	loader_report(&w->loader);
}

/* Each worker looks for a new table once a second, with the queries that it gets. It walks its cache by one slice at a
 * query, or for some time after a change. */
static void by_the_way(struct weir *w, time_t now, const struct reply_info *busy)
{
	if (w->looked_at != now) {
		w->looked_at = now;
		look_for_change(w);
	}
	const struct current_table *table = current_get(&w->current);
	uint64_t until = now_us() + BY_THE_WAY_US;
	w->scrub.busy = busy;
	while (table && !scrub_is_done(&w->scrub)) {
		scrub_slice(w, table);
		if (!w->urgent || now_us() > until)
			break;
	}
	w->scrub.busy = NULL;
}

void table_change_by_the_way(struct weir *w, const struct module_qstate *qstate)
{
	w->env = qstate->env;
	by_the_way(w, *qstate->env->now, NULL);
}

/* The worker's own env is not known here; the program's env has the same cache. */
void table_change_when_cached(struct weir *w, time_t now, const struct reply_info *rep)
{
	by_the_way(w, now, rep);
}

#endif
