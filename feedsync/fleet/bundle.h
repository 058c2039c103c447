/* SPDX-License-Identifier: BSD-3-Clause */
/* What all channels are given of the published table, made once, in the state directory:
 *
 *   fleet/bases/<generation>-<SHA-256>.weir    the tables that were published last, for deltas
 *   fleet/tables, fleet/deltas                 the objects (manifest.h), as they are put into targets
 *
 * Each object is made by whoever needs it first, under a lock, and appears whole. What is there is used again: so the delta
 * that a slow channel waits for is made once, and a crash costs no more than the object that was being made. Nothing in here is
 * a source of anything: if it is lost, it is made again, and resolvers get the whole table until there are deltas. */
#pragma once

#include <limits.h>

#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct config;
struct why;

struct bundle {
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

/* Makes the bundle of the published table. Waits while another process makes one. Returns 0, or a negative code with the
 * reason: -ENOENT where no table is published. */
must_check int bundle_make(
	struct bundle *bundle, const struct config *config, enum bundle_effort effort, struct why *why);

/* The file of an object. Returns `path`. */
const char *bundle_path(const char *state, const char *object, char path[PATH_MAX]);
