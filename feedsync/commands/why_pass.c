/* SPDX-License-Identifier: BSD-3-Clause */
/* What lets a blocked name pass: a bypass, while it lasts; and the operator's own word, once it is published. And what others
 * were told of it. */
#include <stdio.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/shared_names.h"
#include "feedsync/circle/sighting_names.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/publish/bypass_file.h"
#include "feedsync/publish/overrides.h"

void explain_bypass(const struct why_query *q)
{
	struct bypass_file bypass;
	char text[BYPASS_FILE_TEXT];
	bypass_file_read(&bypass, q->config->table);
	if (bypass.in_force)
		printf("BYPASS: EVERYTHING PASSES %s; `feedsync bypass off` ends it\n",
			bypass_file_text(&bypass, text));
}

bool item_covers_question(const struct why_query *q, const struct operator_item *item)
{
	bool above;
	return covers_question(q, item->wire, item->length, &above) && !(above && item->scope == SCOPE_EXACT);
}

/* Prints the items of a list that are about the name. Returns whether one of them lets it pass. */
static bool explain_items(const struct why_query *q, const struct operator_lists *lists, const char *from)
{
	bool passes = false;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		const struct operator_lists one = {.item = (struct operator_item *)item, .count = 1};
		if (!item_covers_question(q, item))
			continue;
		printf("%s: ", from);
		operator_print(&one, wall_now());
		passes |= item->kind == RULE_ALLOW && !operator_expired(item, wall_now());
	}
	return passes;
}

/* Notes a block by command, if it is all that blocks the name. Then it is to be taken back, not overruled. */
static void note_block(struct why_query *q, const struct operator_lists *lists)
{
	for (unsigned i = 0; q->verdict && i < q->verdict->effective_count; i++)
		if (strcmp(table_policy(q->table)->feeds[q->verdict->effective[i].feed].name, OPERATOR_FEED) != 0)
			return;
	for (size_t i = 0; i < q->config->operator_lists.count; i++)
		if (q->config->operator_lists.item[i].kind == RULE_BLOCK &&
			item_covers_question(q, &q->config->operator_lists.item[i]))
			return;
	for (size_t i = 0; i < lists->count; i++)
		if (lists->item[i].kind == RULE_BLOCK && item_covers_question(q, &lists->item[i]))
			name_to_text(lists->item[i].wire, lists->item[i].length, q->block_given);
}

void explain_operator(struct why_query *q)
{
	struct overrides overrides;
	struct why why;
	q->allow_written = explain_items(q, &q->config->operator_lists, q->config->path);
	if (overrides_read(&overrides, q->config, &why) != 0)
		log_error("%s", why.text);
	q->allow_given = explain_items(q, &overrides.lists, "by command");
	note_block(q, &overrides.lists);
	overrides_end(&overrides);
}

static void print_shared_item(void *context, const struct output *output, const struct item *item)
{
	(void)context;
	shared_names_print(output, item);
}

static void print_sighting_of_name(void *context, const char *partner, const struct sighting *sighting)
{
	(void)context;
	sighting_names_print(partner, sighting);
}

void explain_shared(const struct why_query *q)
{
	struct why why;
	if (!shared_names_each(q->config, q->wire, q->length, print_shared_item, NULL))
		printf("what others were told of it is not known as a whole\n");
	if (sighting_names_each(q->config, q->wire, q->length, print_sighting_of_name, NULL, &why) != 0)
		log_error("what was sighted of it is not known: %s", why.text);
}

void explain_next_command(const struct why_query *q)
{
	char held[256];
	if (q->block_given[0] && !q->allow_written && !q->allow_given) {
		printf("to let it pass: feedsync unblock %s\n", q->block_given);
		return;
	}
	if (!q->allow_written) {
		printf("to let it pass: feedsync allow %s --reason TEXT%s\n", q->text,
			q->allow_given ? "   (again: what was allowed is not published)" : "");
		return;
	}
	printf("`allow:` in %s lets it pass, but that is not published yet: `systemctl reload feedsync` or `feedsync "
	       "sync`",
		q->config->path);
	if (q->hold.held) {
		hold_text(&q->hold, held);
		printf(", and `feedsync resume`, since the published table is held%s", held);
	}
	putchar('\n');
}
