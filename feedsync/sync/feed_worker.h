/* SPDX-License-Identifier: BSD-3-Clause */
/* A feed's update in a process of its own (worker.h). However long its server takes, or its document to be judged, no
 * other feed waits for it; and what it costs, or breaks, is its own. The process runs update_feed, plans when to ask
 * again, and hands back what is known of the feed then. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "feedsync/base/worker.h"
#include "feedsync/feeds/feed.h"

struct config;
struct guard;

/* What every update goes by. */
struct feed_worker_setup {
	const struct config *config;
	const struct guard *guard;
	bool resident;   /* this is `run`, which plans when to ask again */
	uint64_t tables; /* that were made so far (sync.h) */
};

struct feed_worker {
	struct worker worker;
	uint64_t wanted_ms; /* clock_ms() since when an update is wanted, as soon as there is room; 0 = none is */
	uint64_t asked_ms;  /* the same of the update that is under way */
	bool ended;         /* the worker has; what it handed back is yet to be taken */
	uint64_t tables;    /* that were made when it began (sync.h) */
	time_t next; /* when the feed is to be asked again, on the monotonic clock; kept by sync.c, used by `run` */
};

/* Begins the update of a feed. If there can be no process the feed has failed. */
void feed_worker_begin(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed);

/* Whether the update is under way: the process has begun, and what it handed back is yet to be taken. */
bool feed_worker_is_under_way(const struct feed_worker *worker);

/* Whether the process has handed back everything; it may not have ended yet. */
bool feed_worker_is_done(const struct feed_worker *worker);

/* Waits for the process to end and takes over what it found out. If it died the feed has failed. */
void feed_worker_take(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed);

/* Cuts the update off: nothing new is known. */
void feed_worker_drop(struct feed_worker *worker);

/* Plans when to ask for a feed again: sets wait_s and next_at. */
void feed_worker_plan(struct feed *feed, bool resident);
