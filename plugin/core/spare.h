/* SPDX-License-Identifier: BSD-3-Clause */
/* The spare: a copy on the disk of the loaded table. An Unbound that starts uses it if the table's file is gone, damaged,
 * not readable or too new. It lies in a directory of Unbound's user. Its name is made from the path of the table, so that
 * each resolver of a machine has its own. It is written from memory, as the table may be in no file any more: as a
 * temporary file that is synced and renamed, in slices, beside other work. What is read from it is checked like any
 * table, and taken only from a file that nobody else could write.
 *
 * Where there is no room for it, or no directory, there is no spare, and nothing else changes. One thread uses it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

#define SPARE_DIRECTORY "/var/lib/weir-unbound"

struct table;

struct spare {
	char directory[4096], name[32];
	int at, fd;       /* while it is being written: directory and temporary file; -1 otherwise */
	uint64_t written; /* octets so far */
	uint64_t since;
};

void spare_init(struct spare *spare, const char *directory, const char *table_path);

/* Opens the spare for reading. Its time of modification tells since when that table was in force. Returns a descriptor that
 * the caller closes, or -errno: -ENOENT if there is none, -EPERM if others could have written it. */
must_check int spare_open(const struct spare *spare);

/* Removes the spare, if it is there. */
void spare_remove(const struct spare *spare);

/* Begins to write a table that is in force since that time (seconds since 1970), and drops what was begun before. Returns
 * 1: spare_some comes next; 0: the spare is this table already, or another process is writing it; or -errno. -ENOSPC also
 * stands for a disk that would be nearly full. */
must_check int spare_begin(struct spare *spare, const struct table *table, uint64_t since);

/* Writes a slice of the table. Returns 1 if there is more to do, 0 when the spare has taken its place, or -errno, and
 * what was written is gone. Without `durable` the last slice does not wait for the disk: a power failure may lose it. */
must_check int spare_some(struct spare *spare, const struct table *table, bool durable);

/* Drops what has been written so far, if anything. */
void spare_abort(struct spare *spare);
