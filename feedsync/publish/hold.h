/* SPDX-License-Identifier: BSD-3-Clause */
/* A hold: nothing new is published until somebody ends it. A rollback sets one, or the next run would publish again
 * what was rolled back. It is the file <state>/hold. While the file is there, even a damaged one, feeds are fetched
 * but no table is made from them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/errors.h"

#define HOLD_FILE "hold"

struct node;

struct hold {
	bool held;      /* the file is there, or may be */
	bool unseen;    /* it cannot be seen whether the file is there */
	struct why why; /* why that is so, or why the file cannot be read; "" = it can */
	/* 0 and "" where the file does not say */
	uint64_t generation; /* that stays published */
	uint64_t content_of; /* the generation that was rolled back to */
	uint64_t at;         /* since when, seconds since 1970 */
	char user[128];      /* who did it */
};

void hold_read(struct hold *hold, const char *state);

/* Returns as atomic_file_write does. */
must_check int hold_set(const char *state, const struct hold *hold, struct why *why);

/* The hold as a JSON object, which the caller frees; NULL when out of memory. */
struct node *hold_to_json(const struct hold *hold);

/* Ends the hold. Returns 0, -ENOENT where there is none, or another -errno; with the reason. */
must_check int hold_release(const char *state, struct why *why);

/* What follows the word "held" in a message: " at generation 8 (the content of 5) by root", as far as it is known. */
void hold_text(const struct hold *hold, char text[256]);
