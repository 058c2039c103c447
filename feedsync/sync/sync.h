/* SPDX-License-Identifier: BSD-3-Clause */
/* Synchronising. Each feed is updated by a process of its own (feed_worker.h). A table is made of what has come, by a
 * process of its own too (table_worker.h), published, and told to the resolvers. Nothing here waits: sync_step does
 * what there is to do now. It is called again when a process has ended (SIGCHLD), or after the time that sync_wait_ms
 * tells.
 *
 * What has come is published once no other feed is under way, but it does not wait for long: GATHER_S for a feed that
 * was well the last time, GATHER_FAILED_S for one that was not. What comes later is published later. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"
#include "feedsync/feeds/feed.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/sync/feed_worker.h"
#include "libweir/attributes.h"

/* How a sync came out; the exit codes of `feedsync sync`. */
enum sync_result {
	SYNC_FRESH = 0,     /* published, or nothing to publish, and all feeds are fresh or unchanged */
	SYNC_LAST_GOOD = 1, /* the published table is right, but some feeds are on their last good version */
	SYNC_NOTHING = 2,   /* nothing published: what was there before stays */
	SYNC_HELD = 4,      /* fetched, but a hold (hold.h) forbids to publish; for the shell it is SYNC_NOTHING */
	SYNC_OWN = 5,       /* published, but of the feeds nothing new: that was refused, and their part stays as it was
			       published before; for the shell that is SYNC_LAST_GOOD */
};

/* In a few words, for people. */
const char *sync_result_text(enum sync_result result);

struct guard;

struct sync {
	const struct config *config;
	struct feed *feeds; /* of the configuration, in its order */
	int lock;           /* file descriptor that holds the lock of the state directory */
	bool resident;      /* set by the caller: this is `run` */
	bool trial;         /* likewise: a dry run, after which nothing is amended */
	struct why
		taken_out; /* set by a run: whose rules stay though the configuration has him no more; "" = nobody's */
	bool accept;       /* of this run: the table's alarm is to be passed over */
	const char *cause; /* likewise: why it runs, as in history_publish */
	bool reloaded;     /* set by the caller: the configuration is new, and takes effect before feeds are asked */
	/* ---- kept by sync.c and sync_step.c ---- */
	struct feed_worker *workers; /* of each feed */
	struct worker publisher;
	struct guard *guard;     /* NULL: not loaded yet */
	uint64_t guard_sum;      /* of the lists that it was loaded from (inputs.h) */
	uint64_t busy_ms;        /* since when something is; clock_ms(), 0 = nothing is */
	uint64_t due_ms;         /* since when a table is due; 0 = none is */
	bool published;          /* something was, since busy_ms */
	bool reload_published;   /* so was a table that was made as the configuration is new */
	bool cut_off;            /* the publisher was */
	unsigned deaths;         /* publishers in a row that ended by themselves, and handed back nothing ... */
	struct why death;        /* ... and how the last of them did */
	uint64_t tables;         /* that were made, whether they were published or not */
	enum sync_result result; /* of the last one */
	/* ---- in the publisher, of the table that it makes ---- */
	uint64_t inputs;     /* what it is made of (inputs.h) */
	uint64_t generation; /* of the table that is published then; 0 = none was made */
	struct local_resolvers told;
};

/* Begins: creates and locks the state directory, reads what is known of the feeds. `before` (or NULL) is the sync in
 * whose place this one comes: the two may share a directory, and `before` goes on if this one cannot begin. Returns 0
 * and a sync that sync_end ends, or -errno with the reason: -EWOULDBLOCK where another feedsync has the directory. */
must_check int sync_begin(struct sync *sync, const struct config *config, const struct sync *before, struct why *why);

/* Takes over from `before`, in whose place this one comes, what is under way for feeds that are still the same.
 * `before` makes no table at the moment. */
void sync_take_over(struct sync *sync, struct sync *before);

/* Ends: cuts off what is under way, and frees everything. */
void sync_end(struct sync *sync);

/* Wants a feed to be updated. If an update is under way another one follows it. */
void sync_ask(struct sync *sync, size_t feed);

/* Wants a table to be made. */
void sync_make(struct sync *sync);

void sync_step(struct sync *sync);

/* Until the next call of sync_step, in milliseconds; -1: until a process has ended. */
int sync_wait_ms(const struct sync *sync);

/* Whether anything is under way or wanted. */
bool sync_is_busy(const struct sync *sync);

/* Whether a table is being made. sync_cut_off asks that process to end; sync_step notices when it has. */
bool sync_makes_table(const struct sync *sync);
void sync_cut_off(struct sync *sync);
