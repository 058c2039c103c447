/* SPDX-License-Identifier: BSD-3-Clause */
/* What all channels that have the same table are given of it, made once, in the folder of that table's source
 * (table_source.h):
 *
 *   bases/<generation>-<SHA-256>.weir    the tables that they had last, for deltas
 *   tables, deltas                       the objects (manifest.h), as they are put into targets
 *
 * Each object is made by whoever needs it first, under a lock, and appears whole. What is there is used again: so the delta
 * that a slow channel waits for is made once, and a crash costs no more than the object that was being made. Nothing in here is
 * a source of anything: if it is lost, it is made again, and resolvers get the whole table until there are deltas. */
#pragma once

#include <limits.h>

#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct config;
struct table_source;
struct why;

struct bundle {
	const char *folder; /* of the source, borrowed */
	struct manifest_table table;
	struct manifest_delta deltas[MANIFEST_DELTAS]; /* from the newest table on; only those that save something */
	size_t delta_count;
	bool complete; /* no more deltas are to come for this table */
	bool urgent;   /* the operator published it by hand: somebody waits */
	struct manifest_names must_pass, must_block;
};

enum bundle_effort {
	BUNDLE_SOON, /* what can be had at once: the whole table, the delta from the one before, all deltas of a small table */
	BUNDLE_WHOLE, /* deltas from all of the last tables */
};

/* Makes the bundle of a source's table. Waits while another process makes one. Returns 0, or a negative code with the
 * reason: -ENOENT where there is no table. */
must_check int bundle_make(struct bundle *bundle, const struct config *config, const struct table_source *source,
	enum bundle_effort effort, struct why *why);

/* The file of an object. Returns `path`. */
const char *bundle_path(const char *folder, const char *object, char path[PATH_MAX]);
