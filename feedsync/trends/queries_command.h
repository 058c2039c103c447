/* SPDX-License-Identifier: BSD-3-Clause */
/* How many queries the resolver had in all, as a command of the operator's tells (unbound-control stats_noreset). */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* Runs a command of so many words with "stats_noreset" behind them, without a shell, for QUERIES_WAIT_MS at most. Takes the
 * number of its line "total.num.queries=NUMBER". Returns 0, or a negative code with the reason. */
must_check int queries_command_run(const char *const *words, unsigned count, uint64_t *queries, struct why *why);
