/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a table's file again, under another generation. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* Verifies the table in the file `from` and writes it to `to`, an empty regular file open for writing, with this
 * generation and time of making (seconds since 1970; 0 for either: as it was) in its header: nothing else depends on
 * them. Leaves both open, `to` not synced. Returns 0, -errno, WEIR_EFORMAT or WEIR_EVERSION with the reason. */
must_check int table_restamp(int from, int to, uint64_t generation, uint64_t created, struct why *why);
