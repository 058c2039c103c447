/* SPDX-License-Identifier: BSD-3-Clause */
/* Which tables may have been in force when: the tables of the race are published here, one after the other, and the
 * module's live counters tell when it has done with the one before.
 *
 * A publication's time begins just before its rename, and ends when the counters have said that a later one is in force
 * and that the cache has been walked for it. The true time lies within: so whatever answer belongs to no publication
 * whose time touches that of the query is wrong beyond doubt.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct timeline_options {
	const char *directory; /* with the prepared tables, named by their generations: 1, 2, ... */
	unsigned tables;       /* how many; they are published round and round */
	const char *table;     /* where they are published; number 1 is there at the start */
	const char *live;      /* the module's live counters */
	pid_t pid;             /* is sent SIGUSR1 now and then; 0 = nobody is */
	unsigned interval_ms;
};

uint64_t timeline_now(void); /* nanoseconds */

/* Starts two threads: one publishes, one watches the counters. Ends the program if it cannot. */
void timeline_start(const struct timeline_options *given);
void timeline_stop(void);

/* Calls `visit` with the generation of each publication that may have been in force between the two moments. Returns
 * how many there were. */
unsigned timeline_each(uint64_t from, uint64_t to, void (*visit)(void *context, uint64_t generation), void *context);

unsigned timeline_published(void);
unsigned timeline_walked(void);  /* publications that the module was seen to have walked the cache for */
uint64_t timeline_longest(void); /* nanoseconds: the longest that one took from its rename to that */
