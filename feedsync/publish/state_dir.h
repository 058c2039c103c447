/* SPDX-License-Identifier: BSD-3-Clause */
/* What the state directory has of its own, besides the feeds: the lock of the feedsync that works there, small
 * records, and the key of its tables. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct node;

struct why;

/* Takes the lock of the directory. `held` is a lock that this process has already, or -1: of the same directory it is
 * shared. Returns a file descriptor that holds the lock until it is closed, or -errno with the reason: -EWOULDBLOCK
 * where another feedsync has it. */
must_check int state_dir_lock(const char *state, int held, struct why *why);

/* Whether somebody has the lock. */
bool state_dir_is_locked(const char *state);

/* Reads a record of the directory: a small JSON document, `file`. Returns 0 and a node that the caller frees; or,
 * with NULL for one and the path in the reason, -ENOENT where nothing stands there, or another -errno or -EBADMSG
 * where something does, or may, that cannot be read. */
must_check int state_dir_read_record(const char *state, const char *file, struct node **record, struct why *why);

/* The same for a document of up to `max` octets. */
must_check int state_dir_read_document(
	const char *state, const char *file, uint64_t max, struct node **record, struct why *why);

/* Takes a key that nobody can know. Returns 0 or -errno. */
must_check int state_dir_fresh_key(uint64_t *key);

/* Keeps another key for the next tables. Returns 0, or -errno with the reason. */
must_check int state_dir_keep_key(const char *state, uint64_t key, struct why *why);

/* The secret key of this installation's tables, made at the first use and kept: with the same key two tables differ in
 * little more than what changed. A damaged one is replaced. Returns 0, or -errno with the reason. */
must_check int state_dir_key(const char *state, uint64_t *key, struct why *why);
