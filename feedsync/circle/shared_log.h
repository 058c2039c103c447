/* SPDX-License-Identifier: BSD-3-Clause */
/* The log of what was given to whom, and when: rows that are only ever appended, in <state>/share.sqlite. A row is JSON in one
 * line, and has a chain value: the SHA-256 of the chain value before it, a line feed, and the row. So nobody can change, take
 * out or add a row afterwards without changing all values that follow; who has seen the newest one is a witness.
 *
 * What is given out is logged before it happens ("pending") and after. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "libweir/attributes.h"

struct node;
struct shared_log;
struct why;

#define SHARED_LOG_FILE "share.sqlite"

/* Opens the log; `write` creates it where it is missing. Returns 0 and a log that the caller closes, or a negative code
 * with the reason, and NULL: -ENOENT where there is none to read. */
must_check int shared_log_open(struct shared_log **log, const char *state, bool write, struct why *why);
void shared_log_close(struct shared_log **log); /* NULL is fine */

/* Appends a row, an object that it frees, and commits it. Returns 0 or a negative code with the reason. */
must_check int shared_log_append(struct shared_log *log, struct node *row, struct why *why);

/* The newest chain value; 64 zeros where there is no row. Returns 0 or a negative code with the reason. */
must_check int shared_log_newest(struct shared_log *log, char chain[SHA256_TEXT], struct why *why);

/* Calls `visit` for the newest rows, `limit` of them (0 = all), oldest first; the row is valid for the call. A row that
 * cannot be read is left out. Returns 0 or a negative code with the reason, then too. */
must_check int shared_log_each(struct shared_log *log, uint64_t limit,
	void (*visit)(void *context, const struct node *row, const char *chain), void *context, struct why *why);

/* Computes every chain value again. Returns 0 with the number of rows; or -EBADMSG with the reason, which names the first row
 * that is not as it was written; or another negative code with the reason. */
must_check int shared_log_verify(struct shared_log *log, uint64_t *rows, struct why *why);
