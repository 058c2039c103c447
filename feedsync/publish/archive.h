/* SPDX-License-Identifier: BSD-3-Clause */
/* The last published tables, kept for a rollback: <state>/tables/<generation>.weir. A published table never changes, so
 * one is kept as another name of the same file, or as a copy where the state directory is in another file system.
 *
 * Bounded by maxima.h: at most KEPT_TABLES of them and KEPT_OCTETS in all; and they are not what fills a disk: the
 * oldest go while less than KEPT_ROOM times a table's size is free. The newest two stay always: what is published, and
 * what it replaced. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

void archive_path(const char *state, uint64_t generation, char path[4096]);

/* Keeps the published table, of this generation. Returns 0 or an error with the reason. */
must_check int archive_add(const char *state, const char *table, uint64_t generation, struct why *why);

/* Publishes the table in the file `from` at `path`, with this generation and time as in table_restamp. Returns as
 * atomic_file_commit does, or as table_restamp. */
must_check int archive_copy(int from, const char *path, uint64_t generation, uint64_t created, struct why *why);

/* Removes the oldest that are too many. */
void archive_prune(const char *state);

/* Lists the generations that are kept, newest first. Returns how many, at most `room`. */
size_t archive_list(const char *state, uint64_t *generations, size_t room);
