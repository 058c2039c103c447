/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/circle/gate.h"
#include "feedsync/circle/sighting_way.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* An entry of a feed that is told of. */
struct sighting_entry {
	struct sighting_identifiers identifiers;
	size_t candidate; /* its number; or FALSE_POSITIVE: */
	const char *name; /* then what it is */
	enum scope scope;
	uint16_t feed;
	struct marking marking;
	bool dropped;
};
#define FALSE_POSITIVE SIZE_MAX

struct selecting {
	struct sighting_selection *selection;
	struct judge *judge;
	const struct partner *partner;
	const struct sighting_way *way;
	uint64_t now;
	struct nameset reported; /* names whose listing the operator calls a mistake; sorted */
	/* the feed at hand */
	uint16_t feed;
	uint32_t table_feed; /* its number in the table */
	struct nameset excepted;
	struct sink sink;
};

/* ---- entries of the feeds ---- */

/* The place for another entry of a candidate: a new one, or that of an older entry; NULL: it is older than those that are there. */
static struct sighting_entry *room_for_entry(struct selecting *g, struct sighting_candidate *c, uint64_t changed_at)
{
	struct sighting_selection *s = g->selection;
	if (c && c->newest_count == SIGHTINGS_OF_A_FEED) {
		struct sighting_entry *oldest = &s->entries[c->newest[0]];
		for (unsigned i = 1; i < c->newest_count; i++)
			if (s->entries[c->newest[i]].identifiers.changed_at < oldest->identifiers.changed_at)
				oldest = &s->entries[c->newest[i]];
		return oldest->identifiers.changed_at < changed_at ? oldest : NULL;
	}
	if (c)
		c->newest[c->newest_count++] = s->entry_count;
	s->entries = xgrow(s->entries, s->entry_count, &s->entry_room, 64, sizeof *s->entries);
	return &s->entries[s->entry_count++];
}

/* Whether the gate lets it be told of the sink's entry at hand: its source; or, by a directory, whoever may read that. */
static enum withheld ask_gate(const struct selecting *g)
{
	const struct gate_question question = {.marking = markings_strictest(g->sink.markings),
		.unmarked = g->judge->config->feeds[g->feed].tlp,
		.way = g->way->main_file ? GATE_TO_OUTPUT : GATE_TO_SOURCE,
		.ceiling = g->partner->ceiling,
		.strict = g->partner->strict};
	return withheld_by_gate(gate_ask(&question));
}

/* What it is told with. What nobody has marked is for who is told, and for his clients. */
static struct marking told_marking(const struct selecting *g)
{
	struct marking marking = markings_strictest(g->sink.markings);
	if (marking.tlp == TLP_NONE)
		marking.tlp = g->judge->config->feeds[g->feed].tlp;
	if (marking.tlp == TLP_NONE)
		marking.tlp = TLP_AMBER;
	return marking;
}

/* Adds the sink's entry at hand, if it is known by something. */
static enum withheld add_sighted_entry(struct selecting *g, struct sighting_candidate *c, const struct rule *rule)
{
	struct sighting_selection *s = g->selection;
	struct sighting_entry entry = {.candidate = c ? (size_t)(c - s->candidates.list) : FALSE_POSITIVE,
		.scope = rule->scope,
		.feed = g->feed,
		.marking = told_marking(g)};
	if (!g->way->identify(&g->sink, &entry.identifiers))
		return WITHHELD_NO_IDENTIFIER;
	if (!c) {
		char name[NAME_MAX_TEXT];
		entry.name = text_room_add(&s->texts, name, name_to_text(rule->wire, rule->length, name));
		if (!entry.name || s->entry_count >= MAX_SIGHTINGS_A_DAY)
			return WITHHELD_MAX;
	}
	struct sighting_entry *place = room_for_entry(g, c, entry.identifiers.changed_at);
	if (place)
		*place = entry;
	return WITHHELD_NOT;
}

/* Whether the operator wants a rule of this name to be reported as a mistake. */
static bool is_reported(const struct selecting *g, const struct rule *rule)
{
	struct namekey key;
	if (g->reported.count == 0)
		return false;
	namekey_of(&key, rule->wire, rule->length);
	return nameset_at(&g->reported, &key) != NULL;
}

