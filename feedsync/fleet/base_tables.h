/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that were published last, as files that nobody replaces: <state>/fleet/bases/<generation>-<SHA-256>.weir. Where
 * that can be, such a file is another name of the published one, and takes no room. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct why;

enum { BASE_TABLES = MANIFEST_DELTAS + 1 /* with the published one */ };

struct base_table {
	uint64_t generation;
	char sha256[SHA256_TEXT];
};

/* The newest ones first; those that older runs could not remove come last. Returns how many, at most 2 * BASE_TABLES. */
size_t base_tables_list(const char *state, struct base_table list[2 * BASE_TABLES]);

const char *base_table_path(const char *state, const struct base_table *base, char path[PATH_MAX]);

/* Adds the table that is published as `table`, and tells what a manifest says of it. Returns 0, or a negative code with the
 * reason. */
must_check int base_tables_add(const char *state, const char *table, struct base_table *base,
	struct manifest_table *described, struct why *why);

/* Removes those beyond BASE_TABLES; all but two where the disk gets full. A failure is logged. */
void base_tables_prune(const char *state);
