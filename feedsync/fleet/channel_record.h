/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of a channel that we publish, for whoever looks: <state>/fleet/channels/<channel>/record.json, written after
 * each attempt. It is no source of anything: what was published stands in channel_files.h. */
#pragma once

#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/error_class.h"

struct channel;

struct channel_record {
	uint64_t tried_at;                 /* seconds since 1970; 0 = never */
	uint64_t serial, at, expires;      /* of the newest manifest; 0 = there is none */
	uint64_t generation, rules;        /* of its table */
	uint64_t octets, deltas, smallest; /* of the table as it is fetched; of deltas, and the smallest one's octets */
	char sha256[SHA256_TEXT];          /* of the table */
	uint64_t failed_at;           /* the first of the attempts that have failed since; 0 = the last one has not */
	enum error_class error_class; /* of it; ERROR_ALARM: another compiler publishes there */
	char error[256];
};

/* Reads it; one that is missing or damaged is as if nothing had been tried. */
void channel_record_read(struct channel_record *record, const char *state, const struct channel *channel);

/* Writes it; a failure is logged. */
void channel_record_write(const struct channel_record *record, const char *state, const struct channel *channel);
