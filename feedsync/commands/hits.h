/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync hits`: the events of queries that were blocked or logged, from all resolvers on this machine. */
#pragma once

#include <stdbool.h>

#include "feedsync/config/configuration.h"

/* Prints the last events that are still there, one a line and tab-separated: time (UTC), resolver (its pid), rule, type, action,
 * group, feed, category, client's prefix or "-". With `follow` goes on until a signal ends it. Returns an exit code: 0,
 * or 1 where no resolver has any. */
int hits_command(const struct config *config, bool follow);
