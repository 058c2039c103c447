/* SPDX-License-Identifier: BSD-3-Clause */
/* Live counters: a shared file (shm_file.h), <pid>.live, per process that has the module loaded. The module writes, anyone
 * may read; it is how feedsync finds the resolvers it may signal, which table formats they read, and what `status` shows.
 *
 * A worker counts into a block of its own cache lines with relaxed atomic additions: no lock, and no sharing while
 * there are at most COUNTERS_WORKERS of them (further ones share blocks, still counting right). Numbers and texts that
 * belong together are written under a sequence lock.
 *
 * Module and feedsync are upgraded one after the other, in either order. So a reader knows the file's versions from
 * COUNTERS_OLDEST on. Of a newer version it reads what never moves: who it is, and the table formats.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libweir/attributes.h"
#include "libweir/live/shm_file.h"

#define COUNTERS_WORKERS 64
#define COUNTERS_OLDEST 2 /* version of the file that is still read */

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
	COUNT_FROM_STORE, /* queries answered from the module's own store */
	COUNT_STORED,     /* answers put there */
	COUNTER_COUNT
};

const char *counter_key(enum counter counter);

struct counters_worker {
	_Alignas(128) _Atomic uint64_t count[COUNTER_COUNT];
};

/* What the module as a whole says about itself. Times are seconds since 1970. */
struct counters_state {
	bool active;         /* a table is in force, or would be but for a bypass */
	bool misplaced;      /* modules stand before it in module-config: what they answer is not checked */
	uint64_t generation; /* of that table */
	uint64_t created;    /* when it was compiled, 0 = not told */
	uint64_t rules;
	uint64_t table_octets;
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
	/* New fields are added at the end: a file of an older version begins in the same way. Since version 3: */
	char file[512];      /* what the table in force was read from: `table`, or a copy of what was in force before */
	char trouble[256];   /* why it is not what lies at `table`; "": it is */
	uint64_t trouble_at; /* since when */
	char spare_trouble[256]; /* why there is no copy for the next start; "": there is one, or will be in a moment */
	/* Since version 4: */
	uint64_t bypass_until; /* until then everything passes (libweir/bypass.h), whatever table is loaded; 0: none */
	char release[32];      /* of the module: version.h */
	bool processes; /* workers are processes, and take tables by themselves: all this is as it was at the start */
};

struct counters;

/* Creates the file for this process in `directory`, and removes the files there of processes that are gone. Returns 0 or
 * -errno. After an error the counters work all the same, but nobody else sees them; only after -ENOMEM *counters is
 * NULL. The caller ends them with counters_remove. */
must_check int counters_create(struct counters **counters, const char *directory);

/* As shm_file_appear. */
must_check int counters_appear(struct counters *counters);

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
	pid_t pid;        /* in its own pid namespace */
	char name[48];    /* of the file, up to the dot */
	bool alive;       /* its process runs */
	bool elsewhere;   /* in another pid namespace than the reader: its pid means nothing here */
	uint32_t version; /* of the file */
	bool newer;       /* than the reader knows: state and counts are empty */
	uint32_t format_oldest, format_newest; /* of tables that its module reads (format.h) */
	struct counters_state state;
	uint64_t count[COUNTER_COUNT]; /* over all workers */
};

/* Reads a file, without waiting. Its texts end, but may hold anything. Returns 0, -errno (-EAGAIN: its state is just
 * being written, try again), or WEIR_EFORMAT for a file that is no counters file or has another name than it would. */
must_check int counters_read(const char *path, struct counters_snapshot *snapshot);

/* A file that is held open, so that its last counts can be read after its process has gone and the file with it. */
struct counters_held {
	int fd;
	struct shm_file_header header;
	uint64_t
		life; /* with pid and start of the process it tells these counters from any other, also in a file made again */
	uint64_t inode; /* of the file */
};

/* Opens a file. Returns 0, -errno (-EAGAIN: it is just being made), or WEIR_EFORMAT for one that is no counters file or that is
 * newer than the reader knows. counters_release must follow after success. */
must_check int counters_hold(struct counters_held *held, const char *path);
/* Whether both are the counters of one life of a process. */
bool counters_same_life(const struct counters_held *a, const struct counters_held *b);
void counters_release(struct counters_held *held);

/* Reads the counts over all workers. `alive`: its process runs, so there may be more later. Returns 0 or WEIR_EFORMAT. */
must_check int counters_read_held(const struct counters_held *held, uint64_t count[COUNTER_COUNT], bool *alive);
