/* The table in force, and how it is replaced under the workers' feet.
 *
 * Idea: one atomic pointer to the current table, and a slot per worker in which it writes down the table it is about to
 * use (a hazard pointer: Michael, "Hazard Pointers", 2004). A worker takes no lock and waits for nobody. The one thread
 * that replaces tables exchanges the pointer and then waits until no slot names the old table any more; a worker holds
 * one for microseconds. Invariant: a table is freed only when it is neither current nor in a slot.
 *
 * A worker is known by an address of its own that is the same at each call (Unbound's module_env is one): so there is
 * no thread-local storage to leave behind when the module is unloaded.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "counters.h"
#include "table.h"

#define LIVE_SLOTS 256 /* power of two; workers at most */

/* A table in force. Its number tells it apart from every other table of this process, also one at the same address. */
struct live_table {
	struct table *table;
	uint64_t number; /* from 1 */
};

struct live_slot {
	_Alignas(64) _Atomic(const void *) owner; /* the worker's address, NULL = free */
	_Atomic(struct live_table *) hazard;
	_Atomic(struct counters_worker *) counters;
};

struct live {
	_Atomic(struct live_table *) current; /* NULL: nothing is blocked */
	_Atomic uint64_t octets;              /* of the current table */
	uint64_t last_number;
	struct counters *counters;
	struct live_slot slot[LIVE_SLOTS];
};

void live_init(struct live *live, struct counters *counters);

/* The worker's slot, its own from the first call on, or NULL when there are more workers than slots. */
struct live_slot *live_worker(struct live *live, const void *worker);

/* The current table, held until live_leave; NULL if there is none. Not nested. */
const struct live_table *live_enter(struct live *live, struct live_slot *slot);
void live_leave(struct live_slot *slot);

/* Makes `table` (or NULL) the current one, waits until the old one is unused and frees it. One thread at a time, and
 * not one that has entered. Returns 0, or -ENOMEM with the table still the caller's and nothing changed. */
must_check int live_replace(struct live *live, struct table *table);

/* For the thread that replaces: the current table, which only it can make go away. */
const struct live_table *live_current(struct live *live);

/* At the end, when no worker runs any more: frees the current table. */
void live_end(struct live *live);
