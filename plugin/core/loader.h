/* SPDX-License-Identifier: BSD-3-Clause */
/* The table file on disk: noticing that it changed, and putting it in force. Where it cannot be used when the module
 * begins, the table that was in force before is: kept over a reload in the process's memory (handover.h), over the end of
 * the process on the disk (spare.h). So protection ends only by what an operator does about Unbound or in a table, never
 * by what becomes of a file. Knows nothing of Unbound. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plugin/core/loader_state.h"

#define LOADER_TABLE "/var/lib/weir/current.weir"

/* `spare` is the directory of the spare. loader_end must follow. */
void loader_init(struct loader *loader, const char *path, const char *spare, struct current *current,
	struct counters *counters, void (*say)(bool error, const char *text));

/* Looks at the file. If it is another one than last time, opens it and, if it is good, makes it the table in force. A
 * bad or missing one is said once and counted, and the old table stays: where the module has just begun, the one that was
 * in force before. A file that could not be read (no memory, an I/O error) is tried again, at once with `again`, else
 * after some looks. Returns whether a new table is in force.
 * Takes as long as the disk does. Only one thread may call this and the others, and not one that is inside the table
 * (current_table.h).
 */
bool loader_check(struct loader *loader, bool again);

/* Says in the counters what a walk over the cache did. `microseconds` is how long after a change it was complete; 0 for
 * a walk that had no such cause. */
void loader_count_scrub(struct loader *loader, uint64_t walked, uint64_t evicted, uint64_t microseconds);
