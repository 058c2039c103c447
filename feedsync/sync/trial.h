/* SPDX-License-Identifier: BSD-3-Clause */
/* A trial: a whole sync in a copy of the state directory, with a copy of the published table. Whatever it does, and however
 * it ends, the state directory and what is published stay as they are, and no resolver is told. So what it finds out is what
 * a sync would do now, by the same code.
 *
 * The copy is <state>/trial-XXXXXX. What feeds and guard have is linked there: it is never written in place (atomic_file.h,
 * atomic_dir.h). The small records of the state directory itself are copied; history, locks and the file of rules are left
 * out. */
#pragma once

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct why;

struct trial {
	struct config config; /* as the real one, but in the copy */
	char state[4096], table[4096];
};

/* Begins: makes the copy; removes those of trials that have died. Returns 0, or -errno with the reason and nothing is left
 * behind. The configuration is borrowed until trial_end, which removes the copy. */
must_check int trial_begin(struct trial *trial, const struct config *config, struct why *why);
void trial_end(struct trial *trial);
