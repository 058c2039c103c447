/* SPDX-License-Identifier: BSD-3-Clause */
/* What the state directory has of its own, besides the feeds: the lock of who works in it, and the key of its tables. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* Takes the lock. `held` is one that this process has, or -1: of the same directory it is shared. Returns a file descriptor
 * that holds it until it is closed, or -1 with the reason logged (another feedsync works there). */
must_check int state_dir_lock(const char *state, int held);

/* Whether somebody has it. */
bool state_dir_is_locked(const char *state);

struct why;
/* Takes a key that nobody can know. Returns 0 or -errno. */
must_check int state_dir_fresh_key(uint64_t *key);

/* Keeps another key for the next tables. Returns 0, or -errno with the reason. */
must_check int state_dir_keep_key(const char *state, uint64_t key, struct why *why);

/* The secret key of this installation's tables, made at the first use and kept: with the same key two tables differ in
 * little more than what changed. A damaged one is replaced. Returns 0, or -errno with the reason. */
must_check int state_dir_key(const char *state, uint64_t *key, struct why *why);
