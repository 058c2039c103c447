/* SPDX-License-Identifier: BSD-3-Clause */
/* Overrides: what the operator allows and blocks by command (`feedsync allow`, `feedsync block`), beside the lists `allow` and
 * `block` of the configuration. They are the file <state>/overrides.json, which only these commands write. The rules are
 * the same as the lists', of the feed "operator": an allow wins over every block, whichever of the two it stands in.
 *
 * One override a name: the last word counts. An override that has ended stays in the file, where it has no effect, until
 * the next one is written.
 *
 * Who writes the file holds the lock on publishing (publication.h). A file that cannot be read as a whole is an error:
 * nothing is published without it, since what it allows would be blocked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

#define OVERRIDES_FILE "overrides.json"

enum { MAX_OVERRIDES = 2000, MAX_OVERRIDE_TEXT = 200 };

struct why;

struct overrides {
	struct operator_lists lists; /* in the order in which they were given; their texts are the memory of these: */
	char (*texts)[3][MAX_OVERRIDE_TEXT + 1];
};

/* Reads the overrides. A missing file is as if there were none. Returns 0, or a negative code with the reason, and none.
 * overrides_end frees them in each case. */
must_check int overrides_read(struct overrides *overrides, const struct config *config, struct why *why);
void overrides_end(struct overrides *overrides);

/* Makes a copy with memory of its own, which overrides_end frees. */
void overrides_copy(struct overrides *copy, const struct overrides *overrides);

/* When the next of the operator's items ends after a time, in the configuration or by command; seconds since 1970, 0 = none
 * does, or the overrides cannot be read. */
uint64_t operator_end(const struct config *config, uint64_t now);

/* Gives an override, in the place of the one of the same name; its texts are copied, and cut where they are longer than
 * MAX_OVERRIDE_TEXT. Those that have ended at `now` are forgotten. Returns 0, or -E2BIG where there are too many. */
must_check int overrides_set(struct overrides *overrides, const struct operator_item *item, uint64_t now);

/* Takes an override back, by its number. */
void overrides_remove(struct overrides *overrides, size_t number);

/* Writes the file. Returns as atomic_file_write does. */
must_check int overrides_write(const struct overrides *overrides, const char *state, struct why *why);
