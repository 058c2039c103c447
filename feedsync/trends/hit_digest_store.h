/* SPDX-License-Identifier: BSD-3-Clause */
/* What the store of trends remembers of digests of hits: on a resolver's host what was told, on the compiler what was taken. The
 * tables for it are made where they are needed first, so that a store of before has them as well. One thread. */
#pragma once

#include <stdint.h>

#include "feedsync/trends/hit_digest.h"
#include "libweir/attributes.h"

/* Makes the tables. Returns 0 or a negative code with the reason. */
must_check int hit_digest_prepare(struct trends *trends, struct why *why);

/* ---- on a resolver's host ---- */

/* At most how many clients of a rule and day the digests so far have told of. */
double hit_digest_told(struct trends *trends, const struct trends_rule *rule);

/* The first hour of which there is no digest yet; 0: none was made. */
must_check int hit_digest_next(struct trends *trends, uint64_t *hour, struct why *why);

/* In a transaction: notes that this digest was made, and the next hour. */
must_check int hit_digest_note_made(struct trends *trends, const struct hit_document *document, struct why *why);
must_check int hit_digest_begin_at(struct trends *trends, uint64_t hour, struct why *why);

/* ---- on the compiler ---- */

/* The hour behind the last one that was taken of a resolver; 0: none was. */
must_check int hit_digest_wanted(struct trends *trends, const char *resolver, uint64_t *hour, struct why *why);

/* Adds a digest to the store, once: it is noted in the transaction that adds it. One that is refused is noted, too, and nothing is
 * added. Returns 0; -EEXIST for one that was taken before; -EBADMSG or WEIR_EVERSION for one that is refused; or another negative
 * code: it may be tried again. With the reason. */
must_check int hit_digest_take(struct trends *trends, const struct hit_document *document, struct why *why);

/* Notes that one is refused which cannot be read at all. Returns 0 or a negative code. */
must_check int hit_digest_refuse(struct trends *trends, const char *resolver, uint64_t hour);
