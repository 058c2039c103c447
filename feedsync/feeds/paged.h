/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching feeds that come page by page: each answer tells, or counting tells, what to ask for next. The pages are
 * staged beside the last good version (atomic_dir.h) and replace it as a whole, once the last one has come and all of them
 * together hold at least one usable entry: whatever fails before that, the last good version stays. How many pages
 * there are and how much they hold is bounded (maxima.h), whatever the server says of more. */
#pragma once

#include "feedsync/feeds/feed.h"

struct why;

/* Begins a feed's series: writes its first request to the fetch, which goes on by itself from there (fetch.more).
 * Returns 0, or an error with the reason; after success paged_end must follow. */
must_check int paged_begin(struct feed *feed, struct fetch *fetch, struct why *why);

/* Ends it: makes the pages the feed's last good version, if they are all there, another one, and good. Sets the feed's
 * result. */
void paged_end(struct fetch *fetch, const struct guard *guard);
