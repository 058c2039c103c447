/* SPDX-License-Identifier: BSD-3-Clause */
/* How a file of cells is laid out: what its writer (cells.c) and its readers (cells_read.c) share. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/action.h"
#include "libweir/live/client_set.h"
#include "libweir/live/shm_file.h"
#include "libweir/policy.h"

#define CELLS_VERSION SHARED_LOCKED

enum { CELLS_FIRST = 1024, CELLS_MOST = 65536, CELLS_GROWTH = 4 }; /* of a worker, powers of two */
_Static_assert(CELLS_FIRST *CELLS_GROWTH *CELLS_GROWTH *CELLS_GROWTH == CELLS_MOST, "it grows to the most exactly");
enum { CELLS_LONG = 64 }; /* further ones, for rules of more than CELLS_RULE octets */
enum { CELLS_RULE = 96, CELLS_PROBES = 16, CELLS_SLOT_S = 8, CELLS_WORKERS = 256 };
enum { CELLS_NUMBERS = 256 }; /* names of categories, and of groups */

typedef char cells_name[POLICY_MAX_NAME + 1];

/* One cache line, in the arrays of a worker. The rule itself lies elsewhere: only who takes a cell touches it. */
struct cell {
	_Atomic uint64_t key;  /* keyed hash of all that tells cells apart, never 0; 0: free or being taken */
	_Atomic uint64_t hits; /* since it was taken */
	_Atomic uint32_t slot; /* of the last hit */
	_Atomic uint16_t day;  /* of the clients, since 1970 */
	uint8_t rule_length;
	uint32_t label; /* cell_label */
	struct client_set clients;
};
_Static_assert(sizeof(struct cell) == 64, "a cell is one cache line");

/* What tells the cells of a rule apart. Category and group are their numbers. */
static inline uint32_t cell_label(enum scope scope, enum action action, uint8_t category, uint8_t group)
{
	return (uint32_t)category | (uint32_t)group << 8 | (uint32_t)action << 16 | (uint32_t)scope << 24;
}

static inline unsigned label_category(uint32_t label)
{
	return label & 0xff;
}

static inline unsigned label_group(uint32_t label)
{
	return label >> 8 & 0xff;
}

static inline unsigned label_action(uint32_t label)
{
	return label >> 16 & 0xff;
}

static inline unsigned label_scope(uint32_t label)
{
	return label >> 24;
}

/* The parts of arrays that are in use have memory; the rest of the file is a hole. */
struct cells_worker {
	_Alignas(128) _Atomic uint64_t unattributed[2]; /* logged, blocked */
	_Atomic uint32_t count;                         /* cells in use, 0 or a power of two */
	_Alignas(64) struct cell long_cell[CELLS_LONG];
	uint8_t long_rule[CELLS_LONG][NAME_MAX_WIRE + 1];
	_Alignas(64) struct cell cell[CELLS_MOST];
	uint8_t rule[CELLS_MOST][CELLS_RULE];
};

struct cells_file {
	struct shm_file_header header;
	uint64_t key_number; /* tells the key of clients from other processes': at random, or of a shared secret */
	uint32_t room;       /* workers */
	_Atomic uint32_t workers, categories, groups; /* how many there are; names below are complete */
	cells_name category[CELLS_NUMBERS], group[CELLS_NUMBERS];
	struct cells_worker worker[];
};
