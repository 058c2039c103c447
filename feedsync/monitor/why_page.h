/* SPDX-License-Identifier: BSD-3-Clause */
/* The page that tells why a name is blocked: by what the published table says, without the state directory. `feedsync
 * why` knows more. */
#pragma once

#include <stdio.h>

#include "feedsync/monitor/snapshot.h"
#include "libweir/table.h"

/* `table` may be NULL: none can be read. */
void why_page_print(const struct table *table, const struct snapshot *snapshot, const char *name, FILE *out);
