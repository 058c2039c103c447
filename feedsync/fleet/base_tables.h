/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that a line of channels had last, as files that nobody replaces: <folder>/bases/<generation>-<SHA-256>.weir. Where
 * that can be, such a file is another name of the published one, and takes no room. `folder` is that of a table_source. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/maxima.h"
#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct why;

enum { BASE_TABLES = MANIFEST_DELTAS + 1 /* with the published one */, FOLDER_TEXT = MAX_STATE_PATH + 148 };

struct base_table {
	uint64_t generation;
	char sha256[SHA256_TEXT];
};

/* The newest ones first; those that older runs could not remove come last. Returns how many, at most 2 * BASE_TABLES. */
size_t base_tables_list(const char *folder, struct base_table list[2 * BASE_TABLES]);

const char *base_table_path(const char *folder, const struct base_table *base, char path[PATH_MAX]);

/* Takes the lock on the folder, which is made where it is missing. Returns a descriptor that holds it until it is closed, or
 * -errno with the reason. */
must_check int base_tables_lock(const char *folder, struct why *why);

/* Adds the table that is published as `table`, and tells what a manifest says of it. Returns 0, or a negative code with the
 * reason. */
must_check int base_tables_add(const char *folder, const char *table, struct base_table *base,
	struct manifest_table *described, struct why *why);

/* Removes those beyond BASE_TABLES, and all but two where the disk gets full; but none of those that are needed. A failure is
 * logged. */
void base_tables_prune(const char *folder, const struct base_table *needed, size_t needed_count);
