/* SPDX-License-Identifier: BSD-3-Clause */
/* The table's file: noticing that it changed, and putting the table in force. If the file cannot be used when the module
 * begins, the table that was in force before is used: a reload keeps it in the process's memory (handover.h), the end of
 * the process leaves it on the disk (spare.h). So protection ends only by what an operator does, to Unbound, in a table
 * or by a bypass, never by what becomes of a file. Knows nothing of Unbound. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plugin/core/loader_state.h"

#define LOADER_TABLE "/var/lib/weir/current.weir"

/* `path` is the table's, `spare` the directory of the spare (spare.h); `say` writes a line to the log. loader_end must
 * follow. */
void loader_init(struct loader *loader, const char *path, const char *spare, struct current *current,
	struct counters *counters, void (*say)(bool error, const char *text));

/* Looks at the file. If it is not the one of last time, opens it, and loads it if it is good. A bad or a missing file is
 * counted and said once, and the old table stays; where the module has just begun, that is the one that was in force
 * before. A file that could not be read (no memory, an I/O error) is tried again: at once with `again`, else after some
 * looks. Returns whether a new table was loaded. Takes as long as the disk does. Only one thread may call this and the
 * other functions of the loader, and it must not be inside a table (current_table.h). */
bool loader_check(struct loader *loader, bool again);

/* Adds to the counters what a walk over the cache did. `microseconds`: how long after a change the walk was complete; 0 for
 * a walk that no change caused. */
void loader_count_scrub(struct loader *loader, uint64_t walked, uint64_t evicted, uint64_t microseconds);
