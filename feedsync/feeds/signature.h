/* SPDX-License-Identifier: BSD-3-Clause */
/* Signed feeds. A document counts only with a signature by the key that the operator named (minisign.h). The
 * signature must not be older than the one accepted before, and must be for a file of the document's name. A MISP feed is
 * signed by its manifest, which vouches for the events (misp_plan.h). Its signature lies beside the manifest in the good
 * version. So the good version says itself who signed it, where feed.json is lost. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "feedsync/feeds/feed.h"

/* Whether the good version was accepted by the key that the feed must be signed with now; or the feed need not be
 * signed. */
bool signature_is_current(const struct feed *feed);

struct why;

/* The path of the signature of a MISP feed's manifest, in a version of the feed. */
void signature_path(const char *version, char path[4096]);

/* Whether the good version of a MISP feed has a manifest signed by the key that the feed must be signed with now. Then
 * `*signed_at` is the time that the signature tells. */
bool signature_is_in_good(const struct feed *feed, uint64_t *signed_at);

/* Takes from the good version of a MISP feed who signed it and when, where feed.json does not tell. */
void signature_recall(struct feed *feed);

/* Puts the signature of a MISP feed's manifest into `next`: the one that signature_check has fetched, or the good version's
 * where `fetched` is not set. Does nothing where there is none. Returns 0 or -errno with the reason. */
must_check int signature_put(const struct feed *feed, bool fetched, struct why *why);

/* Where the feed must be signed and its document has come (FETCH_OK): fetches the signature and checks it. Where that
 * is not good the document's fetch has failed (FETCH_FAILED, with the reason) and its file is gone. The signature of a
 * MISP feed's manifest stays for signature_put. `deadline` as in fetch_all. */
void signature_check(struct feed *feed, struct fetch *document, time_t deadline);

/* Whether a signature of that time (0 = not told) is older than `max_age_s` (0 = any age will do). Then a newer one
 * may be held back from us, or its publisher has stopped. It is no reason to refuse the document: what was there
 * before is older still. */
bool signature_is_old(uint64_t signed_at, uint32_t max_age_s, uint64_t now);

/* Notes that the document whose signature was checked last is the feed's good version. */
void signature_accept(struct feed *feed);
