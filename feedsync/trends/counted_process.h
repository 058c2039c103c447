/* SPDX-License-Identifier: BSD-3-Clause */
/* One resolver process as the collector follows it: its shared files, held open so that its last values can be read after
 * it has gone, and how far they have been read.
 *
 * What is blocked and logged is exact: the process's own counters. What the cells tell of rules is a part of it; the rest is
 * unattributed. The files are read one after the other while the process counts on. So a hit that the counters have and the
 * cells do not have yet waits for the next readings, and is unattributed only if it is in no cell two readings later. So at
 * each commit the rules' hits and the unattributed ones are, together, exactly the hits that were added. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/trends/rule_counts.h"
#include "libweir/live/cells.h"
#include "libweir/live/counters.h"
#include "libweir/live/hits.h"

struct trends;
struct why;

enum { PROCESS_NAME = 48, PROCESS_ID = 80 };
enum counted_class { CLASS_LOGGED, CLASS_BLOCKED, CLASSES };

struct class_account {
	uint64_t accounted; /* so far, of the process's counter */
	uint64_t before[2]; /* what the counter was at the readings before, the last one first */
	uint64_t base;      /* accounted for when the cells were opened, ... */
	uint64_t in_cells;  /* ... read from cells since then, ... */
	uint64_t told;      /* ... told by the module to be in none then, ... */
	uint64_t lost;      /* ... and found to be in none */
};

/* Hits of a feed in a category, by action; or of a group, with what it let pass as ACTION_ALLOW. */
struct counted_source {
	char feed[POLICY_MAX_NAME + 1];     /* or group */
	char category[POLICY_MAX_NAME + 1]; /* "": a group */
	uint64_t added[ACTION_COUNT], now[ACTION_COUNT];
};

struct counted_sources {
	struct counted_source *list;
	size_t count, visited;
};

struct counted_process {
	char name[PROCESS_NAME]; /* of its files, up to the dot */
	char id[PROCESS_ID];     /* tells it from any other, ever */
	struct counters_held live;
	struct hits_reader *hits;
	struct cells_reader *cells;
	bool seen, ended;
	bool cells_are_new; /* cells that it makes have never been read */
	bool from_now;      /* what it has counted so far is not ours: it ran before anybody collected */
	struct class_account account[CLASSES];
	uint64_t opted_out, opted_out_added;
	struct counted_sources feeds, groups, stored; /* stored: as they were committed by a collector before */
	/* since the last commit */
	uint64_t fresh[CLASSES], unattributed;
	struct rule_counts rules;
};

/* Opens a process's files. `from_now`: nobody collected before, so that what it counted so far does not count. `trends` has
 * what was committed of it before; NULL: nothing is known. Returns 0, or a negative code for files that cannot be read. */
must_check int counted_process_open(
	struct counted_process *process, const char *run, const char *name, bool from_now, struct trends *trends);

/* Where the files of this name are those of the process that is followed, made again by it: goes on with them. Returns
 * whether they are. With `rules` as counted_process_read. */
bool counted_process_renew(struct counted_process *process, const char *run, const char *name, bool rules);
void counted_process_close(struct counted_process *process);

/* Whether the files at its path are still its own. */
bool counted_process_is_current(const struct counted_process *process, const char *run);

/* Reads what is new. With `rules` the cells too, where there are some. Sets `ended` once its last values are read. Returns 0,
 * or a negative code; then its next reading may succeed. */
must_check int counted_process_read(struct counted_process *process, const char *run, bool rules);

/* Adds what is new to the store, in the transaction at hand, as hits of this hour. `all`: the store has forgotten how far the
 * process was read, so that is written as a whole. */
void counted_process_add(struct counted_process *process, struct trends *trends, uint64_t hour, bool all);

/* The transaction was committed: what was added is no longer new. */
void counted_process_committed(struct counted_process *process);

/* An account's step: the counter is `counter` now, `fresh` hits came in cells, and the module tells that `told` hits are in
 * none. Returns how many hits are accounted for now and were not before; at least `fresh`. Public for its test. */
uint64_t class_account_step(struct class_account *account, uint64_t counter, uint64_t fresh, uint64_t told, bool last);

/* ---- between counted_process.c and counted_add.c ---- */

/* What a process's counters say of a class. */
static inline uint64_t counted_of(const uint64_t count[COUNTER_COUNT], enum counted_class class)
{
	return class == CLASS_LOGGED ? count[COUNT_LOGGED] : count[COUNT_BLOCKED_NAME] + count[COUNT_BLOCKED_TARGET];
}

/* Takes over what was committed of this process by a collector before. Returns whether there is anything. */
bool stored_load(struct counted_process *process, struct trends *trends);

/* Gives a source what was committed of it. */
void stored_source(const struct counted_sources *stored, struct counted_source *source);
