/* SPDX-License-Identifier: BSD-3-Clause */
/* The last published tables, kept for a rollback: <state>/tables/<generation>.weir. A published table never changes.
 * So an archived one is another name of the same file, or a copy where the state directory is in another file system.
 *
 * Bounds (maxima.h): at most KEPT_TABLES tables and KEPT_OCTETS in all. The oldest ones go while less than KEPT_ROOM
 * times a table's size is free on the disk. The newest two always stay: the published table, and the one that it
 * replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

void archive_path(const char *state, uint64_t generation, char path[4096]);

/* Archives the published table, which has this generation. Returns 0 or an error with the reason. */
must_check int archive_add(const char *state, const char *table, uint64_t generation, struct why *why);

/* Copies the table in the file `from` to `path`, with this generation and time as in table_restamp. Returns as
 * atomic_file_commit does, or as table_restamp. */
must_check int archive_copy(int from, const char *path, uint64_t generation, uint64_t created, struct why *why);

/* Whether the disk that holds the directory has room for KEPT_ROOM more tables of this size: an archived table must never be the
 * reason that a new one cannot be written. */
bool archive_has_room(const char *directory, uint64_t octets);

/* Removes the oldest tables beyond the bounds. A failure is logged. */
void archive_prune(const char *state);

/* Lists the archived generations, newest first. Returns how many, at most `room`. */
size_t archive_list(const char *state, uint64_t *generations, size_t room);
