/* SPDX-License-Identifier: BSD-3-Clause */
/* An event's file, made of attributes as MISP answers with them. An attribute comes with its event around it each time. The
 * file holds the event once, and of each attribute what is asked of it (misp_events.h, misp_map.h, `feedsync why`): a fifth
 * of what came, so that a new version is read five times as fast. Private to instance_event_file.c and instance_events.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct instance_event;
struct node;

/* An attribute in an object. */
struct object_attribute {
	uint64_t object;
	char *text; /* JSON */
};

/* An event that is being read. */
struct event_reading {
	struct instance_event *event;
	struct node *node; /* what is known of the event; NULL: no attribute of it has come */
	bool other;        /* what came is not of the version that the index told of */
	bool undated;      /* what came does not tell of which version it is */
	uint64_t attributes;
	FILE *plain; /* to attributes that are in no object, */
	char *text;  /* and what was written to it */
	size_t length;
	struct object_attribute *in_objects;
	size_t object_count, object_room;
};

/* Adds an attribute of the event, unless it is the URL of a single page, and adds the octets that it takes to *octets.
 * Returns 0 or -ENOMEM. */
must_check int add_attribute(struct event_reading *reading, const struct node *attribute, uint64_t *octets);

/* Prints the file. `innocent` tells of an object, by its id, the name by which what stands in it names an innocent; or
 * NULL. Returns 0 and a text to be freed, or -ENOMEM. */
must_check int print_event_file(const struct event_reading *reading,
	const char *(*innocent)(const void *context, uint64_t object), const void *context, char **text,
	size_t *length);

/* Frees what the reading holds. */
void end_event_reading(struct event_reading *reading);
