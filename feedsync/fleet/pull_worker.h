/* SPDX-License-Identifier: BSD-3-Clause */
/* The pulls of `run`: one each PULL_INTERVAL_S, a quarter of it more or less, or when something urgent wakes it (wake_worker.h);
 * each in a process of its own (worker.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/wake_worker.h"

struct pull_worker {
	struct worker worker;
	uint64_t next_ms;   /* clock_ms: when the next pull begins */
	uint64_t window_ms; /* clock_ms: when this host may fetch what is offered; 0 = nothing waits for that */
	uint64_t alone_ms;  /* clock_ms: until then the server asks to be left alone */
	bool failing;       /* the last pull failed, and that was said */
	bool pulled;        /* a pull has told which serial is in force: */
	uint64_t serial;
	struct wake_worker wake;
	uint64_t woken; /* the serial that the next pull is woken for; 0 = it is not */
};

/* Begins a pull where one is due, and looks at what has come of it. Nothing happens where nothing is pulled. */
void pull_worker_step(struct pull_worker *worker, const struct config *config);

/* Milliseconds until the next step is wanted; -1: none is. */
int64_t pull_worker_wait_ms(const struct pull_worker *worker, const struct config *config);

/* A pull is due at once. */
void pull_worker_want(struct pull_worker *worker);

/* Ends a pull that is under way. */
void pull_worker_end(struct pull_worker *worker);
