/* Live counters: a shared file (shared.h) named <pid>.live per process that has the module loaded. The module writes,
 * anyone may read; it is how feedsync finds the resolvers it may signal, and what `status` shows.
 *
 * A worker counts into a block of its own cache lines with relaxed atomic additions: no lock, and no sharing while
 * there are at most COUNTERS_WORKERS of them (further ones share the last block, still counting right). Numbers and
 * texts that belong together are written under a sequence lock.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attributes.h"

#define COUNTERS_WORKERS 64

/* What a worker counts. */
enum counter {
	COUNT_QUERIES,        /* queries that were not answered from Unbound's cache, decided at entry */
	COUNT_BLOCKED_NAME,   /* blocked for their name */
	COUNT_BLOCKED_TARGET, /* blocked for an alias or service target in the answer */
	COUNT_LOGGED, /* would have been blocked; the action is `log`. By the name also where the cache answers */
	/* of those queries only; what is then answered from the cache is not seen: */
	COUNT_ALLOWED,   /* freed by an allow rule */
	COUNT_OPTED_OUT, /* blocked for others, but not for the client's group */
	COUNT_EVICTED, /* names that must not be in the cache, looked for there at a query's end: its own, an alias's */
	COUNT_FAILED,  /* blocked answers that could not be built (out of memory): the query failed with SERVFAIL */
	COUNTER_COUNT
};

const char *counter_key(enum counter counter);

struct counters_worker {
	_Alignas(128) _Atomic uint64_t count[COUNTER_COUNT];
};

/* What the module as a whole says about itself. Times are seconds since 1970. */
struct counters_state {
	bool active;         /* a table is in force */
	bool misplaced;      /* modules stand before it in module-config: what they answer is not checked */
	uint64_t generation; /* of that table */
	uint64_t created;    /* when it was compiled, 0 = not told */
	uint64_t rules;
	uint64_t table_bytes;
	uint64_t loaded_at;
	uint64_t load_us; /* to read and check it */
	uint64_t loads;   /* tables taken since start */
	uint64_t refused; /* table files refused since start */
	uint64_t refused_at;
	char refused_reason[256];  /* of the last one */
	char table[512];           /* path */
	uint64_t scrubs;           /* walks over the message cache because of a change, since start */
	uint64_t scrub_walked;     /* messages looked at, all walks */
	uint64_t scrub_evicted;    /* messages taken out, all walks */
	uint64_t scrub_last_us;    /* from the last change to the end of its walk */
	uint64_t scrub_generation; /* generation that the last complete walk was for */
};

struct counters;

/* Creates the file for this process in `directory`. Files there of processes that are gone are removed. When the file
 * cannot be created the counters work all the same, but nobody else sees them: the result is then -errno, and *counters
 * is set in any case but -ENOMEM, where it is NULL. The caller ends it with counters_remove. */
must_check int counters_create(struct counters **counters, const char *directory);

/* Unmaps and removes the file. */
void counters_remove(struct counters **counters);

/* A block for one more worker. Any thread; the block lives as long as the counters. */
struct counters_worker *counters_worker(struct counters *counters);

static inline void counters_count(struct counters_worker *worker, enum counter counter, uint64_t how_many)
{
	atomic_fetch_add_explicit(&worker->count[counter], how_many, memory_order_relaxed);
}

static inline void counters_add(struct counters_worker *worker, enum counter counter)
{
	counters_count(worker, counter, 1);
}

/* Replaces the state. One thread at a time; in a forked child it does nothing: there is one state, the parent's. */
void counters_publish(struct counters *counters, const struct counters_state *state);

/* A reader's copy of one file. */
struct counters_snapshot {
	pid_t pid;
	bool alive; /* that very process runs, as told by its pid and start time */
	struct counters_state state;
	uint64_t count[COUNTER_COUNT]; /* over all workers */
};

/* Reads a file. Returns 0, -errno (-EAGAIN: it is being written to all the time), or WEIR_EFORMAT for a file that is no
 * counters file of this version. */
must_check int counters_read(const char *path, struct counters_snapshot *snapshot);
