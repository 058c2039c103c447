/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync rollback` and `feedsync resume`. */
#pragma once

#include "feedsync/config/configuration.h"

/* Publishes the content of an earlier generation again, under a new one, and sets a hold (hold.h): until `resume` no
 * sync publishes anything. Works beside a running `run`. Returns the exit code, 0 or 2. */
int rollback_command(const struct config *config, int argc, char **argv);

/* Ends the hold. Returns the exit code: 0, also where there was none, or 2. */
int resume_command(const struct config *config, int argc, char **argv);
