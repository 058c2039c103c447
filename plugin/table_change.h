/* SPDX-License-Identifier: BSD-3-Clause */
/* A new table: noticing it, putting it in force, taking out of the cache what it blocks.
 *
 * After a change the whole cache is walked at once. Apart from that it is walked all the time, slowly: that finds what
 * came into the cache by ways the module does not see, such as `unbound-control load_cache`.
 */
#pragma once

#include "plugin/compat.h"

#include <time.h>

struct weir;
struct module_qstate;
struct reply_info;

/* At init, while no worker runs: loads the table, walks the cache (which may have survived a reload), starts the watch.
 * A very large cache is walked for a second, the rest once the workers run. */
void table_change_begin(struct weir *weir);

/* At deinit: ends the watch. */
void table_change_end(struct weir *weir);

/* Says whether counters and hits can be seen (0), or why not (-errno), where that is news. */
void table_change_show(struct weir *weir, int hidden);

/* To be called by a worker with each query that the cache does not answer, and with each that it does: `rep` is what is
 * being answered, at this time (seconds since 1970). They do something only where workers are processes. */
#ifdef THREADS_DISABLED
void table_change_by_the_way(struct weir *weir, const struct module_qstate *qstate);
void table_change_when_cached(struct weir *weir, time_t now, const struct reply_info *rep);
#else
#define table_change_by_the_way(weir, qstate) ((void)0)
#define table_change_when_cached(weir, now, rep) ((void)0)
#endif
