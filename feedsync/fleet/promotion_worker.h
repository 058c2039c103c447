/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking at canaries, for `run`: a process for each channel that is promoted from another one. It looks each `probe-interval`,
 * and is begun anew each hour, with the lists of names as they are then. */
#pragma once

#include <stdint.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/worker.h"

struct config;

/* A zeroed one is at rest. */
struct promotion_worker {
	struct promotion_process {
		struct worker worker;
		uint64_t next_ms; /* clock_ms: it is not begun before */
	} channels[MAX_CHANNELS];
};

/* Begins what is not at work, and takes the end of what has ended. Never waits. */
void promotion_worker_step(struct promotion_worker *worker, const struct config *config);

/* Ends all. Then the configuration may be another one. */
void promotion_worker_end(struct promotion_worker *worker);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t promotion_worker_wait_ms(const struct promotion_worker *worker, const struct config *config);
