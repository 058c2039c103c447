/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync sync`, and how the end of a sync is told to a shell. */
#pragma once

#include "feedsync/sync/sync.h"

/* The exit code of a sync: see the help of `feedsync sync`. `run` answers with it too (control_server.h). */
int sync_exit_code(const struct sync *sync);

/* Asks for all feeds and publishes, once. `ask` false: publishes what has come before. */
void sync_all_once(struct sync *sync, bool ask);

/* `feedsync sync --dry-run`: prints what a sync would change. `popular`: a file of names of which it tells those that would
 * be blocked, or NULL. `ask` false: what the configuration changes, with what the feeds have brought before. Returns the
 * exit code that the sync would have. */
int sync_dry_run(const struct config *config, const char *popular, bool ask);
