/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits: what was blocked or logged, and for whom. A shared file (shm_file.h), <pid>.hits, beside the live counters.
 *
 * It holds counts by feed, category and action, counts of the queries that groups let pass, and for each worker a ring
 * of its last events. Everything is written with relaxed atomic additions to the worker's own part, without a lock;
 * nobody waits for a reader. A ring goes round: a reader that is too slow, or not there, misses events, and can tell
 * how many.
 *
 * Feeds, categories and groups are known by numbers that stay the same for the life of the process, whatever tables
 * come: the thread that takes tables into force hands them out. Number 0 stands for all that came when no number was left.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

#define HITS_SOURCES 1024 /* pairs of feed and category */
#define HITS_GROUPS 256
#define HITS_WORKERS 64
#define HITS_RING 256 /* events of a worker; power of two */

/* One query that was blocked or logged. */
struct hit {
	uint64_t at_us; /* microseconds since 1970 */
	uint16_t qtype;
	uint16_t source; /* number of the feed and category */
	uint16_t group;  /* number of the client's group */
	uint8_t action;
	uint8_t target;      /* 1: it was the target of an alias or service */
	uint8_t client_bits; /* of the client's address that follow, of 128; 0: it is not told */
	uint8_t rule_length;
	uint8_t client[ADDRESS_LENGTH];
	name_storage rule;
};

struct hits_worker {
	_Alignas(128) _Atomic uint64_t count[HITS_SOURCES][ACTION_COUNT];
	_Atomic uint64_t passed[HITS_GROUPS];
	_Atomic uint64_t written; /* events, ever */
	struct {
		_Atomic uint64_t number; /* from 1; 0: being written */
		struct hit hit;
	} ring[HITS_RING];
};

/* ---- the module's side ---- */

struct hits;

/* As counters_create. */
must_check int hits_create(struct hits **hits, const char *directory);
void hits_remove(struct hits **hits);

/* As shm_file_appear. */
must_check int hits_appear(struct hits *hits);

/* Returns a part for one more worker, or NULL when there is no room for it: then this worker's hits are not counted. More
 * than HITS_WORKERS workers share parts. Any thread. */
struct hits_worker *hits_worker(struct hits *hits);

/* The number of a feed and category, and of a group. One thread at a time; a forked child gets no new ones. */
uint16_t hits_source(struct hits *hits, const char *feed, const char *category);
uint16_t hits_group(struct hits *hits, const char *group);

void hits_count(struct hits_worker *worker, uint16_t source, enum action action);
void hits_pass(struct hits_worker *worker, uint16_t group);
void hits_write(struct hits_worker *worker, const struct hit *hit);

/* ---- the reader's side ---- */

struct hits_reader;

/* Opens a process's file, at the oldest events that it still has. Returns 0, -errno or WEIR_EFORMAT. */
must_check int hits_open(struct hits_reader **reader, const char *path);
void hits_close(struct hits_reader **reader);

/* Calls `visit` for each feed and category with its counts by action, and for each group with the queries it let pass.
 * Returns 0 or -EIO. */
must_check int hits_each_source(struct hits_reader *reader,
	void (*visit)(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT]),
	void *context);
must_check int hits_each_group(
	struct hits_reader *reader, void (*visit)(void *context, const char *group, uint64_t passed), void *context);

/* The next events: up to `room` of them into `list`. Returns how many, or -EIO. */
must_check int hits_read(struct hits_reader *reader, struct hit *list, int room);

/* Events that were written over before they were read, since this reader was opened. */
uint64_t hits_lost(const struct hits_reader *reader);

/* Names behind a hit's numbers, valid until the next call; "?" where there is none. */
const char *hits_feed_name(struct hits_reader *reader, uint16_t source);
const char *hits_category_name(struct hits_reader *reader, uint16_t source);
const char *hits_group_name(struct hits_reader *reader, uint16_t group);

/* Whether the reader's file is still the one at the path. A reload makes a new file; the file of a process that was killed
 * stays until another process begins. */
bool hits_is_current(const struct hits_reader *reader, const char *path);
