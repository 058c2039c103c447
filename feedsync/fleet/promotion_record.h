/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of a channel that is promoted from another one, in <state>/fleet/promotion/<channel>:
 *
 *   record.json             what was decided: which table is promoted, and whether it is halted
 *   health.json             what was seen, and how far the trial has come
 *   bases                   tables, with those that these two name (base_tables.h)
 *   tables, deltas          what the channel is given of them (bundle.h)
 *   promotion.lock          one process at a time decides
 *
 * Each file is replaced as a whole, and a table is there before a record names it. So after a crash the old decision is in
 * force, or the new one. If the health is lost a trial begins anew. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/fleet/health_names.h"
#include "feedsync/fleet/promotion_judge.h"
#include "libweir/attributes.h"

struct channel;
struct why;

#define PROMOTION_RECORD "record.json"

enum { PROMOTION_BY = 128 };

struct promotion_record {
	struct base_table promoted;     /* generation 0 = none is */
	uint64_t promoted_at;           /* seconds since 1970, like each `_at` here */
	char promoted_by[PROMOTION_BY]; /* by hand; "" = the canaries were healthy */
	struct base_table
		amended;    /* the promoted table with what is allowed by command now; generation 0 = it is the same */
	uint64_t overrides; /* a sum of the overrides by which that was made, and of when they end */
	uint64_t halted_at; /* 0 = it is not */
	struct base_table halted;      /* what the canaries had then */
	char halted_by[PROMOTION_BY];  /* by hand; "" = the canaries were unhealthy */
	char reason[PROMOTION_REASON]; /* what was seen */
};

enum { KNOWN_BLOCKED = HEALTH_NAMES /* each may be blocked */, KNOWN_NAME = MANIFEST_NAME_TEXT };

struct promotion_health {
	struct trial trial;
	struct promotion_finding finding; /* of the last look */
	uint64_t looked_at;               /* 0 = never */
	uint64_t since;                   /* its state is so since then */
	uint32_t canaries;                /* that are configured */
	struct health_before before;
	uint32_t blocked_count; /* names that are blocked with the promoted table in force */
	char blocked[KNOWN_BLOCKED][KNOWN_NAME];
};

/* "rests", "waits", "proves", "ready", "unhealthy". */
const char *promotion_state_word(enum promotion_state state);

/* The folder. Returns `folder`. */
const char *promotion_folder(const char *state, const struct channel *channel, char folder[FOLDER_TEXT]);

/* Takes the lock. Returns a descriptor that holds it until it is closed, or -errno with the reason. */
must_check int promotion_lock(const char *state, const struct channel *channel, struct why *why);

/* Returns 0, also where there is no record: an empty one; or a negative code with the reason, and an empty one. */
must_check int promotion_record_read(
	struct promotion_record *record, const char *state, const struct channel *channel, struct why *why);

/* Returns 0, or a negative code with the reason: the old record still stands. */
must_check int promotion_record_write(
	const struct promotion_record *record, const char *state, const struct channel *channel, struct why *why);

/* What cannot be read is empty. */
void promotion_health_read(struct promotion_health *health, const char *state, const struct channel *channel);

/* A failure is logged. */
void promotion_health_write(const struct promotion_health *health, const char *state, const struct channel *channel);
