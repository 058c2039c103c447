/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests of hits that wait to be sent: <state>/digests/2026-11-29T15, a file for each hour. The collector makes them, one for each
 * hour that is over, also where nothing was hit; who sends one removes it. HIT_DIGEST_HOURS of them wait at most, then the oldest
 * go. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct config;
struct trends;
struct why;

#define HIT_DIGEST_FOLDER "digests"

/* Makes the digests of hours before `hour`, whose hits are all in the store. The first hour that has one is that of the first call.
 * Returns 0 or a negative code with the reason: the next call tries again. */
must_check int hit_digests_make_due(struct trends *trends, const struct config *config, uint64_t hour, struct why *why);

/* The oldest hour that waits. Returns whether there is one. */
bool hit_digest_oldest(const char *state, uint64_t *hour);

/* The path of an hour's file. Returns `path`. */
const char *hit_digest_path(const char *state, uint64_t hour, char path[4096]);
