/* SPDX-License-Identifier: BSD-3-Clause */
/* The resolvers on this machine that have the module loaded, found by their live counters files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/live/counters.h"

struct why;

/* Reads all files of the run directory, as many as SHARED_MAX_FILES. One whose process is not alive is that of a resolver
 * that was killed: the next one to start there removes it. One that is being written all the time is left out, after half
 * a second for all of them. The texts are clean (log.h). Returns a malloc'ed array and its length; NULL and 0 where
 * there is no memory, which is a warning. `run` NULL, or a missing directory, is one without resolvers. */
must_check struct counters_snapshot *local_resolvers_find(const char *run, size_t *count);

/* What it is called in messages and in words: by the name of its file, which begins with its pid. */
enum { LOCAL_RESOLVER_TEXT = 100 };
const char *local_resolver_text(const struct counters_snapshot *resolver, char text[LOCAL_RESOLVER_TEXT]);

struct local_resolvers {
	struct counters_snapshot *list;
	size_t count;
};

/* Tells resolvers of a new table: SIGUSR1, to a process that is the one its file says and that has a handler for the
 * signal, since the signal's default would end it; to none in another pid namespace, where the pid is another process's.
 * Resolvers whose module watches another table are passed over. */
void local_resolvers_tell(struct local_resolvers *told, const char *run, const char *table);

/* Tells those that run and have another generation in force. */
void local_resolvers_remind(const char *run, const char *table, uint64_t generation);

/* Then waits, a few seconds at most, until each of those that were told says that the table of this generation is in
 * force and its cache scrubbed, logs what each does, and frees `told`. */
void local_resolvers_await(struct local_resolvers *told, const char *run, const char *table, uint64_t generation);

/* Waits, a few seconds at most for all, until each of those that were told says that everything passes until then; or,
 * for 0, that its table is in force and its cache scrubbed. Their list is then what they said last; the caller frees it. */
void local_resolvers_await_bypass(struct local_resolvers *told, const char *run, const char *table, uint64_t until);

/* Whether a resolver that runs reads this table. In a chroot its path is shorter. */
bool local_resolver_reads(const struct counters_snapshot *resolver, const char *table);

/* Whether every resolver that runs and reads this table reads the format in which it is to be written. Returns 0,
 * WEIR_EVERSION with the one that does not, or -ENOMEM. */
must_check int local_resolvers_can_read(const char *run, const char *table, uint32_t format, struct why *why);
