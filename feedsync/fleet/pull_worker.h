/* SPDX-License-Identifier: BSD-3-Clause */
/* The pulls of `run`: one each PULL_INTERVAL_S, a quarter of it more or less, each in a process of its own (worker.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct pull_worker {
	struct worker worker;
	uint64_t next_ms;   /* clock_ms: when the next pull begins */
	uint64_t window_ms; /* clock_ms: when this host may fetch what is offered; 0 = nothing waits for that */
	bool failing;       /* the last pull failed, and that was said */
};

/* Begins a pull where one is due, and looks at what has come of it. Nothing happens where nothing is pulled. */
void pull_worker_step(struct pull_worker *worker, const struct config *config);

/* Milliseconds until the next step is wanted; -1: none is. */
int64_t pull_worker_wait_ms(const struct pull_worker *worker, const struct config *config);

/* A pull is due at once. */
void pull_worker_want(struct pull_worker *worker);

/* Ends a pull that is under way. */
void pull_worker_end(struct pull_worker *worker);
