/* SPDX-License-Identifier: BSD-3-Clause */
/* A feed's turn in a process of its own (worker.h): however long its server takes, or its document to be judged, no other
 * feed waits for it; and what it costs, or breaks, is its own. It is asked by update_feed, plans when to ask again, and
 * hands back what is known of the feed then. */
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
	uint64_t
		wanted_ms; /* since when the feed is to be asked, as soon as there is room; clock_ms(), 0 = it is not */
	uint64_t asked_ms; /* likewise, of the turn that is under way */
	bool ended;        /* the worker has; what it handed back is yet to be taken */
	uint64_t tables;   /* that were made when it began (sync.h) */
	time_t next; /* when the feed is to be asked again, on the monotonic clock; kept by sync.c, used by `run` */
};

/* Begins the turn of a feed. If that cannot be the feed has failed. */
void feed_worker_begin(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed);

/* Whether the update is under way: the process has begun, and what it handed back is yet to be taken. */
bool feed_worker_is_under_way(const struct feed_worker *worker);

/* Whether it has handed back all that there is, whether it has ended or is about to. */
bool feed_worker_is_done(const struct feed_worker *worker);

/* Waits for its end and takes what it has found out; from one that died the feed has failed. */
void feed_worker_take(struct feed_worker *worker, const struct feed_worker_setup *setup, struct feed *feed);

/* Cuts it off: nothing is known anew. */
void feed_worker_drop(struct feed_worker *worker);

/* Plans when to ask for a feed again: sets wait_s and next_at. */
void feed_worker_plan(struct feed *feed, bool resident);
