/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync history`. */
#pragma once

#include "feedsync/config/configuration.h"

/* `history [--json] [-n N]`: the last N publishes (10), newest first. `history [--json] GENERATION`: one, with what
 * changed. Reads only: needs no lock. Returns the exit code, 0 or 2. */
int history_command(const struct config *config, int argc, char **argv);
