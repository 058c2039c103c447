/* SPDX-License-Identifier: BSD-3-Clause */
/* The last good versions of the guard's lists. Protection must not end because its file is missing, cut off, or has a
 * line that nobody understands. So for each list the last version that was understood as a whole is kept, in
 * <state>/guard/<sum of the path as configured>/<name>, and takes its place. Invariant: what was understood are the
 * very octets that are kept. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"

/* Where versions are kept. */
struct last_good {
	char directory[4096]; /* "" = nowhere */
	bool writes;          /* new good versions are kept; else only the kept ones are used */
};

/* Begins for the list, or directory of lists, that is configured by this path. `state` may be NULL: then nothing is
 * kept. */
void last_good_begin(struct last_good *last, const char *state, bool writes, const char *configured);

/* Reads a list from a file. Returns 0 if all of it is understood; -EILSEQ if only some lines are not; or another
 * negative code; with the reason. It may be called twice for a list, and what it has found the first time may stay. */
typedef int last_good_read(void *context, const char *file, struct why *why);

/* What is wrong with a list. */
struct list_trouble {
	struct why why; /* the file, the line, and what is wrong; "" = nothing is */
	enum error_class class;
	bool stands_in; /* the last good version is used; else there is none */
	uint64_t since; /* when that version was taken, seconds since 1970 */
};

/* Reads the list at `path`, or its last good version. `name` is what the list is kept as. Returns whether all is well. */
must_check bool last_good_load(const struct last_good *last, const char *path, const char *name, last_good_read *read,
	void *context, struct list_trouble *trouble);

/* Notes what is wrong with a list, with its path in front. */
void list_trouble_set(struct list_trouble *trouble, const char *path, int code, const struct why *reason);

/* Calls `each` with the name of each list that is kept. Returns how many there were. */
unsigned last_good_each(const struct last_good *last, void (*each)(void *context, const char *name), void *context);

/* Removes what is kept of lists that are gone: `is_used` tells which lists are still there. */
void last_good_tidy(
	const struct last_good *last, bool (*is_used)(const void *context, const char *name), const void *context);

/* The same for paths that are no longer configured: `used` are those that are. Only where versions are kept. */
void last_good_tidy_all(const char *state, const char *const *used, unsigned long count);
