/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of a partner, for whoever looks: <state>/sightings/<partner>.json, written after each attempt. What was told is in
 * the store (sighting_store.h); this also says when the next attempt is due. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/circle/sighting_store.h"

struct sighting_record {
	uint64_t tried_at;             /* seconds since 1970; 0 = never */
	uint64_t sent_at;              /* when something was taken last; 0 = never */
	uint64_t failed_at;            /* the first of the attempts that have failed since; 0 = the last one has not */
	uint64_t next_at;              /* nothing is tried before; 0 = there is nothing to wait for */
	uint64_t failures;             /* attempts in a row */
	struct sighting_counts counts; /* as of the last attempt */
	enum error_class error_class;
	char error[256];
};

/* Reads it; one that is missing or damaged is as if nothing had been tried. */
void sighting_record_read(struct sighting_record *record, const char *state, const struct partner *partner);

/* Writes it; a failure is logged. */
void sighting_record_write(const struct sighting_record *record, const char *state, const struct partner *partner);

/* Notes that an attempt went well, or failed with what stands in error and error_class: then it is due again after 5, 10, 20 ...
 * 240 minutes, or an hour where the secret is at fault; not before `retry_after_s`. */
void sighting_record_well(struct sighting_record *record);
void sighting_record_failed(struct sighting_record *record, uint64_t retry_after_s);

/* The last day that is to be closed by now. */
uint64_t sighting_due_day(const struct partner *partner, uint64_t now);

/* Whether something is to be done: a day is to be closed, or something is pending, and nothing is to be waited for. */
bool sighting_is_due(const struct sighting_record *record, const struct partner *partner, uint64_t now);