static int take_sighted_rule(void *context, const struct rule *rule)
{
	struct selecting *g = context;
	struct namekey key;
	if (rule->kind == RULE_EXCEPT) {
		namekey_of(&key, rule->wire, rule->length);
		return nameset_add(&g->excepted, &key, 0);
	}
	if (rule->kind != RULE_BLOCK)
		return 0;
	if (is_reported(g, rule) && ask_gate(g) == WITHHELD_NOT)
		add_sighted_entry(g, NULL, rule);
	struct sighting_candidate *c = sighting_candidate_find(&g->selection->candidates, rule->wire, rule->length,
		rule->scope == SCOPE_EXACT ? SCOPE_EXACT : SCOPE_SUBTREE);
	if (!c)
		return 0;
	c->listed = true;
	enum withheld withheld = c->enough ? judge_rule(g->judge, rule, g->table_feed) : WITHHELD_FEW;
	if (withheld == WITHHELD_NOT)
		withheld = ask_gate(g);
	if (withheld == WITHHELD_NOT)
		withheld = add_sighted_entry(g, c, rule);
	if (withheld != WITHHELD_NOT && withheld < c->withheld)
		c->withheld = withheld;
	return 0;
}

/* A feed's exceptions stand anywhere in it: what it frees below a name holds back the subtree. */
static void conclude_feed(struct selecting *g)
{
	struct sighting_selection *s = g->selection;
	struct namekey key;
	nameset_sort(&g->excepted);
	for (size_t i = 0; i < s->candidates.count; i++) {
		struct sighting_candidate *c = &s->candidates.list[i];
		if (c->newest_count == 0)
			continue;
		namekey_of(&key, c->wire, c->length);
		bool excepted = c->scope == SCOPE_SUBTREE && nameset_below(&g->excepted, &key);
		for (unsigned k = 0; k < c->newest_count; k++)
			s->entries[c->newest[k]].dropped = excepted;
		if (!excepted)
			c->open += c->newest_count;
		else if (WITHHELD_ALLOWED < c->withheld)
			c->withheld = WITHHELD_ALLOWED;
		c->newest_count = 0;
	}
}

static int gather_reported(struct selecting *g, struct why *why)
{
	const struct operator_lists *lists = &g->judge->config->operator_lists;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		struct namekey key;
		if (item->kind != RULE_ALLOW || !item->report || operator_expired(item, g->now))
			continue;
		namekey_of(&key, item->wire, item->length);
		if (nameset_add(&g->reported, &key, 0) != 0)
			return why_set(why, -ENOMEM, "out of memory");
	}
	nameset_sort(&g->reported);
	return 0;
}

static int walk_feeds(struct selecting *g, struct why *why)
{
	const struct config *config = g->judge->config;
	const struct feed *feed;
	for (size_t next = 0; (feed = feed_walk_next(&g->judge->walk, &next));) {
		g->feed = (uint16_t)(feed - g->judge->walk.feeds);
		if (!g->partner->of[g->feed] || feed->config->allows)
			continue;
		struct why reason;
		g->table_feed = policy_find_feed(table_policy(g->judge->table), feed->config->name);
		g->sink = (struct sink){.take = take_sighted_rule, .context = g};
		nameset_free(&g->excepted);
		int status = feed_walk_parse(&g->judge->walk, next, &g->sink, &reason);
		if (status != 0)
			return why_set(why, status, "feed %s cannot be read: %.150s", config->feeds[g->feed].name,
				reason.text);
		conclude_feed(g);
	}
	return 0;
}

/* ---- what is told ---- */

static void add_sighting(struct selecting *g, const struct sighting_entry *entry, uint64_t day)
{
	struct sighting_selection *s = g->selection;
	const struct sighting_candidate *c =
		entry->candidate == FALSE_POSITIVE ? NULL : &s->candidates.list[entry->candidate];
	struct sighting sighting = {.day = day,
		.type = c ? SIGHTING_HIT : SIGHTING_FALSE_POSITIVE,
		.at = c ? (day + 1) * ONE_DAY_S - 1 : g->now,
		.hits = c ? c->told_hits : 0,
		.name = c ? c->name : entry->name,
		.scope = entry->scope == SCOPE_EXACT ? SCOPE_EXACT : SCOPE_SUBTREE,
		.marking = entry->marking,
		.feed = g->judge->config->feeds[entry->feed].name};
	memcpy(sighting.group, entry->identifiers.group, sizeof sighting.group);
	memcpy(sighting.entry, entry->identifiers.entry, sizeof sighting.entry);
	sighting_identify(&sighting, &g->judge->config->organisation, g->way->made);
	s->list = xgrow(s->list, s->count, &s->room, 64, sizeof *s->list);
	s->list[s->count++] = sighting;
	if (entry->marking.tlp > s->tlp)
		s->tlp = entry->marking.tlp;
}

static int compare_hits(const void *a, const void *b)
{
	const struct sighting_candidate *x = *(struct sighting_candidate *const *)a;
	const struct sighting_candidate *y = *(struct sighting_candidate *const *)b;
	return x->hits != y->hits ? (x->hits < y->hits ? 1 : -1) : sighting_candidate_compare(x, y);
}

/* Whether no list has a rule any more that was hit. */
static bool is_gone(const struct judge *judge, const struct sighting_candidate *c)
{
	bool own = false;
	return !table_verdict(judge->table, c->wire, c->length, c->scope, &own) || !own;
}

