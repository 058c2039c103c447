/* SPDX-License-Identifier: BSD-3-Clause */
/* The scrub: after a change of table, and slowly all the time, what the table blocks is taken out of the message cache. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct module_env;
struct reply_info;
struct table;

/* A walk over the whole message cache that takes out every message the table would block. It runs beside the workers,
 * in slices: no lock is held for longer than one bin takes. It goes round: begun anew with another table it goes on
 * from where it is, so that tables in quick succession cannot keep it from ever reaching the last bins. */
struct scrub {
	uint64_t walked; /* messages so far */
	uint64_t evicted;
	size_t slab, bin;  /* where the next slice begins */
	size_t slabs_left; /* until the round is complete; 0 = nothing to do, SCRUB_ALL = a round is to begin */
	/* a message that the caller is just being answered from, or NULL: it is not taken out but made to be no answer the
	 * next time. Only where nothing runs beside the caller. */
	const struct reply_info *busy;
};

#define SCRUB_ALL SIZE_MAX

/* Begins a round; counts start from zero. Does not touch the cache. */
void scrub_begin(struct scrub *scrub);

/* Walks one slice, a few bins: some microseconds. The cache must exist meanwhile. */
void scrub_walk(struct module_env *env, const struct table *table, struct scrub *scrub);
