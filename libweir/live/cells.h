/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells: how often each rule was hit, and by roughly how many clients. A shared file (shm_file.h), <pid>.cells, beside the
 * hits, made only where the table asks for it.
 *
 * What is counted is the rule, never the name that was asked for: what stands left of a listed name may identify a
 * person. A client is hashed under a key that lives one day (client_key.h), and its hash only raises a register of a
 * client_set.
 *
 * Each worker has a hash table of cells of its own and is its only writer: no lock, nobody waits for a reader. A cell counts up
 * from the moment at which a rule takes it. So a reader that comes late loses nothing, and takes differences. A rule that
 * finds no cell takes one that was not hit for a whole slot (CELLS_SLOT_S), which a reader that comes that often has read by
 * then. If there is none the table grows fourfold, up to CELLS_MOST; beyond that the hit is `unattributed`. After that a rule may
 * have two cells; then the sum counts.
 *
 * docs/measured.md tells how many cells it takes: at 10,000 hits a second of 200,000 rules (Zipf) a worker leaves one
 * hit in a thousand unattributed. A worker's cells take 160 octets each: 160 kB at first, 10.5 MB at most. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/live/client_set.h"
#include "libweir/policy.h"

/* ---- the module's side ---- */

struct cells;

/* Creates the file for this process, for so many workers. Returns 0 or -errno; after an error the cells
 * work all the same, but nobody sees them; only after -ENOMEM *cells is NULL. The caller ends them with cells_remove.
 * `secret`: what other processes have too, so that their clients and this one's are one set (client_key.h), or NULL. */
must_check int cells_create(struct cells **cells, const char *directory, unsigned workers, const uint8_t *secret);
void cells_remove(struct cells **cells);

/* As shm_file_appear. */
must_check int cells_appear(struct cells *cells);

/* The number of a category and of a group in the cells; 0 stands for all that came when no number was left. One thread at
 * a time; a forked child gets no new ones. */
uint8_t cells_category(struct cells *cells, const char *category);
uint8_t cells_group(struct cells *cells, const char *group);

struct cells_worker;

/* A part for one more worker; NULL when there is no room for it: then no cell counts its hits. Any thread. */
struct cells_worker *cells_worker(struct cells *cells);

/* The key of the process's clients; NULL where there were no random numbers for it. */
struct client_key *cells_client_key(struct cells *cells);

/* ---- the reader's side ---- */

struct cells_reader;

/* What is new of a cell. */
struct cell_news {
	name_storage rule;
	uint8_t rule_length;
	enum scope scope;
	enum action action;
	const char *category, *group; /* valid for the call */
	uint64_t hits;                /* since the cell was read last */
	uint64_t day;                 /* since 1970, UTC, of the clients */
	struct client_set clients;    /* of that day so far */
};

/* Opens a process's file. Returns 0, -errno or WEIR_EFORMAT. */
must_check int cells_open(struct cells_reader **reader, const char *path);
void cells_close(struct cells_reader **reader);

/* Tells this file's key of clients from others. */
uint64_t cells_key_number(const struct cells_reader *reader);

/* The process that has the file, as its header tells. */
void cells_process(const struct cells_reader *reader, int64_t *pid, uint64_t *start_ticks);

/* Hits that no cell counts, ever. Read them before the cells: then no hit is in both. */
struct cells_unattributed {
	uint64_t blocked, logged;
};
must_check int cells_unattributed(struct cells_reader *reader, struct cells_unattributed *unattributed);

/* Calls `visit` for each cell that was hit since the last call; at the first call, since the cell was taken. Whoever writes
 * the file may write anything: names are valid, numbers are in range. Returns 0, -EIO or -ENOMEM. */
must_check int cells_read(
	struct cells_reader *reader, void (*visit)(void *context, const struct cell_news *news), void *context);
