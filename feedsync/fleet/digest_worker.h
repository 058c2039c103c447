/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests of hits (hit_digest.h) on their way: a resolver's host puts those that wait (hit_digest_outbox.h) into a target, the
 * compiler takes them from there into its store. For `run`: a process of its own, each DIGEST_INTERVAL_S. What fails is tried again
 * by the next one; it is said once, and once when it is over. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/worker.h"
#include "libweir/attributes.h"

struct config;
struct why;

/* Puts all that wait, the oldest first, and removes from the target what is HIT_DIGEST_HOURS old. Returns 0 or a negative code with
 * the reason; what could not be put still waits. */
must_check int digests_send(const struct config *config, struct why *why);

/* Takes what resolvers of the fleet have put of hours before `hour` and was not taken yet. A digest that is refused is logged, with
 * its name, and not asked for again. Returns 0 or a negative code with the reason. */
must_check int digests_take(const struct config *config, uint64_t hour, struct why *why);

struct digest_worker {
	struct worker worker;
	uint64_t next_ms; /* when the next one is due, clock_ms() */
	bool failed;      /* the last one did, which was logged */
};

/* Begins one if it is due, and takes the end of one. Does nothing where the configuration names no place for digests. Never
 * waits. */
void digest_worker_step(struct digest_worker *worker, const struct config *config);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t digest_worker_wait_ms(const struct digest_worker *worker, const struct config *config);
void digest_worker_end(struct digest_worker *worker);
