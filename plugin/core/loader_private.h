/* SPDX-License-Identifier: BSD-3-Clause */
/* Between loader.c and loader_keep.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "libweir/attributes.h"
#include "plugin/core/loader.h"

enum { LOADER_RETRY = 30 }; /* looks until something that could not be done is tried once more */

uint64_t loader_now_us(clockid_t clock);

/* Puts a table in force that was read from `file`, as of `since` (seconds since 1970). Takes the table in any case. The
 * caller publishes the state and says so. */
must_check bool loader_accept(
	struct loader *loader, struct table *table, const char *file, uint64_t since, uint64_t load_us);

/* "in force: generation 5, ..." */
void loader_describe(const struct loader *loader, char *text, size_t size);

/* Puts in force what was in force before the module began, if it can be found. Returns whether something is. */
must_check bool loader_restore(struct loader *loader);
