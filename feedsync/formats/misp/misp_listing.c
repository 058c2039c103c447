/* SPDX-License-Identifier: BSD-3-Clause */
/* events.json is an array with an event on each line. It is read and written event by event, since an instance may have
 * a million. */
#include "feedsync/formats/misp/misp_listing.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/json_each.h"
#include "feedsync/base/uuid.h"
#include "libweir/errors.h"
#include "libweir/memory_text.h"

void misp_listing_path(const char *directory, char path[4096])
{
	snprintf(path, 4096, "%s/events.json", directory);
}

void misp_listed_event_path(const char *directory, const char *uuid, char path[4096])
{
	snprintf(path, 4096, "%s/%s.json", directory, uuid);
}

/* ---- the list ---- */

void misp_listing_add(struct misp_listing *listing, size_t *room, const struct listed_event *event)
{
	listing->events = xgrow(listing->events, listing->count, room, 64, sizeof *listing->events);
	struct listed_event *added = &listing->events[listing->count++];
	*added = *event;
	for (char *c = added->uuid; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static int by_uuid_and_age(const void *a, const void *b)
{
	const struct listed_event *x = a, *y = b;
	int order = strcmp(x->uuid, y->uuid);
	return order != 0 ? order : x->timestamp < y->timestamp ? -1 : x->timestamp > y->timestamp;
}

void misp_listing_sort(struct misp_listing *listing)
{
	size_t kept = 0;
	if (listing->count > 1)
		qsort(listing->events, listing->count, sizeof *listing->events, by_uuid_and_age);
	for (size_t i = 0; i < listing->count; i++)
		if (i + 1 == listing->count || strcmp(listing->events[i].uuid, listing->events[i + 1].uuid) != 0)
			listing->events[kept++] = listing->events[i];
	listing->count = kept;
}

static int by_uuid_in_any_case(const void *uuid, const void *event)
{
	return strcasecmp(uuid, ((const struct listed_event *)event)->uuid);
}

struct listed_event *misp_listing_find(const struct misp_listing *listing, const char *uuid)
{
	if (listing->count == 0)
		return NULL;
	return bsearch(uuid, listing->events, listing->count, sizeof *listing->events, by_uuid_in_any_case);
}

void misp_listing_free(struct misp_listing *listing)
{
	free(listing->events);
	*listing = (struct misp_listing){0};
}

/* ---- the file ---- */

struct listing_reading {
	struct misp_listing *listing;
	size_t room;
	struct why *why;
};

static int read_listed_event(void *context, const struct node *element)
{
	struct listing_reading *reading = context;
	struct listed_event event = {.id = node_number_at(element, "id"),
		.timestamp = node_number_at(element, "timestamp"),
		.fetched_at = node_number_at(element, "fetched_at"),
		.attributes = node_number_at(element, "attributes"),
		.unpublished_at = node_number_at(element, "unpublished_at"),
		.edit = node_number_at(element, "edit")};
	node_text_at(element, "uuid", event.uuid, sizeof event.uuid);
	if (!uuid_is_valid(event.uuid))
		return why_set(reading->why, -EBADMSG, "events.json: not a list of events");
	if (reading->listing->count == MAX_INSTANCE_EVENTS)
		return why_set(reading->why, -EBADMSG, "events.json: more than %d events", MAX_INSTANCE_EVENTS);
	misp_listing_add(reading->listing, &reading->room, &event);
	return 0;
}

int misp_listing_read(struct misp_listing *listing, const char *directory, struct why *why)
{
	static const char *const path_to_events[] = {NULL};
	char path[4096];
	FILE *in;
	struct listing_reading reading = {.listing = listing, .why = why};
	*listing = (struct misp_listing){0};
	misp_listing_path(directory, path);
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	status = json_each(in, path_to_events, read_listed_event, &reading, why);
	fclose(in);
	if (status != 0)
		misp_listing_free(listing);
	misp_listing_sort(listing);
	return status == -ENOENT ? -EBADMSG : status;
}

static void print_listed_event(FILE *out, const struct listed_event *event)
{
	fprintf(out,
		"{\"uuid\":\"%s\",\"id\":%" PRIu64 ",\"timestamp\":%" PRIu64 ",\"fetched_at\":%" PRIu64
		",\"attributes\":%" PRIu64 ",\"unpublished_at\":%" PRIu64 ",\"edit\":%" PRIu64 "}",
		event->uuid, event->id, event->timestamp, event->fetched_at, event->attributes, event->unpublished_at,
		event->edit);
}

int misp_listing_write(const struct misp_listing *listing, const char *directory, struct why *why)
{
	char path[4096];
	char *text = NULL;
	size_t length = 0;
	misp_listing_path(directory, path);
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return why_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < listing->count; i++) {
		fputs(i == 0 ? "[\n" : ",\n", out);
		print_listed_event(out, &listing->events[i]);
	}
	fputs(listing->count == 0 ? "[]\n" : "\n]\n", out);
	int status = memory_text_close(out, &text) ? atomic_file_write(path, MODE_PRIVATE, text, length, why)
						   : why_set(why, -ENOMEM, "out of memory");
	free(text);
	return status;
}
