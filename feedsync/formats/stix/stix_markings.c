/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/stix/stix_markings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"

enum { ID_ROOM = 64 }; /* "marking-definition--", a UUID, and a NUL */

struct stix_marking {
	char id[ID_ROOM];
	struct markings markings;
};

/* ---- definitions ---- */

static void add_marking_text(struct markings *markings, const struct node *node)
{
	const char *text = node_text(node, NULL);
	if (text)
		markings_add_text(markings, text);
}

static void add_tlp_value(struct markings *markings, const struct node *node)
{
	const char *text = node_text(node, NULL);
	if (text)
		markings_add_tlp(markings, text);
}

/* TLP 2 stands in an extension of STIX 2.1. */
static int read_marking_extension(void *context, const char *key, const struct node *extension)
{
	(void)key;
	add_tlp_value(context, node_get(extension, "tlp_2_0"));
	return 0;
}

static struct markings read_definition(const struct node *object)
{
	const struct node *definition = node_get(object, "definition");
	struct markings found = {0};
	add_tlp_value(&found, node_get(definition, "tlp"));
	add_marking_text(&found, node_get(definition, "statement"));
	add_marking_text(&found, node_get(object, "name"));
	add_marking_text(&found, node_get(object, "x_opencti_definition"));
	if (node_each(node_get(object, "extensions"), read_marking_extension, &found) != 0)
		return found; /* it never ends early */
	return found;
}

int stix_markings_note(struct stix_markings *markings, const struct node *object)
{
	size_t length = 0;
	const char *id = node_text(node_get(object, "id"), &length);
	if (!node_is(node_get(object, "type"), "marking-definition") || !id || length >= ID_ROOM)
		return 0;
	if (markings->count == MAX_OBJECTS)
		return -EFBIG;
	if (markings->count == markings->room) {
		size_t room = markings->room > 0 ? markings->room * 2 : 16;
		struct stix_marking *larger = reallocarray(markings->list, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		markings->list = larger;
		markings->room = room;
	}
	struct stix_marking *marking = &markings->list[markings->count++];
	*marking = (struct stix_marking){.markings = read_definition(object)};
	memcpy(marking->id, id, length);
	markings->sorted = false;
	return 0;
}

void stix_markings_free(struct stix_markings *markings)
{
	free(markings->list);
	*markings = (struct stix_markings){0};
}

/* ---- indicators ---- */

static int by_marking_id(const void *a, const void *b)
{
	return strcmp(((const struct stix_marking *)a)->id, ((const struct stix_marking *)b)->id);
}

/* The markings that are known by their ids: of TLP 1 (STIX 2.1 section 7.2.1.4), of TLP 2, and of OpenCTI. */
static const struct {
	const char *id;
	enum tlp tlp;
} known_markings[] = {
	{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR},
	{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
	{"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
	{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
	{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR},
	{"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TLP_GREEN},
	{"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", TLP_AMBER},
	{"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", TLP_AMBER_STRICT},
	{"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", TLP_RED},
	{"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37", TLP_AMBER_STRICT},
};

static bool add_known_marking(const char *id, struct markings *found)
{
	for (unsigned i = 0; i < sizeof known_markings / sizeof *known_markings; i++)
		if (strcasecmp(known_markings[i].id, id) == 0) {
			found->tlp |= TLP_BIT(known_markings[i].tlp);
			return true;
		}
	return false;
}

/* Several definitions may have one id: each counts. One that is neither known nor defined may say anything. */
static void add_marking(const struct stix_markings *markings, const struct node *reference, struct markings *found)
{
	size_t length = 0, first = 0, end = markings->count;
	const char *id = node_text(reference, &length);
	if (!id || length >= ID_ROOM) {
		found->tlp |= TLP_BIT(TLP_UNKNOWN);
		return;
	}
	bool known = add_known_marking(id, found);
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (strcmp(markings->list[middle].id, id) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < markings->count && strcmp(markings->list[first].id, id) == 0; first++) {
		markings_add(found, markings->list[first].markings);
		known = true;
	}
	if (!known)
		found->tlp |= TLP_BIT(TLP_UNKNOWN);
}

struct markings stix_markings_of(struct stix_markings *markings, const struct node *indicator)
{
	const struct node *whole = node_get(indicator, "object_marking_refs"),
			  *parts = node_get(indicator, "granular_markings"), *labels = node_get(indicator, "labels");
	struct markings found = {0};
	if (!markings->sorted && markings->count > 1)
		qsort(markings->list, markings->count, sizeof *markings->list, by_marking_id);
	markings->sorted = true;
	if ((whole && !node_is_array(whole)) || (parts && !node_is_array(parts)))
		found.tlp |= TLP_BIT(TLP_UNKNOWN);
	for (size_t i = 0; i < node_count(whole); i++)
		add_marking(markings, node_at(whole, i), &found);
	for (size_t i = 0; i < node_count(parts); i++)
		add_marking(markings, node_get(node_at(parts, i), "marking_ref"), &found);
	for (size_t i = 0; i < node_count(labels); i++)
		add_marking_text(&found, node_at(labels, i));
	return found;
}
