/* SPDX-License-Identifier: BSD-3-Clause */
/* The table file on disk: noticing that it changed, and putting it in force. Where it cannot be used when the module
 * begins, the table that was in force before is: kept over a reload in the process's memory (handover.h), over the end of
 * the process on the disk (spare.h). So protection ends only by what an operator does about Unbound or in a table, never
 * by what becomes of a file. Knows nothing of Unbound. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "libweir/attributes.h"
#include "libweir/live/counters.h"
#include "plugin/core/current_table.h"
#include "plugin/core/spare.h"

#define LOADER_TABLE "/var/lib/weir/current.weir"

struct loader {
	char path[4096];
	struct current *live;
	struct counters *counters;
	struct counters_state state;               /* as last published */
	void (*say)(bool error, const char *text); /* one line for the operator's log */
	char said[4096 + 2048];                    /* that line, until loader_report; "" = nothing */
	bool said_error;
	/* The file that was last looked at, accepted or not: device, inode, size and time of change tell any other
	 * apart. */
	struct timespec seen_changed;
	dev_t seen_device;
	ino_t seen_inode;
	off_t seen_size;
	struct timespec seen_modified;
	bool seen_named;      /* it had a name then: its link count was not 0 */
	unsigned seen_retry;  /* it could not be read: looks until it is tried once more; 0 = not */
	int absent;           /* errno of the last try to open it, 0 = it opened */
	uint64_t nameless_us; /* since when the path leads to a file that has lost its name; 0 = it does not */
	/* What was in force before the module began. */
	int handover;  /* a descriptor, -1: none */
	bool restored; /* what there was has been tried */
	struct spare spare;
	uint64_t spare_of;   /* the number of the table it was last begun for */
	unsigned spare_wait; /* it could not be written: looks until it is tried once more */
	bool spare_due;      /* the table in force is not in the spare yet */
};

/* `spare` is the directory of the spare. loader_end must follow. */
void loader_init(struct loader *loader, const char *path, const char *spare, struct current *live,
	struct counters *counters, void (*say)(bool error, const char *text));

/* Looks at the file. If it is another one than last time, opens it and, if it is good, makes it the table in force. A
 * bad or missing one is said once and counted, and the old table stays: where the module has just begun, the one that was
 * in force before. A file that could not be read (no memory, an I/O error) is tried again, at once with `again`, else
 * after some looks. Returns whether a new table is in force.
 * Takes as long as the disk does. Only one thread may call this and the others, and not one that is inside the table
 * (current_table.h).
 */
bool loader_check(struct loader *loader, bool again);

/* Says what the last check found. */
void loader_report(struct loader *loader);

/* Writes a slice of the spare, if the table in force is not there yet; `durable` as in spare.h. Returns whether there is
 * more to do. Where it cannot be written it is tried again after some calls. */
bool loader_write_spare(struct loader *loader, bool durable);

/* At the end, when no worker runs any more and before current_end: keeps the table in force for whoever comes next. */
void loader_end(struct loader *loader);

/* Says in the counters what a walk over the cache did. `microseconds` is how long after a change it was complete; 0 for
 * a walk that had no such cause. */
void loader_count_scrub(struct loader *loader, uint64_t walked, uint64_t evicted, uint64_t microseconds);
