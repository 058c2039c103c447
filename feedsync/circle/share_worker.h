/* SPDX-License-Identifier: BSD-3-Clause */
/* Sharing in a process of its own (worker.h), for `run`: whatever becomes of it, the sync goes on. It is done when another
 * table is published, whoever published it; when the configuration is another one; and each EXPIRY_S, since entries end and
 * markings change without a new table. What failed is tried again after RETRY_S,
 * and what has not come to an end after MAX_SHARE_S is ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct share_worker {
	struct worker worker;
	uint64_t next_ms; /* when it is due in any case, clock_ms() */
	uint64_t table;   /* path_sum of the table when it was begun last; 0 = never */
};

/* Begins if it is due, and takes the end of one. Does nothing where the configuration has no outputs. Never waits. */
void share_worker_step(struct share_worker *worker, const struct config *config);

/* Is due: the configuration is another one. */
void share_worker_want(struct share_worker *worker);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t share_worker_wait_ms(const struct share_worker *worker, const struct config *config);
void share_worker_end(struct share_worker *worker);
