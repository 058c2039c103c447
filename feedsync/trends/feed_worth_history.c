/* SPDX-License-Identifier: BSD-3-Clause */
/* What the history says of a feed: what it took back soon, and what it listed later than others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/publish/history.h"
#include "feedsync/trends/feed_worth.h"
#include "feedsync/trends/feed_worth_private.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

enum { DAY_S = 86400, SOON_S = 7 * DAY_S };

/* A feed began to list a name, or ceased to. */
struct listing_change {
	uint64_t key; /* of name and scope */
	uint64_t time;
	uint32_t feed;
	bool added;
};

struct listing_changes {
	struct feeds_worth *worth;
	struct history *history;
	struct listing_change *list;
	size_t count, room;
	uint64_t since;
	int status;
	struct why why;
};

static uint32_t number_of_feed(const struct feeds_worth *worth, const char *name)
{
	uint32_t f = 0;
	while (f < worth->count && strcmp(worth->feed[f].name, name) != 0)
		f++;
	return f;
}

static void note_listing_change(void *context, uint64_t generation, uint64_t time, const struct table_change *change)
{
	struct listing_changes *changes = context;
	uint32_t feed = number_of_feed(changes->worth, change->feed);
	(void)generation;
	if (change->kind != RULE_BLOCK || feed == changes->worth->count || changes->status != 0)
		return;
	if (changes->count == changes->room) {
		size_t room = changes->room ? 2 * changes->room : 1024;
		struct listing_change *list = realloc(changes->list, room * sizeof *list);
		if (!list) {
			changes->status = why_set(&changes->why, -ENOMEM, "out of memory for the history's changes");
			return;
		}
		changes->list = list;
		changes->room = room;
	}
	changes->list[changes->count++] =
		(struct listing_change){.key = XXH3_64bits_withSeed(change->name, strlen(change->name), change->scope),
			.time = time,
			.feed = feed,
			.added = change->added};
}

static void note_changes_of_publish(void *context, const struct history_publish *publish)
{
	struct listing_changes *changes = context;
	if (publish->time >= changes->since && changes->status == 0)
		changes->status = history_changes(
			changes->history, publish->generation, NULL, note_listing_change, changes, &changes->why);
}

static int by_name_and_time(const void *a, const void *b)
{
	const struct listing_change *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->feed != y->feed ? (x->feed < y->feed ? -1 : 1) : x->added - y->added;
}

/* Whether the feed took the name back soon after it began to list it, at `first`. */
static bool was_taken_back(const struct listing_change *first, const struct listing_change *end)
{
	for (const struct listing_change *c = first + 1; c < end && c->time <= first->time + SOON_S; c++)
		if (c->feed == first->feed)
			return !c->added;
	return false;
}

static bool is_first_of_feed(const struct listing_change *begin, const struct listing_change *change)
{
	for (const struct listing_change *c = begin; c < change; c++)
		if (c->feed == change->feed)
			return false;
	return true;
}

/* Judges the changes of one name, in their order. */
static void judge_changes_of_name(
	struct feeds_worth *worth, const struct listing_change *begin, const struct listing_change *end)
{
	uint64_t earliest = 0;
	for (const struct listing_change *c = begin; c < end; c++) {
		struct feed_worth *feed = &worth->feed[c->feed];
		if (!c->added)
			continue;
		feed->added++;
		feed->withdrawn += was_taken_back(c, end);
		if (earliest == 0)
			earliest = c->time;
		if (c->time > earliest && is_first_of_feed(begin, c)) {
			feed->late++;
			feed->days_late += (double)(c->time - earliest) / DAY_S;
		}
	}
}

int worth_read_history(struct feeds_worth *worth, const char *state, uint64_t since, struct why *why)
{
	struct listing_changes changes = {.worth = worth, .since = since};
	int status = history_open(&changes.history, state, false, why);
	if (status == 0)
		status = history_publishes(
			changes.history, UINT64_MAX, UINT64_MAX, note_changes_of_publish, &changes, why);
	if (status == 0 && changes.status != 0)
		status = why_set(why, changes.status, "%s", changes.why.text);
	history_close(&changes.history);
	if (changes.count > 0)
		qsort(changes.list, changes.count, sizeof *changes.list, by_name_and_time);
	for (size_t first = 0, end; status == 0 && first < changes.count; first = end) {
		for (end = first; end < changes.count && changes.list[end].key == changes.list[first].key; end++)
			;
		judge_changes_of_name(worth, &changes.list[first], &changes.list[end]);
	}
	free(changes.list);
	for (uint32_t f = 0; f < worth->count; f++)
		if (worth->feed[f].late > 0)
			worth->feed[f].days_late /= (double)worth->feed[f].late;
	return status;
}
