/* SPDX-License-Identifier: BSD-3-Clause */
/* Updating a misp-rest feed: what a MISP instance publishes, as its key may see it.
 *
 * In each run the instance is asked for its index (events/index, "minimal"): which events there are, when each was changed
 * last, and whether it is published. Only events that are new or changed are then asked for (attributes/restSearch), and
 * each of them once a day, since not every change shows in the index: tags of the instance's own organisation, proposals,
 * what the instance exports.
 *
 * No answer is asked for by page. MISP counts pages by offset, and a change between two pages would hide attributes. A
 * question names so many events that all of their attributes fit into one answer; where they do not, it is asked again
 * for fewer events. MISP makes an answer of one reading of its database, so an event is read whole or not at all. */
#pragma once

#include <time.h>

#include "feedsync/feeds/feed.h"

struct why;

/* Writes the question for the index into the fetch. Returns 0, or an error with the reason. */
must_check int instance_begin(const struct feed *feed, struct fetch *fetch, struct why *why);

/* Goes on from the answer to it: asks for what has changed, and makes that the last good version. The other questions
 * share the fetch's secret and disk budget. What could not be had stays as it is in the last good version. Sets the feed's
 * result. `deadline` as in fetch_all. */
void instance_update(struct feed *feed, const struct fetch *fetch, const struct guard *guard, time_t deadline);
