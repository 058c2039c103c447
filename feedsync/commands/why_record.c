/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync why --record`: what justifies that a name is blocked, for those who must account for it. It is printed from the
 * answer in JSON, so both say the same. */
#include <inttypes.h>
#include <stdio.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/json.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/why_private.h"

enum { RECORD_TEXT = 512 };

/* The operator's items end; what feeds list ends when they say so. The earliest end is the last day to look at it again. */
static uint64_t find_review(const struct node *root)
{
	const struct node *items = node_get(root, "operator");
	uint64_t review = 0;
	for (size_t i = 0; i < node_count(items); i++) {
		uint64_t end = node_number_at(node_at(items, i), "expires_at");
		if (end > 0 && (review == 0 || end < review))
			review = end;
	}
	return review;
}

void why_record_add(struct node *root)
{
	char user[RECORD_TEXT];
	struct node *record = node_object();
	uint64_t review = find_review(root);
	caller_describe(user, sizeof user);
	node_put(record, "at", node_from_number(wall_now()));
	node_put(record, "user", node_from_text(user));
	node_put(record, "review_at", review > 0 ? node_from_number(review) : node_from_text(NULL));
	node_put(record, "days", node_from_number(RECORD_DAYS));
	node_put(root, "record", record);
}

/* ---- in words ---- */

/* A line, unless the member is missing, null or "". */
static void print_member(const struct node *object, const char *key, const char *title)
{
	char text[RECORD_TEXT];
	node_words_at(object, key, text, sizeof text);
	if (text[0])
		printf("%-14s%s\n", title, text);
}

static void print_time_member(const struct node *object, const char *key, const char *title, const char *none)
{
	char text[TIMESTAMP_ROOM];
	uint64_t time = node_number_at(object, key);
	if (time > 0)
		printf("%-14s%s\n", title, timestamp_text(time, text));
	else if (none)
		printf("%-14s%s\n", title, none);
}

static void print_record_source(const struct node *entry)
{
	printf("\n");
	print_member(entry, "feed", "source");
	print_member(entry, "name", "  lists");
	print_member(entry, "scope", "  scope");
	print_member(entry, "category", "  category");
	print_member(entry, "kind", "  as");
	print_member(entry, "tlp", "  TLP");
	print_member(entry, "pap", "  PAP");
	print_member(entry, "organisation", "  by");
	print_member(entry, "event", "  event");
	print_member(entry, "document", "  document");
	print_member(entry, "detail", "  at");
	print_time_member(entry, "since", "  since", "not known");
	print_time_member(entry, "confirmed_at", "  confirmed", "not known");
	printf("%-14s%s\n", "  in force", node_truth(node_get(entry, "in_force")) ? "yes" : "no");
}

static void print_operator_item(const struct node *item)
{
	printf("\n");
	print_member(item, "list", "operator");
	print_member(item, "name", "  name");
	print_member(item, "scope", "  scope");
	print_member(item, "author", "  author");
	print_member(item, "reason", "  reason");
	print_time_member(item, "at", "  since", "it stands in the configuration");
	print_time_member(item, "expires_at", "  until", "it is taken out");
}

void why_record_print(const struct node *root)
{
	const struct node *record = node_get(root, "record"), *entries = node_get(root, "entries");
	const struct node *items = node_get(root, "operator");
	print_member(root, "name", "name");
	print_member(root, "decision", "decision");
	print_member(root, "action", "action");
	print_member(root, "rule", "rule");
	print_member(root, "scope", "scope");
	printf("%-14s%" PRIu64 "\n", "generation", node_number_at(root, "generation"));
	print_member(root, "contact", "contact");
	if (node_truth(node_get(root, "bypass")))
		printf("%-14s%s\n", "bypass", "everything passes now");
	print_time_member(record, "review_at", "review by", "no end is set: each sync asks the sources again");
	print_time_member(record, "at", "written", NULL);
	print_member(record, "user", "by");
	for (size_t i = 0; i < node_count(items); i++)
		print_operator_item(node_at(items, i));
	for (size_t i = 0; i < node_count(entries); i++)
		print_record_source(node_at(entries, i));
	printf("\n");
	if (node_is_array(node_get(root, "hits")))
		print_hits_of_name(node_get(root, "hits"), RECORD_DAYS);
	else
		printf("hits: not counted by rule\n");
}
