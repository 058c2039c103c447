/* SPDX-License-Identifier: BSD-3-Clause */
/* One update of a feed: asks its server, judges what has come, and makes it the last good version. How the answer is
 * taken depends on the layout of the feed's format: document.h, misp_fetch.h, paged.h. Whatever fails, the last good
 * version stays. Runs in a process of its own (feed_worker.h): it may take as long as fetch_deadline allows. */
#pragma once

#include "feedsync/feeds/feed.h"

/* Updates the feed. Sets its result, error and times, and logs one line that says how it came out. */
void update_feed(struct feed *feed, const struct guard *guard);

/* Ends an update, also one that could not begin: sets the times and counts by the result, forgets that the feed's alarm
 * was accepted, and logs the line. */
void update_conclude(struct feed *feed);
