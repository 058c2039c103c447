/* SPDX-License-Identifier: BSD-3-Clause */
/* Signed feeds. A document counts only with a signature by the key that the operator named (minisign.h). The
 * signature must not be older than the one accepted before, and must be for a file of the document's name. A MISP feed is
 * signed by its manifest, which vouches for the events (misp_plan.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "feedsync/feeds/feed.h"

/* Whether the good version was accepted by the key that the feed must be signed with now; or the feed need not be
 * signed. */
bool signature_is_current(const struct feed *feed);

/* Where the feed must be signed and its document has come (FETCH_OK): fetches the signature and checks it. Where that
 * is not good the document's fetch has failed (FETCH_FAILED, with the reason) and its file is gone. `deadline` as in
 * fetch_all. */
void signature_check(struct feed *feed, struct fetch *document, time_t deadline);

/* Whether a signature of that time (0 = not told) is older than `max_age_s` (0 = any age will do). Then a newer one
 * may be held back from us, or its publisher has stopped. It is no reason to refuse the document: what was there
 * before is older still. */
bool signature_is_old(uint64_t signed_at, uint32_t max_age_s, uint64_t now);

/* Notes that the document whose signature was checked last is the feed's good version. */
void signature_accept(struct feed *feed);
