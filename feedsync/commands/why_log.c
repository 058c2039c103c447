/* SPDX-License-Identifier: BSD-3-Clause */
/* What the history knows of a name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/timestamp.h"
#include "feedsync/commands/why_private.h"
#include "libweir/errors.h"

enum { MAX_CHANGES_SHOWN = 50 };

void explain_open_log(struct why_query *q)
{
	struct why why;
	int status = history_open(&q->history, q->config->state, false, &why);
	if (status == 0)
		status = history_complete_since(q->history, &q->since, &q->within, &why);
	if (status != 0)
		printf("no history: %s\n", why.text);
	if (status != 0)
		history_close(&q->history);
}

/* The oldest of the changes of one feed's rule, and the newest. */
struct seen {
	const char *feed;
	enum scope scope;
	uint64_t count, first, last;
	bool first_added, last_added;
};

/* The newest change comes first. */
static void note_change(void *context, uint64_t generation, uint64_t time, const struct table_change *change)
{
	struct seen *seen = context;
	(void)generation;
	if (change->scope != seen->scope || strcmp(change->feed, seen->feed) != 0)
		return;
	if (seen->count++ == 0) {
		seen->last = time;
		seen->last_added = change->added;
	}
	seen->first = time;
	seen->first_added = change->added;
}

static void print_first(const struct why_query *q, const struct seen *seen, bool own)
{
	char when[TIMESTAMP_ROOM];
	if (seen->count > 0)
		printf("first seen %s%s", seen->first_added ? "" : "before ", timestamp_text(seen->first, when));
	else if (!own)
		printf("in no table by itself");
	else if (q->since > 0)
		printf("first seen %s%s", q->within ? "by " : "before ", timestamp_text(q->since, when));
	else
		printf("first seen unknown");
}

void explain_seen(struct why_query *q, const char *name, enum scope scope, bool own)
{
	struct seen seen = {.feed = q->feed->config->name, .scope = scope};
	struct why why;
	char when[TIMESTAMP_ROOM];
	if (q->history && history_changes(q->history, 0, name, note_change, &seen, &why) != 0)
		printf("  the history cannot be read: %s\n", why.text);
	printf("  ");
	print_first(q, &seen, own);
	if (q->feed->record.current_at > 0)
		printf(", last seen %s", timestamp_text(q->feed->record.current_at, when));
	if (seen.count > 0 && !seen.last_added)
		printf(", out of force since %s", timestamp_text(seen.last, when));
	putchar('\n');
}

uint64_t listed_since(struct why_query *q, const char *name, enum scope scope)
{
	struct seen seen = {.feed = q->feed->config->name, .scope = scope};
	struct why why;
	if (!q->history || history_changes(q->history, 0, name, note_change, &seen, &why) != 0)
		return 0;
	return seen.count > 0 && seen.last_added ? seen.last : 0;
}

/* Changes as they are printed. */
struct printing {
	bool subtree_only; /* the name is above the one asked about, so an exact rule for it says nothing */
	uint64_t count;
};

static void print_dated_change(void *context, uint64_t generation, uint64_t time, const struct table_change *change)
{
	static const char *const kinds[] = {"", "allow ", "except "};
	struct printing *printing = context;
	char when[TIMESTAMP_ROOM];
	if ((printing->subtree_only && change->scope != SCOPE_SUBTREE) || printing->count++ >= MAX_CHANGES_SHOWN)
		return;
	printf("%s generation %llu: %s %s%s %s, feed %s, category %s\n", timestamp_text(time, when),
		(unsigned long long)generation, change->added ? "added" : "removed", kinds[change->kind],
		scope_text(change->scope), change->name, change->feed, change->category);
}

void explain_changes(struct why_query *q)
{
	struct why why;
	int status = 0;
	for (unsigned i = 0; q->history && status == 0 && i + 1u < q->labels.count; i++) {
		char name[NAME_MAX_TEXT];
		struct printing printing = {.subtree_only = i > 0};
		name_to_text(q->wire + q->labels.offset[i], q->length - q->labels.offset[i], name);
		status = history_changes(q->history, 0, name, print_dated_change, &printing, &why);
		if (printing.count > MAX_CHANGES_SHOWN)
			printf("... and %llu older ones\n", (unsigned long long)printing.count - MAX_CHANGES_SHOWN);
	}
	if (status != 0)
		printf("the history cannot be read: %s\n", why.text);
}
