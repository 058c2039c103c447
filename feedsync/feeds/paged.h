/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching feeds that come page by page: each answer, or counting, tells what to ask for next. The pages are put
 * together beside the last good version (atomic_dir.h). They replace it as a whole once the last page has come and
 * all of them together hold at least one usable entry. Whatever fails before that, the last good version stays. The
 * number of pages and what they hold is bounded (maxima.h), whatever the server says. */
#pragma once

#include "feedsync/feeds/feed.h"

struct why;

/* Begins: writes the first request into the fetch, which goes on by itself from there (fetch.more). Returns 0, or an
 * error with the reason. After success paged_end must follow. */
must_check int paged_begin(struct feed *feed, struct fetch *fetch, struct why *why);

/* Ends: makes the pages the feed's last good version if all of them are there, they differ from it, and they are good.
 * Sets the feed's result. */
void paged_end(struct fetch *fetch, const struct guard *guard);
