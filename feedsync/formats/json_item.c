/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/json_item.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"

enum { MAX_PATH_PART = 128 };

void json_items_begin(struct json_items *items, const struct parse *parse)
{
	*items = (struct json_items){.parse = parse, .by_key = strcmp(parse->options->field, "@key") == 0};
	conditions_read(&items->conditions, parse->options);
}

/* The member that the first part of a path names; *rest is the rest of the path. */
static const struct node *first_member(const struct node *node, const char *path, size_t length, struct span *rest)
{
	const char *dot = memchr(path, '.', length);
	size_t part = dot ? (size_t)(dot - path) : length;
	char key[MAX_PATH_PART + 1];
	snprintf(key, sizeof key, "%.*s", (int)part, path);
	*rest = span_from((struct span){path, length}, part + (dot ? 1 : 0));
	return node_get(node, key);
}

/* The node at a path below another; NULL if there is none. */
static const struct node *node_below(const struct node *node, const char *path, size_t length)
{
	struct span rest = {path, length};
	while (node && rest.length > 0)
		node = first_member(node, rest.text, rest.length, &rest);
	return node;
}

/* Whether the feed's conditions hold for the item. A missing member and null equal "null" and nothing else. *spoken_of
 * says whether the item has a member that a condition names. */
static bool is_item_wanted(const struct json_items *items, const struct node *item, bool *spoken_of)
{
	bool wanted = true;
	*spoken_of = false;
	for (size_t i = 0; i < items->conditions.count; i++) {
		const struct condition *condition = &items->conditions.condition[i];
		const struct node *member = node_below(item, condition->field, condition->field_length);
		char word[64];
		wanted &= condition_holds(condition, node_word(member, word));
		*spoken_of |= member != NULL;
	}
	return wanted;
}

/* What is known of an item while its names are taken. */
struct item_reading {
	const struct parse *parse;
	const struct position *position;
	struct record record; /* but for the value */
	unsigned found;       /* values, or arrays of them */
};

/* Takes the names at the path below the node. */
static int take_names(struct item_reading *r, const struct node *node, struct span path)
{
	int status = 0;
	if (node_is_array(node)) {
		r->found++;
		for (size_t i = 0; status == 0 && i < node_count(node); i++)
			status = take_names(r, node_at(node, i), path);
		return status;
	}
	if (path.length > 0) {
		const struct node *member = first_member(node, path.text, path.length, &path);
		return member ? take_names(r, member, path) : 0;
	}
	r->record.value.text = node_text(node, &r->record.value.length);
	if (!r->record.value.text && node_is_null(node))
		return 0;
	r->found++;
	if (r->record.value.text)
		return record_take(r->parse, r->position, &r->record);
	sink_reject(r->parse->sink, r->position, r->record.counts ? REJECT_SYNTAX : REJECT_CONDITION, "", 0);
	return 0;
}

int json_item_take(
	const struct json_items *items, const struct node *item, const char *key, const struct position *position)
{
	const struct parse_options *options = items->parse->options;
	bool spoken_of, object = node_is_object(item), named = object || node_text(item, NULL);
	char word[64];
	struct item_reading r = {items->parse, position, {.counts = is_item_wanted(items, item, &spoken_of)}, 0};
	if (options->seen)
		r.record.seen = node_word(node_below(item, options->seen, strlen(options->seen)), word);
	if (items->by_key && key) {
		r.record.value = (struct span){key, strlen(key)};
		return record_take(r.parse, position, &r.record);
	}
	int status = 0;
	if (named && !items->by_key)
		status = take_names(&r, item, (struct span){options->field, object ? strlen(options->field) : 0});
	if (r.found == 0)
		sink_reject(r.parse->sink, position, r.record.counts || !spoken_of ? REJECT_SYNTAX : REJECT_CONDITION,
			"", 0);
	return status;
}

bool json_is_id(const char *key)
{
	size_t digits = strspn(key, "0123456789"), hexadecimal = strspn(key, "0123456789abcdefABCDEF-");
	return (digits > 0 && !key[digits]) || (hexadecimal >= 8 && !key[hexadecimal]);
}

/* ---- objects keyed by ids ---- */

struct keyed_reading {
	const struct json_items *items;
	const struct position *position;
};

static int look_at_member(void *context, const char *key, const struct node *value)
{
	unsigned *members = context;
	*members += 1;
	return !json_is_id(key) || !(node_is_object(value) || node_is_array(value));
}

/* Whether the keys of an object that has not the value itself are ids, and the items are in it. */
static bool is_keyed(const struct json_items *items, const struct node *object)
{
	unsigned members = 0;
	struct span rest;
	const char *field = items->parse->options->field;
	if (first_member(object, field, strlen(field), &rest))
		return false;
	return node_each(object, look_at_member, &members) == 0 && members > 0;
}

static int take_keyed(void *context, const char *key, const struct node *value)
{
	const struct keyed_reading *r = context;
	int status = 0;
	if (!node_is_array(value))
		return json_item_take(r->items, value, key, r->position);
	for (size_t i = 0; status == 0 && i < node_count(value); i++)
		status = json_item_take(r->items, node_at(value, i), key, r->position);
	return status;
}

int json_object_take(const struct json_items *items, const struct node *object, const struct position *position)
{
	struct keyed_reading r = {items, position};
	if (node_is_object(object) && (items->by_key || is_keyed(items, object)))
		return node_each(object, take_keyed, &r);
	return json_item_take(items, object, NULL, position);
}
