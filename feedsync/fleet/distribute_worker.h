/* SPDX-License-Identifier: BSD-3-Clause */
/* Giving the published table to the channels, for `run`: a process for each. It is done when another table is published or
 * promoted, whoever did it; and each EXPIRY_S, since manifests expire. What failed is tried again after RETRY_CHANNEL_S. */
#pragma once

#include <stdint.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/worker.h"

struct config;

struct distribute_worker {
	struct channel_worker {
		struct worker worker;
		uint64_t next_ms; /* when it is due in any case, clock_ms() */
		uint64_t table;   /* table_source_sum when it was begun last; 0 = never */
	} channels[MAX_CHANNELS];
};

/* Begins what is due, and takes the end of what has ended. Never waits. */
void distribute_worker_step(struct distribute_worker *worker, const struct config *config);

/* Ends what is under way: what is cut off is done anew. Then the configuration may be another one. */
void distribute_worker_end(struct distribute_worker *worker);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t distribute_worker_wait_ms(const struct distribute_worker *worker, const struct config *config);
