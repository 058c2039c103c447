/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports are written by a process of their own: `run` goes on meanwhile. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct report_worker {
	struct worker worker;
	uint64_t next_ms; /* clock_ms: when to look again what is due */
	bool failed;      /* the last one could not be written, and that was said */
};

/* Begins a report that is due, and takes the end of one that was begun. */
void report_worker_step(struct report_worker *worker, const struct config *config);

/* Milliseconds until the next step is wanted; -1: none is. */
int64_t report_worker_wait_ms(const struct report_worker *worker, const struct config *config);

/* Ends a report that is being written. */
void report_worker_end(struct report_worker *worker);
