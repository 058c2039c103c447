/* SPDX-License-Identifier: BSD-3-Clause */
/* The module's state: one per process that has it loaded. Which part belongs to whom stands beside it. */
#pragma once

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "libweir/live/counters.h"
#include "libweir/live/hits.h"
#include "plugin/core/current_table.h"
#include "plugin/core/loader.h"
#include "plugin/core/watcher.h"
#include "plugin/scrub.h"

struct module_env;
struct store;

struct weir {
	/* module.c: set by init */
	unsigned users; /* instances: the same file may be named more than once */
	struct module_env *env;
	int id; /* of the first instance in the module stack */
	struct counters *counters;
	struct hits *hits;
	atomic_bool misfit; /* a query's state was another one than ours: nothing of this Unbound is touched any more */
	const char *run;    /* directory of counters and hits */
	bool answers_early; /* this Unbound may send an answer before its query has ended */
	bool tells_apart;   /* clients of one query can be given different answers */
	/* shared with the workers */
	struct current current;
	struct store *store; /* NULL: none */
	/* table_change.c: the thread that takes tables into force, or, where workers are processes, each worker */
	struct loader loader;
	struct scrub scrub;
	uint64_t scrub_start_us;
	bool urgent; /* the walk is due to a change, not one of those that never end */
	struct watcher *watcher;
	void (*stopped_handler)(int); /* of SIGTERM while no worker runs */
	bool handler_tells;           /* it is another one while they do */
	int hidden;                   /* why counters or hits are not in their directory, -errno; 0 = they are */
	uint64_t shown_us;            /* when that was last looked at */
	bool gave_up;                 /* because of `misfit`, and that is shown */
	time_t looked_at;             /* where workers are processes: when this one last looked for a new table */
};
