/* SPDX-License-Identifier: BSD-3-Clause */
/* The scrub removes from the message cache what the table blocks: at once after a change of table, and slowly all the
 * time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct module_env;
struct reply_info;
struct table;

/* A walk over the whole message cache. It removes every message that the table would block. It runs beside the workers,
 * in slices: no lock is held for longer than one bin takes. The walk goes round: when it begins again with another
 * table it goes on from where it is. So tables in quick succession cannot keep it from the last bins. */
struct scrub {
	uint64_t walked; /* messages so far */
	uint64_t evicted;
	size_t slab, bin;  /* where the next slice begins */
	size_t slabs_left; /* until the round is complete; 0 = nothing to do, SCRUB_ALL = a round is to begin */
	/* The message that is being sent to the caller right now, or NULL. It is not removed: it is made unfit to be an
	 * answer the next time. Used only where nothing runs beside the caller. */
	const struct reply_info *busy;
};

#define SCRUB_ALL SIZE_MAX

/* Begins a round; counts start from zero. Does not touch the cache. */
void scrub_begin(struct scrub *scrub);

/* Walks one slice, a few bins: some microseconds. The cache must exist meanwhile. */
void scrub_walk(struct module_env *env, const struct table *table, struct scrub *scrub);
