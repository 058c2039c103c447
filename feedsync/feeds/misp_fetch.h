/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching a MISP feed: the manifest says which events there are and how old they are; only those that are new or
 * changed are fetched. What comes is put together beside the last good version (atomic_dir.h) and replaces it as a
 * whole, if it then holds at least one usable entry. An event that cannot be fetched does not keep the others back: its
 * old version stays, if there is one. */
#pragma once

#include <time.h>

#include "feedsync/feeds/feed.h"

/* Goes on from the answer to the request for the feed's manifest, whose secret and disk budget the requests for events
 * share. Sets the feed's result; the feed has failed if the answer is no manifest. `deadline` as in fetch_all. */
void misp_fetch(struct feed *feed, const struct fetch *manifest, const struct guard *guard, time_t deadline);
