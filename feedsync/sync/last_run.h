/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of the last run: <state>/sync.json. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/base/wall_clock.h"

struct config;

/* How a run came out, in the order of its words (run_end_word). */
enum run_end {
	RUN_END_UNDER_WAY,
	RUN_END_STOPPED, /* by a signal */
	RUN_END_PUBLISHED,
	RUN_END_UNCHANGED, /* the table that is published is the one that it made */
	RUN_END_HELD,
	RUN_END_FAILED, /* nothing new of the feeds is published */
	RUN_END_COUNT,
	RUN_END_FIRST_COUNTED = RUN_END_PUBLISHED,
};

const char *run_end_word(enum run_end end);

struct last_run {
	uint64_t at; /* when it ended, or began; seconds since 1970; 0 = never */
	bool ended;
	bool resident;                  /* it was one of `run`, which takes care of the feeds' intervals */
	char error[512];                /* why nothing was published, or "" */
	enum error_class error_class;   /* of `error` */
	uint64_t counts[RUN_END_COUNT]; /* of all runs, from RUN_END_FIRST_COUNTED on */
	struct wall_record wall;
};

/* Begins to tell the time of day (wall_clock.h), by what the last run left. */
void last_run_begin_clock(const struct config *config);

/* Reads it; a missing one is as if nothing had ever run. */
void last_run_read(struct last_run *record, const char *state);

/* Writes it, of now, and counts it; a failure is logged. */
void last_run_write(const char *state, bool resident, enum run_end end, enum error_class class, const char *error);