/* What is told of a candidate, or why nothing is. */
static enum withheld judge_candidate(const struct judge *judge, const struct sighting_candidate *c, uint64_t room)
{
	if (c->open > 0)
		return c->open <= room ? WITHHELD_NOT : WITHHELD_MAX;
	if (c->listed)
		return c->withheld;
	return c->enough && is_gone(judge, c) ? WITHHELD_GONE : WITHHELD_NOT; /* else it is other feeds' alone */
}

static int compare_sighted_entries(const void *a, const void *b)
{
	const struct sighting_entry *x = a, *y = b;
	if (x->candidate != y->candidate)
		return x->candidate < y->candidate ? -1 : 1;
	int order = strcmp(x->identifiers.entry, y->identifiers.entry);
	if (order == 0 && x->candidate == FALSE_POSITIVE)
		order = strcmp(x->name, y->name);
	return order != 0 ? order : (x->scope > y->scope) - (x->scope < y->scope);
}

/* Leaves one of several entries that are known by the same identifier, with the strictest marking; they are sorted. The scope of a
 * candidate is that of its entries. */
static void drop_repeated_entries(struct sighting_selection *s)
{
	struct sighting_entry *last = NULL;
	for (size_t i = 0; i < s->entry_count; i++) {
		struct sighting_entry *entry = &s->entries[i];
		if (entry->dropped)
			continue;
		if (!last || compare_sighted_entries(last, entry) != 0) {
			last = entry;
			continue;
		}
		entry->dropped = true;
		if (entry->marking.tlp > last->marking.tlp)
			last->marking.tlp = entry->marking.tlp;
		if (entry->marking.pap > last->marking.pap)
			last->marking.pap = entry->marking.pap;
		if (entry->candidate != FALSE_POSITIVE)
			s->candidates.list[entry->candidate].open--;
	}
}

/* Tells of a candidate's entries; they are sorted. */
static void tell_candidate(struct selecting *g, const struct sighting_candidate *c, uint64_t day)
{
	struct sighting_selection *s = g->selection;
	const size_t number = (size_t)(c - s->candidates.list);
	size_t first = 0, end = s->entry_count;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (s->entries[middle].candidate < number)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < s->entry_count && s->entries[first].candidate == number; first++)
		if (!s->entries[first].dropped)
			add_sighting(g, &s->entries[first], day);
}

/* In order of hits, as long as there is room. */
static void tell_candidates(struct selecting *g, uint64_t day)
{
	struct sighting_selection *s = g->selection;
	struct sighting_candidate **order = xcalloc(s->candidates.count + 1, sizeof(struct sighting_candidate *));
	uint64_t room = g->partner->max;
	for (size_t i = 0; i < s->candidates.count; i++)
		order[i] = &s->candidates.list[i];
	if (s->candidates.count > 1)
		qsort(order, s->candidates.count, sizeof(struct sighting_candidate *), compare_hits);
	for (size_t i = 0; i < s->candidates.count; i++) {
		struct sighting_candidate *c = order[i];
		c->withheld = judge_candidate(g->judge, c, room);
		s->withheld[c->withheld]++;
		if (c->open == 0 || c->withheld != WITHHELD_NOT)
			continue;
		room -= c->open;
		tell_candidate(g, c, day);
	}
	free(order);
}

int sighting_selection_make(struct sighting_selection *selection, struct judge *judge, struct trends *trends,
	const struct partner *partner, uint64_t day, uint64_t now, struct why *why)
{
	struct selecting g = {.selection = selection,
		.judge = judge,
		.partner = partner,
		.way = sighting_way_find(partner->to),
		.now = now};
	*selection = (struct sighting_selection){0};
	int status = gather_reported(&g, why);
	if (status == 0)
		status = sighting_candidates_read(
			&selection->candidates, trends, day, judge->config->trends.min_clients, partner, why);
	if (status == 0)
		status = walk_feeds(&g, why);
	nameset_free(&g.excepted);
	nameset_free(&g.reported);
	if (status != 0)
		return status;
	if (selection->entry_count > 1)
		qsort(selection->entries, selection->entry_count, sizeof *selection->entries, compare_sighted_entries);
	drop_repeated_entries(selection);
	for (size_t i = 0; i < selection->entry_count; i++)
		if (selection->entries[i].candidate == FALSE_POSITIVE && !selection->entries[i].dropped)
			add_sighting(&g, &selection->entries[i], day);
	tell_candidates(&g, day);
	return 0;
}

void sighting_selection_free(struct sighting_selection *selection)
{
	text_room_free(&selection->texts);
	free(selection->list);
	free(selection->entries);
	sighting_candidates_free(&selection->candidates);
	*selection = (struct sighting_selection){0};
}
