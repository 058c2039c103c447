/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching MISP feeds: the manifest says which events there are and how old they are; only those that are new or
 * changed are fetched. What comes is staged beside the last good version (atomic_dir.h) and replaces it as a whole, if it
 * then holds at least one usable entry. An event that cannot be had does not keep the others back: its old version
 * stays, if there is one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "feedsync/feeds/feed.h"

struct misp_fetch;

/* The update of all MISP feeds that are due. `guard` is borrowed. */
struct misp_fetch *misp_fetch_new(const struct guard *guard);
void misp_fetch_free(struct misp_fetch **fetch);

/* Adds a feed with the answer to the request for its manifest. The feed has failed if that is no manifest. */
void misp_fetch_add(struct misp_fetch *sync, struct feed *feed, const struct fetch *manifest);

/* Fetches what the manifests of all feeds added want, all at the same time. Sets the feeds' results. `stop` and
 * `deadline` as in fetch_all. */
void misp_fetch_run(struct misp_fetch *sync, bool (*stop)(void), time_t deadline);
