/* SPDX-License-Identifier: BSD-3-Clause */
/* Feeds that are one document: judging the document that has come, and making it the last good version. */
#pragma once

#include "feedsync/feeds/feed.h"

/* Takes the document that `fetch` (FETCH_OK) has put into its file. A good document becomes the feed's last good
 * version by rename; one that says the same as the last good version only renews its validators. The file is gone
 * afterwards. Sets the feed's result, error and validators. */
void document_take(struct feed *feed, const struct fetch *fetch, const struct guard *guard);
