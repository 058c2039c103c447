/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/stix/stix_markings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"

enum { ID_ROOM = 64 }; /* "marking-definition--", a UUID, and a NUL */

struct stix_marking {
	char id[ID_ROOM];
	struct stix_ban ban;
};

/* ---- words ---- */

/* Passes over what people put between the parts of such a word: "TLP: AMBER + STRICT", `pap="red"`. */
static const char *skip_between(const char *text)
{
	while (*text && strchr(" \t:=\"'+-_.", *text))
		text++;
	return text;
}

/* Takes a word, in any case, which no other letter may follow. */
static bool take_marking_word(const char **text, const char *word)
{
	size_t length = strlen(word);
	if (strncasecmp(*text, word, length) != 0 || isalnum((unsigned char)(*text)[length]))
		return false;
	*text = skip_between(*text + length);
	return true;
}

/* Adds what a text begins with, if that is a marking. Something may follow: statements do so. */
static void read_marking_text(const char *text, struct stix_ban *ban)
{
	if (!text)
		return;
	text = skip_between(text);
	bool tlp = take_marking_word(&text, "tlp"), pap = !tlp && take_marking_word(&text, "pap");
	if (!tlp && !pap)
		return;
	bool red = take_marking_word(&text, "red"), amber = !red && take_marking_word(&text, "amber");
	ban->tlp |= tlp && (red || (amber && take_marking_word(&text, "strict")));
	ban->pap |= pap && (red || amber);
}

/* The same of a value that is TLP's alone, "red" or "amber+strict". */
static void read_tlp_value(const char *text, struct stix_ban *ban)
{
	if (!text)
		return;
	text = skip_between(text);
	ban->tlp |= take_marking_word(&text, "red") ||
		    (take_marking_word(&text, "amber") && take_marking_word(&text, "strict"));
}

/* ---- definitions ---- */

/* TLP 2 stands in an extension of STIX 2.1. */
static int read_marking_extension(void *context, const char *key, const struct node *extension)
{
	(void)key;
	read_tlp_value(node_text(node_get(extension, "tlp_2_0"), NULL), context);
	return 0;
}

static struct stix_ban read_definition(const struct node *object)
{
	const struct node *definition = node_get(object, "definition");
	struct stix_ban ban = {0};
	read_tlp_value(node_text(node_get(definition, "tlp"), NULL), &ban);
	read_marking_text(node_text(node_get(definition, "statement"), NULL), &ban);
	read_marking_text(node_text(node_get(object, "name"), NULL), &ban);
	read_marking_text(node_text(node_get(object, "x_opencti_definition"), NULL), &ban);
	if (node_each(node_get(object, "extensions"), read_marking_extension, &ban) != 0)
		return ban; /* it never ends early */
	return ban;
}

int stix_markings_note(struct stix_markings *markings, const struct node *object)
{
	size_t length = 0;
	const char *id = node_text(node_get(object, "id"), &length);
	if (!node_is(node_get(object, "type"), "marking-definition") || !id || length >= ID_ROOM)
		return 0;
	const struct stix_ban ban = read_definition(object);
	if (!ban.tlp && !ban.pap)
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
	*marking = (struct stix_marking){.ban = ban};
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

/* Whether a marking is one of those that are known by their ids: red and amber+strict of TLP 1, of TLP 2, and of OpenCTI. */
static bool is_known_as_strict(const char *id)
{
	static const char *const known[] = {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
		"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
		"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
		"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"};
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(known[i], id) == 0)
			return true;
	return false;
}

/* Several definitions may have one id: each counts. */
static void add_marking(const struct stix_markings *markings, const struct node *reference, struct stix_ban *ban)
{
	size_t length = 0, first = 0, end = markings->count;
	const char *id = node_text(reference, &length);
	if (!id || length >= ID_ROOM)
		return;
	ban->tlp |= is_known_as_strict(id);
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (strcmp(markings->list[middle].id, id) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < markings->count && strcmp(markings->list[first].id, id) == 0; first++) {
		ban->tlp |= markings->list[first].ban.tlp;
		ban->pap |= markings->list[first].ban.pap;
	}
}

struct stix_ban stix_markings_ban(struct stix_markings *markings, const struct node *indicator)
{
	const struct node *whole = node_get(indicator, "object_marking_refs"),
			  *parts = node_get(indicator, "granular_markings"), *labels = node_get(indicator, "labels");
	struct stix_ban ban = {0};
	if (!markings->sorted && markings->count > 1)
		qsort(markings->list, markings->count, sizeof *markings->list, by_marking_id);
	markings->sorted = true;
	for (size_t i = 0; i < node_count(whole); i++)
		add_marking(markings, node_at(whole, i), &ban);
	for (size_t i = 0; i < node_count(parts); i++)
		add_marking(markings, node_get(node_at(parts, i), "marking_ref"), &ban);
	for (size_t i = 0; i < node_count(labels); i++)
		read_marking_text(node_text(node_at(labels, i), NULL), &ban);
	return ban;
}
