/* SPDX-License-Identifier: BSD-3-Clause */
/* What a process has counted, to the store and back. Its counts stand there under names of one to three words: "blocked", "feed
 * FEED CATEGORY ACTION", "group GROUP". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/trends/counted_process.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"

enum { WHAT = 200, HOURS_OF_DAY = 24 };

static const char *const class_words[CLASSES] = {[CLASS_LOGGED] = "logged", [CLASS_BLOCKED] = "blocked"};

/* ---- back ---- */

struct loading {
	struct counted_process *process;
	bool any;
};

static void load_source(
	struct counted_sources *stored, const char *feed, const char *category, enum action action, uint64_t count)
{
	struct counted_source *s = NULL;
	for (size_t i = 0; i < stored->count && !s; i++)
		if (strcmp(stored->list[i].feed, feed) == 0 && strcmp(stored->list[i].category, category) == 0)
			s = &stored->list[i];
	if (!s) {
		struct counted_source *list = realloc(stored->list, (stored->count + 1) * sizeof *list);
		if (!list)
			return;
		stored->list = list;
		s = &list[stored->count++];
		*s = (struct counted_source){.feed = ""};
		snprintf(s->feed, sizeof s->feed, "%s", feed);
		snprintf(s->category, sizeof s->category, "%s", category);
	}
	s->added[action] = count;
}

enum { STORED_WORDS = 4, STORED_ROOM = 256 };

/* Cuts what is stored of a count into its words; names have no blanks. Returns how many there are, 0 for too many. */
static unsigned cut_words(const char *what, char text[STORED_ROOM], const char *words[STORED_WORDS])
{
	unsigned count = 0;
	char *rest = NULL;
	snprintf(text, STORED_ROOM, "%s", what);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (count == STORED_WORDS || strlen(word) > POLICY_MAX_NAME)
			return 0;
		words[count++] = word;
	}
	return count;
}

static void load_count(void *context, const char *what, uint64_t count)
{
	struct loading *loading = context;
	struct counted_process *p = loading->process;
	const char *words[STORED_WORDS];
	char text[STORED_ROOM];
	unsigned length = cut_words(what, text, words);
	enum action action;
	loading->any = true;
	for (unsigned class = 0; class < CLASSES; class ++)
		if (strcmp(what, class_words[class]) == 0)
			p->account[class].accounted = count;
	if (strcmp(what, "opted_out") == 0)
		p->opted_out_added = count;
	else if (length == 4 && strcmp(words[0], "feed") == 0 && action_from_text(words[3], &action) == 0)
		load_source(&p->stored, words[1], words[2], action, count);
	else if (length == 2 && strcmp(words[0], "group") == 0)
		load_source(&p->stored, words[1], "", ACTION_ALLOW, count);
}

bool stored_load(struct counted_process *process, struct trends *trends)
{
	struct loading loading = {.process = process};
	struct why why;
	/* What cannot be read is as if nobody had collected. */
	return trends_counts(trends, process->id, load_count, &loading, &why) == 0 && loading.any;
}

void stored_source(const struct counted_sources *stored, struct counted_source *source)
{
	for (size_t i = 0; i < stored->count; i++)
		if (strcmp(stored->list[i].feed, source->feed) == 0 &&
			strcmp(stored->list[i].category, source->category) == 0)
			memcpy(source->added, stored->list[i].added, sizeof source->added);
}

/* ---- to the store ---- */

static void add_counted_source(const struct counted_process *p, struct trends *trends, uint64_t hour,
	const struct counted_source *s, enum action action, bool all)
{
	char what[WHAT];
	if (s->now[action] == 0 || (s->now[action] <= s->added[action] && !all))
		return;
	uint64_t hits = s->now[action] > s->added[action] ? s->now[action] - s->added[action] : 0;
	if (s->category[0]) {
		if (hits > 0)
			trends_add_feed(trends, hour, s->feed, s->category, action, hits);
		snprintf(what, sizeof what, "feed %s %s %s", s->feed, s->category, action_text(action));
	} else {
		if (hits > 0)
			trends_add_group(trends, hour, s->feed, action, hits);
		snprintf(what, sizeof what, "group %s", s->feed);
	}
	trends_put_count(trends, p->id, what, s->now[action]);
}

static void add_counted_sources(const struct counted_process *p, const struct counted_sources *sources,
	struct trends *trends, uint64_t hour, bool all)
{
	for (size_t i = 0; i < sources->count; i++)
		for (enum action action = 0; action < ACTION_COUNT; action++)
			add_counted_source(p, trends, hour, &sources->list[i], action, all);
}

/* Adds a rule's hits to the hour, and its clients to the day of which they are. */
static void add_rule_count(
	const struct counted_process *p, const struct rule_count *c, struct trends *trends, uint64_t hour)
{
	struct trends_rule_hits hits = {.hour = hour,
		.name = c->name,
		.scope = c->scope,
		.category = c->category,
		.action = c->action,
		.group = c->group,
		.hits = c->hits};
	uint64_t today = hour / HOURS_OF_DAY, key = p->cells ? cells_key_number(p->cells) | 1 : 0;
	if (c->day == today) {
		hits.key = key;
		hits.clients = c->clients;
	}
	trends_add_rule(trends, &hits);
	trends_add_group(trends, hour, c->group, c->action, c->hits);
	if (c->day + 1 != today || key == 0)
		return;
	hits.hour = hour - hour % HOURS_OF_DAY - 1;
	hits.hits = 0;
	hits.key = key;
	hits.clients = c->clients;
	trends_add_rule(trends, &hits);
}

void counted_process_add(struct counted_process *process, struct trends *trends, uint64_t hour, bool all)
{
	const struct counted_process *p = process;
	const struct trends_traffic traffic = {.hour = hour,
		.blocked = p->fresh[CLASS_BLOCKED],
		.logged = p->fresh[CLASS_LOGGED],
		.unattributed = p->unattributed,
		.opted_out = p->opted_out > p->opted_out_added ? p->opted_out - p->opted_out_added : 0};
	trends_add_traffic(trends, &traffic);
	for (unsigned class = 0; class < CLASSES; class ++)
		trends_put_count(trends, p->id, class_words[class], p->account[class].accounted);
	trends_put_count(trends, p->id, "opted_out", p->opted_out);
	add_counted_sources(p, &p->feeds, trends, hour, all);
	add_counted_sources(p, &p->groups, trends, hour, all);
	for (size_t i = 0; i < p->rules.slots; i++)
		for (const struct rule_count *c = p->rules.slot[i]; c; c = c->next)
			add_rule_count(p, c, trends, hour);
}

void counted_process_committed(struct counted_process *process)
{
	struct counted_process *p = process;
	struct counted_sources *const all[] = {&p->feeds, &p->groups};
	for (unsigned i = 0; i < 2; i++)
		for (size_t s = 0; s < all[i]->count; s++)
			memcpy(all[i]->list[s].added, all[i]->list[s].now, sizeof all[i]->list[s].added);
	p->opted_out_added = p->opted_out;
	memset(p->fresh, 0, sizeof p->fresh);
	p->unattributed = 0;
	rule_counts_clear(&p->rules);
}
