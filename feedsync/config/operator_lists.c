/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/operator_lists.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/compile/compile.h"
#include "feedsync/entries/nameset.h"
#include "feedsync/guard/guard.h"

static const char *item_name(const struct operator_item *item, char text[NAME_MAX_TEXT])
{
	name_to_text(item->wire, item->length, text);
	return text;
}

const char *operator_list_of(const struct operator_item *item)
{
	return item->kind == RULE_ALLOW ? "allow" : "block";
}

size_t operator_find(const struct operator_lists *lists, size_t from, const uint8_t *wire, size_t length)
{
	while (from < lists->count &&
		(lists->item[from].length != length || memcmp(lists->item[from].wire, wire, length) != 0))
		from++;
	return from;
}

bool operator_is_single(const struct operator_item *item)
{
	return item->length > 1 && item->wire[0] + 2u == item->length;
}

bool operator_expired(const struct operator_item *item, uint64_t now)
{
	return item->expires_at > 0 && item->expires_at <= now;
}

uint64_t operator_next_expiry(const struct operator_lists *lists, uint64_t now)
{
	uint64_t next = 0;
	for (size_t i = 0; i < lists->count; i++) {
		uint64_t at = lists->item[i].expires_at;
		if (at > now && (next == 0 || at < next))
			next = at;
	}
	return next;
}

bool operator_blocks_own(const struct operator_item *item, const struct nameset *own)
{
	struct namekey key;
	namekey_of(&key, item->wire, item->length);
	return item->kind == RULE_BLOCK &&
	       (nameset_above(own, &key) || (item->scope == SCOPE_SUBTREE && nameset_below(own, &key)));
}

size_t operator_rules(
	const struct operator_lists *lists, const struct nameset *own, uint64_t now, struct compile_rule *rules)
{
	size_t count = 0;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		if (operator_expired(item, now) || operator_blocks_own(item, own))
			continue;
		rules[count++] = (struct compile_rule){
			.rule = {item->wire, item->length, item->scope, item->kind},
			.source = item->kind == RULE_ALLOW ? lists->allow : lists->block,
		};
		if (item->has_category)
			rules[count - 1].source.category = item->category;
	}
	return count;
}

void operator_warn_guarded(const struct operator_lists *lists, const struct guard *guard)
{
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		const struct rule rule = {item->wire, item->length, item->scope, item->kind};
		struct refusal refusal;
		char name[NAME_MAX_TEXT];
		if (operator_is_single(item))
			log_warning("`block` has a top-level domain: %s: %s is blocked, as you say",
				item_name(item, name),
				item->scope == SCOPE_EXACT ? "the name itself" : "every name below it");
		if (item->kind == RULE_BLOCK && guard_refuses(guard, NULL, &rule, &refusal))
			log_warning("`block` has what no feed may block: %s: %s; it is blocked, as you say",
				refusal.text, reject_text(refusal.reject));
	}
}

void operator_print(const struct operator_lists *lists, uint64_t now)
{
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		char name[NAME_MAX_TEXT];
		char at[TIMESTAMP_ROOM] = "";
		if (item->at > 0)
			timestamp_text(item->at, at);
		printf("%s %s, %s%s%s%s%s%s%s%s%s\n", operator_list_of(item), item_name(item, name),
			scope_text(item->scope),
			item->expires_at == 0         ? ""
			: operator_expired(item, now) ? ", EXPIRED "
						      : ", until ",
			item->expires, item->author[0] ? ", by " : "", item->author, at[0] ? ", by command at " : "",
			at, item->reason[0] ? ": " : "", item->reason);
	}
}

void operator_append_json(struct node *list, const struct operator_lists *lists, uint64_t now)
{
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		struct node *node = node_object();
		char name[NAME_MAX_TEXT];
		node_put(node, "list", node_from_text(operator_list_of(item)));
		node_put(node, "name", node_from_text(item_name(item, name)));
		node_put(node, "scope", node_from_text(scope_text(item->scope)));
		node_put(node, "reason", node_from_text(item->reason));
		node_put(node, "author", node_from_text(item->author));
		node_put(node, "at", node_from_number(item->at));
		node_put(node, "expires_at", node_from_number(item->expires_at));
		node_put(node, "expired", node_from_bool(operator_expired(item, now)));
		node_append(list, node);
	}
}
