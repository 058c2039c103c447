/* Signed feeds: a document counts only with a signature of the key that the operator named (minisign.h), that is not
 * older than the one accepted before, and that is for a file of the document's name. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "feed.h"

/* Whether the good version of a feed was accepted by the key that it must be signed with now (or need not be). */
bool signature_is_current(const struct feed *feed);

/* Fetches and checks the signatures of those documents that have come and must be signed. `fetches[i]` is of
 * `feeds[owner[i]]`; where its signature is not good it is FETCH_FAILED with the reason, and its file is gone. `stop`
 * and `deadline` as in fetch_all. */
void signatures_check(struct feed *feeds, const size_t *owner, struct fetch *fetches, size_t count, bool (*stop)(void),
	time_t deadline);

/* Notes that the document whose signature was checked last is the feed's good version. */
void signature_accept(struct feed *feed);
