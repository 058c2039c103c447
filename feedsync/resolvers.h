/* The resolvers on this machine that have the module loaded, found by their live counters files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "counters.h"

/* Reads all files of the run directory. One whose process is not alive is that of a resolver that was killed: the next
 * one to start there removes it. Returns a malloc'ed array (NULL when there is none) and its length. `run` NULL, or a
 * missing directory, is one without resolvers. */
must_check struct counters_snapshot *resolvers_find(const char *run, size_t *count);

/* Tells resolvers of a new table: SIGUSR1, to a process that is the one its file says and that has a handler for the
 * signal, since the signal's default would end it. Then waits, a few seconds at most, until each says that the table of
 * this generation is in force and its cache scrubbed, and logs what each does. Resolvers whose module watches another
 * table are passed over. */
void resolvers_tell(const char *run, const char *table, uint64_t generation);
