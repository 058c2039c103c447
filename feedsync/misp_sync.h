/* Fetching MISP feeds: the manifest says which events there are and how old they are; only those that are new or newer
 * than ours are fetched. An event that cannot be had does not keep the others back: its old version stays, if there is
 * one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feed.h"

/* Writes the URL of one of the feed's documents, without ".json" in `name`. */
void misp_sync_url(const struct feed *feed, const char *name, char url[2048]);

/* Takes a fetched manifest: if it is one, it becomes the feed's; else the feed has failed. */
void misp_sync_manifest(struct feed *feed, const struct fetch *fetch);

/* Fetches what the manifests of all due MISP feeds that have not failed want, all at the same time, and removes events
 * that are no longer listed. Sets the feeds' results. */
void misp_sync_events(struct feed *feeds, const bool *due, size_t count, bool (*stop)(void));
