/* SPDX-License-Identifier: BSD-3-Clause */
/* The module's side of the cells. */
#include "libweir/live/cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "libweir/action.h"
#include "libweir/live/cells_count.h"

struct cells {
	struct shm_file shared;
	struct cells_file *file;
	struct client_key *key; /* NULL: clients are not told apart */
};

int cells_create(struct cells **cells, const char *directory, unsigned workers, const uint8_t *secret)
{
	uint64_t random = 0;
	struct cells *c = calloc(1, sizeof *c);
	*cells = c;
	if (!c)
		return -ENOMEM;
	unsigned room = workers < CELLS_WORKERS ? workers : CELLS_WORKERS;
	int status = shm_file_create(&c->shared, directory, &shared_cells, CELLS_VERSION,
		sizeof(struct cells_file) + room * sizeof(struct cells_worker), sizeof(struct cells_file));
	c->file = c->shared.memory;
	if (!c->file) {
		free(c);
		*cells = NULL;
		return status;
	}
	if (secret || getrandom(&random, sizeof random, GRND_NONBLOCK) == sizeof random)
		c->key = client_key_new(secret);
	c->file->key_number = secret ? client_secret_number(secret) : random;
	c->file->room = room;
	snprintf(c->file->category[0], sizeof(cells_name), "others");
	snprintf(c->file->group[0], sizeof(cells_name), "default");
	atomic_store(&c->file->categories, 1);
	atomic_store(&c->file->groups, 1);
	return status;
}

void cells_remove(struct cells **cells)
{
	struct cells *c = *cells;
	*cells = NULL;
	if (!c)
		return;
	shm_file_remove(&c->shared);
	client_key_free(&c->key);
	free(c);
}

int cells_appear(struct cells *cells)
{
	return shm_file_appear(&cells->shared);
}

struct client_key *cells_client_key(struct cells *cells)
{
	return cells->key;
}

/* The number of a name in a list that only grows. */
static uint8_t number_name(struct cells_file *f, cells_name *names, _Atomic uint32_t *count, const char *name)
{
	uint32_t used = atomic_load_explicit(count, memory_order_relaxed);
	for (uint32_t i = 0; i < used; i++)
		if (strcmp(names[i], name) == 0)
			return (uint8_t)i;
	if (used == CELLS_NUMBERS || f->header.pid != getpid())
		return 0;
	snprintf(names[used], sizeof(cells_name), "%s", name);
	atomic_store_explicit(count, used + 1, memory_order_release);
	return (uint8_t)used;
}

uint8_t cells_category(struct cells *cells, const char *category)
{
	return number_name(cells->file, cells->file->category, &cells->file->categories, category);
}

uint8_t cells_group(struct cells *cells, const char *group)
{
	return number_name(cells->file, cells->file->group, &cells->file->groups, group);
}

/* Gives a worker `count` cells; those that it has stay what they are. */
static bool enlarge_cells(struct cells *c, struct cells_worker *w, uint32_t count)
{
	if (!shm_file_reserve(&c->shared, w->cell, count * sizeof *w->cell) ||
		!shm_file_reserve(&c->shared, w->rule, count * sizeof *w->rule))
		return false;
	atomic_store_explicit(&w->count, count, memory_order_release);
	return true;
}

struct cells_worker *cells_worker(struct cells *cells)
{
	uint32_t number = atomic_fetch_add_explicit(&cells->file->workers, 1, memory_order_relaxed);
	struct cells_worker *w = &cells->file->worker[number];
	if (number >= cells->file->room || !shm_file_reserve(&cells->shared, w, offsetof(struct cells_worker, cell)) ||
		!enlarge_cells(cells, w, CELLS_FIRST))
		return NULL;
	return w;
}

/* A row of cells, with the rules' names beside them. */
struct cell_row {
	struct cell *cell;
	uint8_t *rule;
	uint32_t count, room; /* octets for a rule */
};

/* Whether a reader had time enough to read all that a cell has counted. A clock that was set says nothing. */
static bool is_idle(const struct cell *cell, uint32_t slot)
{
	uint32_t last = atomic_load_explicit(&cell->slot, memory_order_relaxed);
	return last != slot && last + 1 != slot;
}

/* Gives a cell, whose rule's name lies at `name`, to a rule. */
static void take_cell(struct cell *cell, uint8_t *name, uint64_t key, const struct cell_rule *rule)
{
	/* An exchange: nothing that follows an acquiring exchange can be moved before it. */
	atomic_exchange_explicit(&cell->key, 0, memory_order_acq_rel);
	atomic_store_explicit(&cell->hits, 0, memory_order_relaxed);
	atomic_store_explicit(&cell->day, 0, memory_order_relaxed);
	cell->label = rule->label;
	cell->rule_length = (uint8_t)rule->length;
	memset(&cell->clients, 0, sizeof cell->clients);
	name_lower(name, rule->name, rule->length);
	atomic_store_explicit(&cell->key, key, memory_order_release);
}

/* The cell of a key, from a place on; takes one if there is none. NULL: all within reach are in use. */
static struct cell *find_cell_from(
	const struct cell_row *row, uint64_t place, uint64_t key, uint32_t slot, const struct cell_rule *rule)
{
	uint32_t mask = row->count - 1;
	struct cell *idle = NULL;
	for (uint32_t i = 0; i < CELLS_PROBES; i++) {
		uint32_t number = (uint32_t)(place + i) & mask;
		struct cell *cell = &row->cell[number];
		uint64_t there = atomic_load_explicit(&cell->key, memory_order_relaxed);
		if (there == key)
			return cell;
		if (!idle && (there == 0 || is_idle(cell, slot)))
			idle = cell;
		if (there == 0)
			break;
	}
	if (idle)
		take_cell(idle, row->rule + (size_t)(idle - row->cell) * row->room, key, rule);
	return idle;
}

/* Likewise, from either of the key's two places. The second one is in the upper half, which is new when the table has grown: some of
 * the rules that crowd a place have the same first one then, and the table would grow again and again for them. */
static struct cell *find_cell(const struct cell_row *row, uint64_t key, uint32_t slot, const struct cell_rule *rule)
{
	struct cell *cell = find_cell_from(row, key, key, slot, rule);
	return cell ? cell : find_cell_from(row, key >> 32 | row->count / 2, key, slot, rule);
}

struct cell *cells_search(
	struct cells *cells, struct cells_worker *worker, uint64_t key, uint64_t now, struct cell_rule rule)
{
	uint32_t slot = (uint32_t)(now / CELLS_SLOT_S);
	struct cells_worker *w = worker;
	struct cell *cell;
	if (rule.length > CELLS_RULE) {
		const struct cell_row row = {w->long_cell, w->long_rule[0], CELLS_LONG, sizeof *w->long_rule};
		cell = find_cell(&row, key, slot, &rule);
	} else {
		uint32_t count = atomic_load_explicit(&w->count, memory_order_relaxed);
		struct cell_row row = {w->cell, w->rule[0], count, CELLS_RULE};
		cell = find_cell(&row, key, slot, &rule);
		for (; !cell && row.count < CELLS_MOST && enlarge_cells(cells, w, CELLS_GROWTH * row.count);) {
			row.count *= CELLS_GROWTH;
			cell = find_cell(&row, key, slot, &rule);
		}
	}
	if (!cell)
		cells_add_one(&w->unattributed[label_action(rule.label) > ACTION_LOG]);
	return cell;
}
