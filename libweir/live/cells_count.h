/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting a hit in a cell (cells.h). It stands in a header, since each blocked query pays for it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "libweir/action.h"
#include "libweir/live/cells_file.h"
#include "libweir/live/client_key.h"

struct cells;

/* A rule in one of its cells. */
struct cell_rule {
	uint64_t key;   /* keyed hash of its name; where it is another one for the same rule, it gets another cell */
	uint32_t label; /* cell_label */
	const uint8_t *name; /* wire form, letters of any case */
	size_t length;
};

/* Finds or takes the cell of a rule; `key` is the cell's. NULL: there is none, and the hit is counted as unattributed. */
struct cell *cells_search(
	struct cells *cells, struct cells_worker *worker, uint64_t key, uint64_t now, struct cell_rule rule);

/* A worker alone writes its cells: it needs no atomic additions. */
static inline void cells_add_one(_Atomic uint64_t *count)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

static inline void cell_add_client(struct cell *cell, struct client_key *key, uint64_t day, uint64_t client)
{
	uint64_t hash;
	if (unlikely(!client_key_hash(key, day, client, &hash)))
		return;
	if (unlikely(atomic_load_explicit(&cell->day, memory_order_relaxed) != (uint16_t)day)) {
		memset(&cell->clients, 0, sizeof cell->clients);
		atomic_store_explicit(&cell->day, (uint16_t)day, memory_order_release);
	}
	client_set_add(&cell->clients, hash);
}

/* Counts a hit. `clients` is the process's key, or NULL. `client` is the first 8 octets of an IPv6 address, or an IPv4
 * address, as far as they tell clients apart; 0: the client is not known. `now`: seconds since 1970. Only the worker itself
 * may call this. */
static inline void cells_count(struct cells *cells, struct client_key *clients, struct cells_worker *worker,
	struct cell_rule rule, uint64_t client, uint64_t now)
{
	enum { SECONDS_OF_DAY = 86400 };
	uint64_t key = rule.key ^ rule.label * UINT64_C(0x9e3779b97f4a7c15);
	key += key == 0;
	struct cell *cell = &worker->cell[key & (atomic_load_explicit(&worker->count, memory_order_relaxed) - 1)];
	if (unlikely(atomic_load_explicit(&cell->key, memory_order_relaxed) != key)) {
		cell = cells_search(cells, worker, key, now, rule);
		if (!cell)
			return;
	}
	/* First the slot: then the cell cannot look idle with a hit that was not read. */
	atomic_store_explicit(&cell->slot, (uint32_t)(now / CELLS_SLOT_S), memory_order_relaxed);
	cells_add_one(&cell->hits);
	if (client && likely(clients))
		cell_add_client(cell, clients, now / SECONDS_OF_DAY, client);
}
