/* SPDX-License-Identifier: BSD-3-Clause */
/* The file <state>/rules: the rules of the published table, without the overrides (overrides.h), as they were before
 * folding (build_file.h). With it an override is in force at once, and an override that is taken back brings back what it
 * had removed from the table. It can be lost at any time: then that takes a whole sync. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/errors.h"

struct build;
struct table;

/* A new file, beside the one that is there until it is put in its place. */
struct rules_file {
	const char *state;
	int fd; /* -1: nothing could be saved */
	struct why why;
};

void rules_file_begin(struct rules_file *file, const char *state);

/* Saves a builder's rules; called by compile_table, with the file (struct rules_file) as its context. */
void rules_file_save(void *context, struct build *build);

/* Puts the file in its place, for the table of this body sum; warns where that, or the saving, has failed. */
void rules_file_commit(struct rules_file *file, uint64_t body_sum);
void rules_file_abort(struct rules_file *file);

/* Loads the rules of a table. Returns 0 and a builder that build_free frees, or a negative code with the reason. */
must_check int rules_file_load(struct build **build, const char *state, const struct table *table, struct why *why);

/* The rules that are in the file belong, with other overrides, to the table of this body sum now. A failure costs what a lost
 * file does, and is logged. */
void rules_file_follow(const char *state, uint64_t body_sum);
