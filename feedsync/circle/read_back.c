/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/read_back.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/circle/text_room.h"
#include "libweir/errors.h"

/* What is said of a name: of itself, and of what is below it. A subtree is both, in one word or in two. */
enum { SAYS_NAME = 1, SAYS_BELOW = 2 };

struct said {
	const char *name;
	unsigned what;
};

struct said_list {
	struct said *list;
	size_t count, room;
	struct text_room texts;
};

static unsigned said_by(enum scope scope)
{
	return scope == SCOPE_EXACT ? SAYS_NAME : scope == SCOPE_BELOW ? SAYS_BELOW : SAYS_NAME | SAYS_BELOW;
}

static int add_said(struct said_list *said, const char *name, unsigned what)
{
	if (said->count == said->room) {
		size_t room = said->room > 0 ? said->room * 2 : 1024;
		struct said *larger = reallocarray(said->list, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		said->list = larger;
		said->room = room;
	}
	said->list[said->count++] = (struct said){name, what};
	return 0;
}

static int take_read_rule(void *context, const struct rule *rule)
{
	struct said_list *said = context;
	char text[NAME_MAX_TEXT];
	if (rule->kind != RULE_BLOCK)
		return -EBADMSG;
	size_t length = name_to_text(rule->wire, rule->length, text);
	const char *name = text_room_add(&said->texts, text, length);
	return name ? add_said(said, name, said_by(rule->scope)) : -ENOMEM;
}

static int compare_said(const void *a, const void *b)
{
	return strcmp(((const struct said *)a)->name, ((const struct said *)b)->name);
}

/* Puts what is said of each name together. */
static void unite_said(struct said_list *said)
{
	size_t count = 0;
	if (said->count > 1)
		qsort(said->list, said->count, sizeof *said->list, compare_said);
	for (size_t i = 0; i < said->count; i++)
		if (count > 0 && strcmp(said->list[count - 1].name, said->list[i].name) == 0)
			said->list[count - 1].what |= said->list[i].what;
		else
			said->list[count++] = said->list[i];
	said->count = count;
}

static int tell_difference(const char *what, const struct said *said, struct why *why)
{
	return why_set(why, -EBADMSG, "read back, it %s %.180s", what, said->name);
}

static int compare_lists(const struct said_list *wanted, const struct said_list *found, struct why *why)
{
	size_t i = 0;
	for (; i < wanted->count && i < found->count; i++) {
		const struct said *w = &wanted->list[i], *f = &found->list[i];
		int order = strcmp(w->name, f->name);
		if (order < 0)
			return tell_difference("lacks", w, why);
		if (order > 0)
			return tell_difference("has also", f, why);
		if (w->what != f->what)
			return tell_difference("has another scope for", w, why);
	}
	if (i < wanted->count)
		return tell_difference("lacks", &wanted->list[i], why);
	return i < found->count ? tell_difference("has also", &found->list[i], why) : 0;
}

int read_back_check(const struct release *release, const char *directory, struct why *why)
{
	struct said_list wanted = {0}, found = {0};
	struct parse_counts counts = {0};
	struct sink sink = {.take = take_read_rule, .context = &found, .counts = &counts};
	int status = 0;
	why->text[0] = '\0';
	for (size_t i = 0; status == 0 && i < release->count; i++)
		if (release->items[i].state == ITEM_LIVE)
			status = add_said(&wanted, release->items[i].name, said_by(release->items[i].scope));
	if (status == 0)
		status = rendering_find(release->output->format)->read(release, directory, &sink, why);
	if (status != 0 && !why->text[0])
		why_set(why, status, "%s",
			status == -EBADMSG ? "read back, it has what is no name to block" : error_text(status));
	unite_said(&wanted);
	unite_said(&found);
	if (status == 0)
		status = compare_lists(&wanted, &found, why);
	free(wanted.list);
	free(found.list);
	text_room_free(&found.texts);
	return status;
}
