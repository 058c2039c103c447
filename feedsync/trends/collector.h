/* SPDX-License-Identifier: BSD-3-Clause */
/* The collector reads what the resolvers of this machine count, every COLLECT_S seconds, and writes it to the store once a
 * minute in one transaction (trends_store.h).
 *
 * Whatever fails, it goes on: what could not be committed is tried again with what came since. It says so once, and once when
 * it is over; the store tells `status` when it was written last. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "feedsync/trends/counted_process.h"

struct trends;

struct collector {
	const struct config *config;
	struct trends *store; /* NULL: it cannot be opened */
	struct counted_process *process;
	size_t process_count;
	uint64_t hour;         /* of what is not committed yet; 0: nothing was read yet */
	uint64_t committed_ms; /* clock_ms */
	uint64_t read_ms;
	uint64_t lost_minutes; /* in which nobody read, since the last commit */
	bool collected_before; /* by this collector or one before */
	bool looked;           /* at the directory, once */
	uint64_t queries, queries_added, queries_asked_ms;
	bool queries_known, queries_added_known;
	bool store_failed, queries_failed, digest_failed; /* and that was said */
	uint64_t forgotten_day;
};

void collector_begin(struct collector *collector, const struct config *config);

/* Reads all processes, and commits when a minute is over or the hour has changed. `now`: seconds since 1970. */
void collector_step(struct collector *collector, uint64_t now);

/* Commits what has been read. */
void collector_commit(struct collector *collector, uint64_t now);

void collector_end(struct collector *collector);

/* When the store was written to last, seconds since 1970; 0: never. Returns 0 or a negative code with the reason. */
struct why;
must_check int collector_written_at(struct trends *trends, uint64_t *at, struct why *why);
