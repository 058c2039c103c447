/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of cells share: a file, its first worker, which hits rules, and a reader that tells what is new. */
#pragma once

#include "tests/unit/unit.h"

#include <unistd.h>

#include "libweir/action.h"
#include "libweir/hash.h"
#include "libweir/live/cells.h"
#include "libweir/live/cells_count.h"

enum { NOW = 1700000000, DAY_S = 86400 };

static struct cells *cells;
static struct cells_worker *worker;
static struct cells_reader *reader;
static char path[300];

static inline int begin(void **state)
{
	if (with_directory(state) != 0 || cells_create(&cells, test_directory, 2, NULL) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/%ld.cells", test_directory, (long)getpid());
	worker = cells_worker(cells);
	return worker ? cells_open(&reader, path) : -1;
}

static inline int end(void **state)
{
	cells_close(&reader);
	cells_remove(&cells);
	assert_null(reader);
	assert_null(cells);
	return all_closed(state);
}

/* Counts a hit of a rule. */
static inline void hit_with(const char *name, enum action action, uint64_t client, uint64_t now)
{
	name_storage wire;
	struct cell_rule rule = {.name = wire,
		.length = wire_of(name, wire),
		.label = cell_label(
			SCOPE_SUBTREE, action, cells_category(cells, "malware"), cells_group(cells, "default"))};
	rule.key = name_key(wire, rule.length, 9);
	cells_count(cells, cells_client_key(cells), worker, rule, client, now);
}

static inline void hit_at(const char *name, uint64_t client, uint64_t now)
{
	hit_with(name, ACTION_NXDOMAIN, client, now);
}

static inline void hit(const char *name, uint64_t client)
{
	hit_at(name, client, NOW);
}

struct told {
	char text[1024];
	uint64_t hits, rules;
	unsigned clients; /* registers of the last one */
	uint64_t day;
};

static inline void tell(void *context, const struct cell_news *n)
{
	struct told *told = context;
	char name[NAME_MAX_TEXT];
	size_t used = strlen(told->text);
	name_to_text(n->rule, n->rule_length, name);
	snprintf(told->text + used, sizeof told->text - used, "%s %s %s %s %s %llu;", name, scope_text(n->scope),
		n->category, action_text(n->action), n->group, (unsigned long long)n->hits);
	told->hits += n->hits;
	told->rules++;
	told->day = n->day;
	told->clients = 0;
	for (unsigned i = 0; i < CLIENT_SET_REGISTERS; i++)
		told->clients += client_set_rank(&n->clients, i) > 0;
}

static inline struct told news(void)
{
	struct told told = {0};
	assert_int_equal(cells_read(reader, tell, &told), 0);
	return told;
}

/* Another reader, which has read nothing. */
static inline void open_again(void)
{
	cells_close(&reader);
	assert_int_equal(cells_open(&reader, path), 0);
}

/* The file, which this process writes. */
static inline struct cells_file *own_file(void)
{
	return (struct cells_file *)((char *)worker - offsetof(struct cells_file, worker));
}

/* The cell of a rule. */
static inline struct cell *cell_of(const char *name)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	for (uint32_t i = 0; i < worker->count; i++)
		if (worker->cell[i].rule_length == length && memcmp(worker->rule[i], wire, length) == 0)
			return &worker->cell[i];
	fail_msg("%s has no cell", name);
	return NULL;
}

static inline void hit_many(unsigned first, unsigned count, uint64_t now)
{
	for (unsigned i = first; i < first + count; i++) {
		char name[40];
		snprintf(name, sizeof name, "n%u.example", i);
		hit_at(name, 1, now);
	}
}

static inline uint64_t unattributed_now(void)
{
	struct cells_unattributed unattributed;
	assert_int_equal(cells_unattributed(reader, &unattributed), 0);
	assert_int_equal(unattributed.logged, 0);
	return unattributed.blocked;
}
