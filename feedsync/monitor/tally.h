/* SPDX-License-Identifier: BSD-3-Clause */
/* What monitoring remembers between two looks at the resolvers: the number by which each is shown, and how many answers
 * were blocked in each of the last hours. It stands in <state>/monitor.json: `run` keeps it where it serves pages, else
 * `metrics -o` does.
 *
 * A resolver's number stays as long as its process runs, and a new process takes the lowest that is free: so the one
 * resolver of a machine is always number 1, and graphs go on over a restart. Counters begin anew with each reload; what
 * was counted between the last look and the reload is in no hour. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/live/counters.h"
#include "libweir/live/shm_file.h"

enum {
	TALLY_RESOLVERS = 64, /* that are shown one by one; more are only counted */
	TALLY_HOURS = 24,
	TALLY_GAP_S = 900, /* after a longer time without a look nobody knows in which hour something was blocked */
};

struct tally_resolver {
	char name[SHARED_NAME];
	unsigned number; /* from 1 */
	uint64_t blocked;
};

struct tally_hour {
	uint64_t begin; /* seconds since 1970, a multiple of 3600 */
	uint64_t blocked;
};

struct tally {
	uint64_t at; /* of the last look, 0 = there was none */
	struct tally_resolver resolver[TALLY_RESOLVERS];
	size_t resolver_count;
	struct tally_hour hour[TALLY_HOURS]; /* the oldest first; those without a look are left out */
	size_t hour_count;
};

/* Reads what was left; one that is missing or damaged is as if nobody had looked before. */
void tally_read(struct tally *tally, const char *state);

/* Writes it; a failure is logged. */
void tally_write(const struct tally *tally, const char *state);

/* Looks at the resolvers. */
void tally_look(struct tally *tally, const struct counters_snapshot *resolvers, size_t count, uint64_t now);

/* How many answers a resolver has blocked since its counters began. */
uint64_t tally_blocked(const struct counters_snapshot *resolver);

/* The number of a resolver; 0 = it is not shown by itself, as it does not run, or as there are too many. */
unsigned tally_number(const struct tally *tally, const struct counters_snapshot *resolver);
