/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of an output, for whoever looks: <state>/shared/<output>.json, written after each attempt. It is no source of
 * anything: what was told is in the output's state. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/error_class.h"
#include "feedsync/circle/withheld.h"
#include "libweir/attributes.h"

struct output;

struct output_record {
	uint64_t tried_at;                 /* seconds since 1970; 0 = never */
	uint64_t serial, at;               /* of the newest release; 0 = there is none */
	uint64_t items;                    /* live ones in it */
	uint64_t withheld[WITHHELD_COUNT]; /* of the last attempt */
	uint64_t failed_at;           /* the first of the attempts that have failed since; 0 = the last one has not */
	enum error_class error_class; /* of it */
	char error[256];
	char sum[SHA256_TEXT];   /* of the main file of the newest release */
	char chain[SHA256_TEXT]; /* the newest value of the log */
};

/* Reads it; one that is missing or damaged is as if nothing had been tried. */
void output_record_read(struct output_record *record, const char *state, const struct output *output);

/* Writes it; a failure is logged. */
void output_record_write(const struct output_record *record, const char *state, const struct output *output);

/* How many entries are withheld in all. */
uint64_t output_record_withheld(const struct output_record *record);
