/* SPDX-License-Identifier: BSD-3-Clause */
/* The resolvers on this machine that have the module loaded, found by their live counters files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/live/counters.h"

struct why;

/* Reads the counters files of the run directory, at most SHARED_MAX_FILES. A file whose process is not alive belongs
 * to a resolver that was killed; the next resolver that starts there removes it. A file that is written all the time
 * is left out, after half a second for all of them. The texts are clean (clean.h). `run` NULL, or a missing
 * directory, means no resolvers. Returns a malloc'ed array and its length; NULL and 0 when out of memory, which is
 * logged. */
must_check struct counters_snapshot *local_resolvers_find(const char *run, size_t *count);

/* What a resolver is called in messages: by the name of its file, which begins with its pid. */
enum { LOCAL_RESOLVER_TEXT = 100 };
const char *local_resolver_text(const struct counters_snapshot *resolver, char text[LOCAL_RESOLVER_TEXT]);

struct local_resolvers {
	struct counters_snapshot *list;
	size_t count;
};

/* Tells the resolvers that read `table` of a new one, by SIGUSR1. The signal's default ends a process: so it goes
 * only to a process that is the one its file says, and that handles the signal. No process of another pid namespace
 * gets it, since the pid there is another process's. */
void local_resolvers_tell(struct local_resolvers *told, const char *run, const char *table);

/* Tells the resolvers that run and have another generation in force. */
void local_resolvers_remind(const char *run, const char *table, uint64_t generation);

/* How many resolvers were told, and how many of them block by what they were told. */
struct local_resolvers_follow {
	unsigned told, follow;
};

/* Waits, a few seconds at most, until each resolver that was told has the table of this generation in force and its
 * cache scrubbed. Logs what each does, and frees `told`. */
struct local_resolvers_follow local_resolvers_await(
	struct local_resolvers *told, const char *run, const char *table, uint64_t generation);

/* Waits until each of those that were told says that everything passes until then; or, for 0, that its table is in force
 * and its cache scrubbed; for `wait_ms` at most, all together. Their list is then what they said last; the caller frees
 * it. Returns whether each that runs, and whose workers are threads, said so in time. */
enum { LOCAL_RESOLVERS_WAIT_MS = 5000 };
must_check bool local_resolvers_await_bypass(
	struct local_resolvers *told, const char *run, const char *table, uint64_t until, int wait_ms);

/* Whether a resolver that runs reads this table. In a chroot its path is shorter. */
bool local_resolver_reads(const struct counters_snapshot *resolver, const char *table);

/* Whether every resolver that runs and reads this table reads the format in which it is to be written. Returns 0,
 * WEIR_EVERSION with the one that does not, or -ENOMEM. */
must_check int local_resolvers_can_read(const char *run, const char *table, uint32_t format, struct why *why);
