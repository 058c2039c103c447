/* SPDX-License-Identifier: BSD-3-Clause */
/* An item of a JSON list: the names in it, at the path that the feed's settings tell, and whether it counts. One thread.
 *
 * A path is names of members with dots between them. An array on the way stands for all of its elements, so one item may
 * hold several names. The path "@key" is the name of the member that the item itself is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/formats/record.h"

struct node;

struct json_items {
	const struct parse *parse;
	bool by_key; /* the names are keys */
	struct conditions conditions;
};

void json_items_begin(struct json_items *items, const struct parse *parse);

/* Takes an item: an object, or a text, which is a name itself. `key` is that of the member that it is, or NULL. Anything
 * else, and an object with neither the value nor a member that a condition names, is rejected: it may be what a server
 * says instead of the list. Returns as record_take does. */
must_check int json_item_take(
	const struct json_items *items, const struct node *item, const char *key, const struct position *position);

/* Takes an object that stands alone: an item; or, where it has no value itself and its keys are ids, each item in it. */
must_check int json_object_take(
	const struct json_items *items, const struct node *object, const struct position *position);

/* Whether a key is an id: a number, or eight octets and more of nothing but hexadecimal digits and hyphens. */
bool json_is_id(const char *key);
