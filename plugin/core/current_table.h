/* SPDX-License-Identifier: BSD-3-Clause */
/* The table in force, and how it is replaced under the workers' feet.
 *
 * Idea: one atomic pointer to the current table, and a slot per worker in which it writes down the table it is about to
 * use (a hazard pointer: Michael, "Hazard Pointers", 2004). A worker takes no lock and waits for nobody. The one thread
 * that replaces tables exchanges the pointer and then waits until no slot names the old table any more; a worker holds
 * one for microseconds. Invariant: a table is freed only when it is neither loaded nor in a slot.
 *
 * A worker is known by an address of its own that is the same at each call, such as Unbound's module_env. So no
 * thread-local storage stays behind when the module is unloaded. There are slots for twice the workers that Unbound is
 * configured to have. All others share one slot, the crowd's, under a lock: they are slower, but never unchecked.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/errors.h"
#include "libweir/live/cells.h"
#include "libweir/live/counters.h"
#include "libweir/live/hits.h"
#include "libweir/table.h"

#define CURRENT_MIN_SLOTS 64 /* power of two */

/* A table in force. Its number tells it apart from every other table of this process, also one at the same address. */
struct current_table {
	struct table *table;
	uint64_t number; /* from 1 */
	/* the numbers that its feeds and categories, and its groups, have in the hits (hits.h): the former beside each
	 * effective source of its verdicts, which lie in one piece */
	uint16_t *hits_source;
	uint16_t hits_group[POLICY_MAX_GROUPS + 1];
	/* NULL: its rules are not counted; else the numbers that its categories and groups have in the cells (cells.h), and
	 * which bits of an address tell clients apart, in the order of a socket's octets */
	struct cells *cells;
	uint8_t cells_category[POLICY_MAX_CATEGORIES];
	uint8_t cells_group[POLICY_MAX_GROUPS + 1];
	struct client_key *client_key;
	uint32_t client_ipv4;
	uint64_t client_ipv6;
};

/* The number of a verdict's i-th effective source. */
static inline uint16_t current_hits_source(const struct current_table *table, const struct verdict *verdict, unsigned i)
{
	return table->hits_source[verdict->effective - table_policy(table->table)->verdicts[0].effective + i];
}

struct current_slot {
	_Alignas(64) _Atomic(const void *) owner; /* the worker's address, NULL = free */
	_Atomic(struct current_table *) hazard;
	_Atomic(struct counters_worker *) counters;
	_Atomic(struct hits_worker *) hits; /* NULL: no room for them */
	/* of the worker alone: its cells, NULL = none yet, or no room for them; whether it has asked for them */
	struct cells_worker *cells;
	bool cells_asked;
	/* number of the table by which it looked at a response that it may be storing now, or CURRENT_NONE; 0 = it is
	 * storing nothing */
	_Atomic uint64_t looked;
};

/* What a worker counts into. */
static inline struct counters_worker *current_counters(const struct current_slot *slot)
{
	return atomic_load_explicit(&slot->counters, memory_order_relaxed);
}

static inline struct hits_worker *current_hits(const struct current_slot *slot)
{
	return atomic_load_explicit(&slot->hits, memory_order_relaxed);
}

/* The worker's cells, for a table whose rules are counted; NULL where there is no room. */
static inline struct cells_worker *current_cells(const struct current_table *table, struct current_slot *slot)
{
	if (unlikely(!slot->cells_asked)) {
		slot->cells_asked = true;
		slot->cells = cells_worker(table->cells);
	}
	return slot->cells;
}

/* Slots in a hash table of worker addresses. */
struct current_slots {
	struct current_slot *slot;
	unsigned shift; /* what it leaves of a hash of 64 bits is the number of a slot */
};

/* No table is in force: what its number is in `looked`. */
#define CURRENT_NONE UINT64_MAX

struct current {
	_Atomic(struct current_table *) in_force; /* NULL: nothing is blocked */
	struct current_table *loaded;             /* in force unless suspended; of the replacing thread alone */
	bool suspended;                           /* likewise */
	_Atomic uint64_t octets;                  /* of the loaded table */
	atomic_bool logs;                         /* some categories of the table in force are only counted */
	uint64_t last_number;
	struct counters *counters;
	struct hits *hits;
	const char *run;                          /* where the file of cells is made */
	struct cells *cells;                      /* NULL: no table has asked for them yet */
	char client_key[POLICY_MAX_KEY_PATH + 1]; /* the file whose secret they have; "": none */
	struct why key_trouble; /* why the table in force has not the secret that it wants; "" = it has */
	unsigned workers;
	struct current_slots worker, cached; /* the latter for their answers from the cache */
	struct current_slot *slots;          /* all of them; the last is the crowd's */
	size_t slot_count;
	pthread_mutex_t crowd;
	atomic_bool served; /* some worker has been here */
};

/* `workers` is how many there will be; `run` the directory of shared files, which stays. Returns 0 or -ENOMEM. current_end
 * must follow after success. */
must_check int current_init(
	struct current *current, unsigned workers, struct counters *counters, struct hits *hits, const char *run);

/* Returns the worker's slot, which is its own from the first call on; NULL when there are more workers than slots. */
struct current_slot *current_worker(struct current *current, const void *worker);

/* The same for answers from the cache, where the worker is known by another address: these slots are taken from a set of
 * their own, so that they cannot use up the first ones. */
struct current_slot *current_cached_worker(struct current *current, const void *worker);

/* The crowd's slot, for a worker that has none: waits until no other worker uses it. current_crowd_leave must follow.
 * current_looked must not be called for it. */
struct current_slot *current_crowd_enter(struct current *current);
void current_crowd_leave(struct current *current);

/* Returns the table in force, which stays valid until current_leave; NULL if there is none. Calls do not nest. */
const struct current_table *current_enter(struct current *current, struct current_slot *slot);
void current_leave(struct current_slot *slot);

/* Loads `table` (or NULL): makes it the one in force unless tables are suspended, waits until the old one is unused, and
 * frees that. One thread at a time, and not one that has entered. Returns 0, or -ENOMEM with the table still the caller's
 * and nothing changed. */
must_check int current_replace(struct current *current, struct table *table);

/* As shm_file_appear, for the cells; 0 where there are none. The same thread as for current_replace. */
must_check int current_cells_appear(struct current *current);

/* Takes the loaded table, and whatever is loaded meanwhile, out of force, or puts it in force again. The table stays
 * loaded: nothing is opened or freed, so this cannot fail. The same thread as for current_replace. */
void current_suspend(struct current *current, bool suspended);

/* A worker says, before current_leave, that Unbound will now store what the table in force (NULL: none) has let pass; and
 * at its next call, of whatever query, that this is done. */
static inline void current_looked(struct current_slot *slot, const struct current_table *table)
{
	atomic_store_explicit(&slot->looked, table ? table->number : CURRENT_NONE, memory_order_relaxed);
}

static inline void current_stored(struct current_slot *slot)
{
	atomic_store_explicit(&slot->looked, 0, memory_order_relaxed);
}

/* For the thread that replaces: whether some worker may still be storing what an older table, or none, has let pass. A worker
 * that has nothing to do may seem so for ever. */
bool current_storing(struct current *current);

/* For the thread that replaces, which alone can make them go away: the table in force, and the table that is loaded,
 * suspended or not. NULL: none. */
const struct current_table *current_get(struct current *current);
const struct current_table *current_loaded(const struct current *current);

/* At the end, when no worker runs any more: frees the current table and the slots. */
void current_end(struct current *current);
