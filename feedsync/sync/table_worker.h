/* SPDX-License-Identifier: BSD-3-Clause */
/* Making the table in a process of its own (worker.h), and what follows from it: the result of the sync, what is
 * known of the feeds then, and when a table is to be made again. Part of sync_step.c; see sync.h. */
#pragma once

#include "feedsync/sync/sync.h"

struct why;

/* Begins to make a table of what is there, unless the published table is the one that would be made. The caller holds
 * the lock on the feeds' versions (versions_lock.h), which the process takes over. */
void table_worker_begin(struct sync *sync);

/* Ends without a table, as it cannot be begun: `code` with the reason. */
void table_worker_refuse(struct sync *sync, int code, const struct why *why);

/* Waits for the end of the process and takes over what it found out. A process that was cut off found out nothing, and
 * the next one makes its table. So it is after one that died, for want of memory for example, but the next one makes
 * the table of less (publish_table.c). After the third in a row there is no table. */
void table_worker_take(struct sync *sync);
