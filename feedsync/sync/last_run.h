/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of the last run: <state>/sync.json. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/base/wall_clock.h"

struct config;

struct last_run {
	uint64_t at; /* when it ended, or began; seconds since 1970; 0 = never */
	bool ended;
	bool resident;                /* it was one of `run`, which takes care of the feeds' intervals */
	char error[512];              /* why nothing was published, or "" */
	enum error_class error_class; /* of `error` */
	struct wall_record wall;
};

/* Begins to tell the time of day (wall_clock.h), by what the last run left. */
void last_run_begin_clock(const struct config *config);

/* Reads it; a missing one is as if nothing had ever run. */
void last_run_read(struct last_run *record, const char *state);

/* Writes it, of now; a failure is logged. */
void last_run_write(const char *state, bool resident, bool ended, enum error_class class, const char *error);
