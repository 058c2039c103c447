/* SPDX-License-Identifier: BSD-3-Clause */
/* What a puller keeps between two pulls, <state>/pull.json: which manifest is in force, how high the serials of each key have
 * come, and how the last pull ended. It is written as a whole after each pull. Whatever is lost with it, the table in force is
 * not touched. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/base/file_sum.h"
#include "feedsync/base/url.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"

enum { PULL_KEY_TEXT = 17, PULL_FLOORS = 32 };

/* How high the serials of a channel have come that one key has signed: nothing below it is taken. */
struct pull_floor {
	char key[PULL_KEY_TEXT]; /* its number (minisign_key_number) */
	char channel[MANIFEST_CHANNEL_TEXT];
	uint64_t serial, created;
};

struct pull_record {
	struct why unread;  /* why it cannot be read; "" = it can, or there is none */
	bool resident;      /* `run` pulled */
	uint64_t tried_at;  /* seconds since 1970, like each time here; 0 = never */
	uint64_t well_at;   /* when `latest` was last found to be in force, or put in force */
	uint64_t failed_at; /* since when each pull has failed; 0 = the last did not */
	uint64_t failures;  /* how many that are */
	enum error_class error_class;
	char error[256];
	/* in force */
	char url[URL_MAX + 1]; /* of the channel's folder, as it was configured then */
	char channel[MANIFEST_CHANNEL_TEXT];
	char key[PULL_KEY_TEXT];
	char manifest[SHA256_TEXT]; /* of its octets; "" = no manifest is in force */
	char table[SHA256_TEXT];
	char table_file[FILE_SUM]; /* by what the published file is known to be that table (path_sum.h) */
	uint64_t serial, created, expires, generation, taken_at;
	uint64_t came_at;                  /* when the server last sent it */
	char etag[256], last_modified[64]; /* of `latest`, where it is the one in force */
	/* offered, and not in force */
	uint64_t offered_serial;        /* 0 = there is none */
	uint64_t offered_at;            /* when it was seen first */
	uint64_t retry_at;              /* it failed: its table is fetched again from then on */
	unsigned tries;                 /* that have failed */
	enum error_class offered_class; /* of the last of them; ERROR_NONE = there is none */
	char offered_error[256];        /* its reason */
	/* of all pulls */
	uint64_t octets, deltas, tables, refusals, wakes;
	size_t floor_count;
	struct pull_floor floors[PULL_FLOORS];
	struct wall_record wall;
};

/* Reads it. What cannot be read is empty, and `unread` says why. Returns 0, also where there is none; -EBADMSG or -EFBIG where it
 * is damaged; or another -errno: it may be fine. */
int pull_record_read(struct pull_record *record, const char *state);

/* Returns as atomic_file_write does. */
must_check int pull_record_write(const struct pull_record *record, const char *state, struct why *why);

/* The floor of a key and channel; NULL = nothing of it was ever taken. */
const struct pull_floor *pull_record_floor(const struct pull_record *record, const char *key, const char *channel);

/* Raises it. Where there is no room the oldest goes. */
void pull_record_raise(struct pull_record *record, const char *key, const struct manifest *manifest);

struct config;

/* Begins the wall clock by the record; where there is none, by the table that is published. */
void pull_record_begin_clock(const struct pull_record *record, const struct config *config);
