/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of the rules that a table was made of, as they were before folding. From it the same table can be made with
 * some rules more, or some rules less of those that were added after it was saved: without reading, judging and sorting
 * all the rest again.
 *
 * The file is for the machine and the program that wrote it. It has a checksum against damage, and everything in it is
 * checked when it is loaded. But it says what is blocked: nobody else must be able to write it. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct build;
struct table;
struct why;

/* Octets that a builder's file takes, at most. */
uint64_t build_file_octets(const struct build *build);

/* Writes the rules that were added so far to `fd`, an empty file, not synced. More can be added afterwards. Returns 0,
 * -errno, or WEIR_ELIMIT, with the reason; the builder is as useful as before, but after -ENOMEM. */
must_check int build_save(struct build *build, int fd, struct why *why);

/* Notes in a file that its rules belong to the table with this body sum (table_body_sum). Returns 0 or -errno. */
must_check int build_file_set_table(int fd, uint64_t body_sum);

/* Reads a file of rules that belong to this table: of another one, or where anything is wrong with it, the file is
 * refused with WEIR_EFORMAT. Returns 0 and a builder that build_free frees, which has the table's key and borrows its
 * policy; or -errno, WEIR_EFORMAT; with the reason. */
must_check int build_load(struct build **build, int fd, const struct table *table, struct why *why);
