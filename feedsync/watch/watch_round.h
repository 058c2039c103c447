/* SPDX-License-Identifier: BSD-3-Clause */
/* One round over the fleet: every resolver is probed, Prometheus is asked where one is named, and what came is remembered. A round
 * takes PROBE_TIMEOUT_S for each PROBES_AT_ONCE resolvers that are silent, and PROMETHEUS_WAIT_S, at most. Of two at the same time
 * the second one waits for the first. */
#pragma once

#include "feedsync/watch/watch_record.h"

/* The configuration has a fleet. Returns 0; or a negative code with the reason where the state directory cannot be written to: no
 * round was made, or it is not remembered. watch_end follows in any case. The wall clock has begun (wall_clock.h). One thread, as
 * fetch_all. */
must_check int watch_round(struct watch *watch, const struct config *config, struct why *why);

/* ---- for `run` ---- */

#include "feedsync/base/worker.h"

struct watch_worker {
	struct worker worker; /* which makes a round */
	uint64_t next_ms;     /* when the next one is due, clock_ms() */
	bool failed;          /* the last one did, which was logged */
};

/* Begins a round if one is due, and takes the end of one. Does nothing where there is no fleet. Never waits. */
void watch_worker_step(struct watch_worker *worker, const struct config *config);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t watch_worker_wait_ms(const struct watch_worker *worker, const struct config *config);
void watch_worker_end(struct watch_worker *worker);
