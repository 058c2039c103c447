/* SPDX-License-Identifier: BSD-3-Clause */
/* The collector in a process of its own beside `run`, which begins it again if it ends. So neither a slow disk nor a
 * damaged store keeps `run` from anything. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct collector_worker {
	struct worker worker;
	uint64_t next_ms; /* clock_ms: when it may be begun again */
	bool failed;      /* it could not be begun or was ended, and that was said */
};

/* Begins it where the configuration wants it and it does not run. */
void collector_worker_step(struct collector_worker *worker, const struct config *config);

/* Milliseconds until the next step is wanted; -1: none is. */
int64_t collector_worker_wait_ms(const struct collector_worker *worker, const struct config *config);

/* Ends it; it writes what it has read. It is begun with the next step, by the configuration of then. */
void collector_worker_end(struct collector_worker *worker);
