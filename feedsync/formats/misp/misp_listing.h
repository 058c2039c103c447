/* SPDX-License-Identifier: BSD-3-Clause */
/* A version of what a MISP instance publishes: a directory of events.json, the listing of its events, and an
 * <event uuid>.json for each event that holds an attribute. An event's file is an event in MISP's own form
 * (misp_events.h), of those attributes only that were asked for. The directory is replaced as a whole (atomic_dir.h), so
 * the files and what the listing says of them always belong together. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* What is known of one event. Times are seconds since 1970, 0 = none. */
struct listed_event {
	char uuid[37];           /* in lower case */
	uint64_t id;             /* the instance's own number of it */
	uint64_t timestamp;      /* MISP's, of the version that is here; 0 = the event is to be fetched anew */
	uint64_t fetched_at;     /* by our clock */
	uint64_t attributes;     /* in its file; 0 = there is no file */
	uint64_t unpublished_at; /* by our clock: since when it has not been published; 0 = it is */
	uint64_t edit;           /* MISP's timestamp of the edit by which it is not */
};

struct misp_listing {
	struct listed_event *events; /* sorted by UUID, each once */
	size_t count;
};

/* Reads the listing of the version in `directory`. Returns 0 and a listing to be freed; -ENOENT where there is none,
 * -EBADMSG for what is none, or another -errno, each with the reason and an empty listing. */
must_check int misp_listing_read(struct misp_listing *listing, const char *directory, struct why *why);
void misp_listing_free(struct misp_listing *listing);

/* Writes it. Returns as atomic_file_write does. */
must_check int misp_listing_write(const struct misp_listing *listing, const char *directory, struct why *why);

/* The path of the listing, and of an event's file. */
void misp_listing_path(const char *directory, char path[4096]);
void misp_listed_event_path(const char *directory, const char *uuid, char path[4096]);

/* The event with this UUID, in any case of its letters, or NULL. */
struct listed_event *misp_listing_find(const struct misp_listing *listing, const char *uuid);

/* Adds an event at the end; misp_listing_sort puts what was added in order, and keeps one of those with the same UUID,
 * the one with the newest timestamp. `*room` is the room of the array, 0 at first. */
void misp_listing_add(struct misp_listing *listing, size_t *room, const struct listed_event *event);
void misp_listing_sort(struct misp_listing *listing);
