/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync sync`, and how the end of a sync is told to a shell. */
#pragma once

#include "feedsync/sync/sync.h"

/* The exit code of a sync: see the help of `feedsync sync`. `run` answers with it too (control_server.h). */
int sync_exit_code(const struct sync *sync);
