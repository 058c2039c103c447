/* SPDX-License-Identifier: BSD-3-Clause */
/* Telling sightings in a process of its own (worker.h), for `run`: whatever becomes of it, the sync goes on. It begins when a
 * partner's record says that something is due (sighting_record.h). */
#pragma once

#include <stdint.h>

#include "feedsync/base/worker.h"
#include "feedsync/config/configuration.h"

struct sighting_worker {
	struct worker worker;
	uint64_t next_ms; /* when to look again, clock_ms() */
};

/* Begins if something is due, and takes the end of one. Does nothing where there are no partners. Never waits. */
void sighting_worker_step(struct sighting_worker *worker, const struct config *config);

/* The configuration is another one: ends one that tells by the old one, and looks at once. What is pending stays so. */
void sighting_worker_want(struct sighting_worker *worker);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t sighting_worker_wait_ms(const struct sighting_worker *worker, const struct config *config);
void sighting_worker_end(struct sighting_worker *worker);
