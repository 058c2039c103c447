/* SPDX-License-Identifier: BSD-3-Clause */
/* The scrub: a walk over the whole message cache that removes every message that the table would block, at once after a
 * change of table, and slowly all the time. It runs beside the workers, in slices. No lock is held for longer than one bin
 * takes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plugin/core/scrub_round.h"

struct module_env;
struct reply_info;
struct table;

struct scrub {
	struct scrub_round round;
	uint64_t walked;  /* messages looked at since the round began */
	uint64_t evicted; /* of them */
	/* The message that is being sent to the caller right now, or NULL. It is not removed: it is made unfit to be an
	 * answer the next time. Used only where nothing runs beside the caller. */
	const struct reply_info *busy;
};

/* Begins a round; counts start from zero. Does not touch the cache. */
void scrub_begin(struct scrub *scrub);

/* Walks one slice of the round, a few bins: some microseconds. The cache must exist meanwhile. */
void scrub_walk(struct module_env *env, const struct table *table, struct scrub *scrub);

/* Whether there is nothing to walk: the round is complete, or was given up. */
bool scrub_is_done(const struct scrub *scrub);

/* Gives the round up. The next one goes on from where it is. */
void scrub_give_up(struct scrub *scrub);
