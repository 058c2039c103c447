/* SPDX-License-Identifier: BSD-3-Clause */
/* Trials: a list's beginning, read by settings that it may have been written for (guess_format.h). */
#pragma once

#include <stddef.h>

#include "feedsync/formats/guess.h"
#include "feedsync/formats/guess_signs.h"

enum { GUESS_SAMPLE = 128 * 1024 }; /* octets of the list that are looked at */

struct guessing {
	const char *text; /* the beginning of the list */
	size_t length;
	bool cut; /* there is more: the sample ends anywhere */
	struct guess_signs signs;
	struct guess best; /* so far */
	int status;        /* -ENOMEM ends the guessing */
};

/* Reads the sample by these settings; they become the best if they read it better than those before. Returns whether they
 * have. */
bool guess_consider(struct guessing *guessing, const struct guess *trial);

/* The same for the ways in which people write names: plain, as URLs, disguised, with ports. */
bool guess_consider_values(struct guessing *guessing, const struct guess *trial);

/* Each considers what its format may be told of the document. guess_json returns whether the document is JSON. */
void guess_csv(struct guessing *guessing);
bool guess_json(struct guessing *guessing);
