/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/overrides.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

enum { REASON, AUTHOR, UNTIL };
enum { MAX_FILE = 4 << 20 }; /* what that many overrides take, and more */

/* Puts an item into the place of this number, whose texts it gets. */
static void put_item(struct overrides *o, size_t number, const struct operator_item *item)
{
	char(*text)[MAX_OVERRIDE_TEXT + 1] = o->texts[number], until[TIMESTAMP_ROOM] = "";
	if (item->expires_at > 0)
		timestamp_text(item->expires_at, until);
	snprintf(text[REASON], sizeof text[REASON], "%s", item->reason);
	snprintf(text[AUTHOR], sizeof text[AUTHOR], "%s", item->author);
	snprintf(text[UNTIL], sizeof text[UNTIL], "%s", until);
	o->lists.item[number] = *item;
	o->lists.item[number].reason = text[REASON];
	o->lists.item[number].author = text[AUTHOR];
	o->lists.item[number].expires = text[UNTIL];
}

/* Begins with none, whose rules are of these sources. */
static void begin(struct overrides *o, struct source allow, struct source block)
{
	*o = (struct overrides){.lists = {.allow = allow, .block = block}};
	o->lists.item = xcalloc(MAX_OVERRIDES, sizeof *o->lists.item);
	o->texts = xcalloc(MAX_OVERRIDES, sizeof *o->texts);
}

void overrides_copy(struct overrides *copy, const struct overrides *o)
{
	begin(copy, o->lists.allow, o->lists.block);
	for (size_t i = 0; i < o->lists.count; i++)
		put_item(copy, copy->lists.count++, &o->lists.item[i]);
}

void overrides_end(struct overrides *o)
{
	free(o->lists.item);
	free(o->texts);
	*o = (struct overrides){0};
}

/* Reads one override. Returns whether it is one that these commands could have written. */
static bool read_one(struct overrides *o, const struct node *node)
{
	struct operator_item item = {0};
	char reason[MAX_OVERRIDE_TEXT + 1], author[MAX_OVERRIDE_TEXT + 1], scope[16];
	size_t length;
	enum reject reject;
	const char *name = node_text(node_get(node, "name"), &length);
	bool allows = node_is(node_get(node, "list"), "allow");
	node_words_at(node, "reason", reason, sizeof reason);
	node_words_at(node, "author", author, sizeof author);
	node_text_at(node, "scope", scope, sizeof scope);
	item.kind = allows ? RULE_ALLOW : RULE_BLOCK;
	item.reason = reason;
	item.author = author;
	int wire = name ? normalise(name, length, item.wire, &reject) : -1;
	if (!node_number(node_get(node, "at"), &item.at) ||
		!node_number(node_get(node, "expires_at"), &item.expires_at)) /* 0 would be for good */
		return false;
	if (wire <= 0 || scope_from_text(scope, &item.scope) != 0 ||
		(!allows && !node_is(node_get(node, "list"), "block")))
		return false;
	item.length = (uint8_t)wire;
	if (self_test_reached(&(struct rule){item.wire, item.length, item.scope, item.kind}) ||
		operator_find(&o->lists, 0, item.wire, item.length) < o->lists.count)
		return false;
	put_item(o, o->lists.count++, &item);
	return true;
}

int overrides_read(struct overrides *o, const struct config *config, struct why *why)
{
	struct node *node;
	begin(o, config->operator_lists.allow, config->operator_lists.block);
	int status = state_dir_read_document(config->state, OVERRIDES_FILE, MAX_FILE, &node, why);
	if (status == -ENOENT)
		return 0;
	if (status != 0)
		return status;
	const struct node *list = node_get(node, "overrides");
	size_t count = node_count(list);
	if (node_number_at(node, "version") != 1 || !node_is_array(list) || count > MAX_OVERRIDES)
		status = why_set(why, -EBADMSG, "%.150s/" OVERRIDES_FILE ": not a list of overrides", config->state);
	for (size_t i = 0; status == 0 && i < count; i++)
		if (!read_one(o, node_at(list, i)))
			status = why_set(why, -EBADMSG, "%.150s/" OVERRIDES_FILE ": item %zu is no override",
				config->state, i + 1);
	node_free(node);
	if (status != 0)
		o->lists.count = 0;
	return status;
}

uint64_t operator_end(const struct config *config, uint64_t now)
{
	struct overrides o;
	struct why why;
	uint64_t first = operator_next_expiry(&config->operator_lists, now), other = 0;
	if (overrides_read(&o, config, &why) == 0)
		other = operator_next_expiry(&o.lists, now);
	overrides_end(&o);
	return first == 0 || (other > 0 && other < first) ? other : first;
}

void overrides_remove(struct overrides *o, size_t number)
{
	o->lists.count--;
	for (size_t i = number; i < o->lists.count; i++) {
		struct operator_item next = o->lists.item[i + 1];
		put_item(o, i, &next);
	}
}

int overrides_set(struct overrides *o, const struct operator_item *item, uint64_t now)
{
	for (size_t i = o->lists.count; i-- > 0;)
		if (operator_expired(&o->lists.item[i], now))
			overrides_remove(o, i);
	size_t found = operator_find(&o->lists, 0, item->wire, item->length);
	if (found < o->lists.count)
		overrides_remove(o, found);
	if (o->lists.count == MAX_OVERRIDES)
		return -E2BIG;
	put_item(o, o->lists.count++, item);
	return 0;
}

int overrides_write(const struct overrides *o, const char *state, struct why *why)
{
	char path[4096];
	struct node *root = node_object(), *list = node_array();
	for (size_t i = 0; i < o->lists.count; i++) {
		const struct operator_item *item = &o->lists.item[i];
		struct node *node = node_object();
		char name[NAME_MAX_TEXT];
		name_to_text(item->wire, item->length, name);
		node_put(node, "list", node_from_text(operator_list_of(item)));
		node_put(node, "name", node_from_text(name));
		node_put(node, "scope", node_from_text(scope_text(item->scope)));
		node_put(node, "reason", node_from_text(item->reason));
		node_put(node, "author", node_from_text(item->author));
		node_put(node, "at", node_from_number(item->at));
		node_put(node, "expires_at", node_from_number(item->expires_at));
		node_append(list, node);
	}
	node_put(root, "version", node_from_number(1));
	node_put(root, "overrides", list);
	snprintf(path, sizeof path, "%s/" OVERRIDES_FILE, state);
	return json_publish(root, path, MODE_PRIVATE, why);
}
