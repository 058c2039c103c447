/* A new table: noticing it, putting it in force, taking out of the cache what it blocks.
 *
 * After a change the whole cache is walked at once. Apart from that it is walked all the time, slowly: that finds what
 * came into the cache by ways the module does not see, such as `unbound-control load_cache`.
 */
#pragma once

struct weir;
struct module_qstate;

/* At init, while no worker runs: loads the table, walks the cache (which may have survived a reload), starts the watch.
 * A very large cache is walked for a second, the rest once the workers run. */
void change_begin(struct weir *weir);

/* At deinit: ends the watch. */
void change_end(struct weir *weir);

/* Says whether counters and hits can be seen (0), or why not (-errno), where that is news. */
void change_show(struct weir *weir, int hidden);

/* To be called by a worker with each query. Does something only where workers are processes. */
void change_by_the_way(struct weir *weir, const struct module_qstate *qstate);
