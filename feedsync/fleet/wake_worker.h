/* SPDX-License-Identifier: BSD-3-Clause */
/* What wakes a puller for an urgent manifest: a process beside `run` that looks at the object `wake` (manifest.h) each
 * WAKE_INTERVAL_S, over a connection that stays open, and ends when that tells of a serial that is new.
 *
 * The object is a hint, and may lie: all that follows from it is one pull like any other, and the next process begins
 * WAKE_PAUSE_S later. So whoever writes what he likes there costs a pull each WAKE_PAUSE_S. What fails here costs nothing: a
 * pull comes each PULL_INTERVAL_S all the same, and tells of what is wrong with the server. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct wake_worker {
	struct worker worker;
	uint64_t next_ms; /* clock_ms: when the next process may begin */
	uint64_t told;    /* the serial that was told of last; 0 = none was */
};

/* Begins the process where it is due, and looks at what has come of it. Returns the serial that it has found to be urgent, if
 * that is above the one in force; else 0. */
uint64_t wake_worker_step(struct wake_worker *worker, const struct config *config, uint64_t in_force);

/* Milliseconds until the next step is wanted; -1: the end of the process tells (SIGCHLD). */
int64_t wake_worker_wait_ms(const struct wake_worker *worker);

/* Ends the process. */
void wake_worker_end(struct wake_worker *worker);
