/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/feed_worth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/table_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/trends/feed_worth_private.h"
#include "feedsync/trends/trends_clients.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/table.h"

enum { DAY_S = 86400, SHORT_DAYS = 30, LONG_DAYS = 90 };

/* ---- names that were hit ---- */

struct hit_name {
	uint64_t key; /* of the rule */
	uint64_t last_day;
};

struct hit_names {
	struct hit_name *list;
	size_t count, room;
	uint64_t first_day; /* of which anything is known; 0: of none */
	bool short_of_memory;
};

static uint64_t key_of_rule(const uint8_t *wire, size_t length, enum scope scope)
{
	return name_key(wire, length, scope);
}

static void note_hit_name(void *context, const char *name, enum scope scope, uint64_t last_day)
{
	struct hit_names *names = context;
	name_storage wire;
	int length = name_from_text(name, strlen(name), wire);
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 1024;
		struct hit_name *list = realloc(names->list, room * sizeof *list);
		names->short_of_memory |= !list;
		if (!list)
			return;
		names->list = list;
		names->room = room;
	}
	if (length > 0)
		names->list[names->count++] =
			(struct hit_name){.key = key_of_rule(wire, (size_t)length, scope), .last_day = last_day};
}

static int by_key(const void *a, const void *b)
{
	const struct hit_name *x = a, *y = b;
	return (x->key > y->key) - (x->key < y->key);
}

/* Names that enough clients asked for: who makes up a list must not learn from these numbers that somebody asked for a name
 * of it. */
static int read_hit_names(struct hit_names *names, const struct feeds_worth *worth, const char *state, struct why *why)
{
	struct trends *trends;
	uint64_t last = worth->period.last;
	int status = trends_open(&trends, state, false, why);
	if (status == 0)
		status = trends_first_day(trends, &names->first_day, why);
	if (status == 0)
		status = trends_names_hit(trends, last >= LONG_DAYS ? last + 1 - LONG_DAYS : 0, last,
			1.25 * worth->min_clients, note_hit_name, names, why);
	if (status == 0 && names->short_of_memory)
		status = why_set(why, -ENOMEM, "out of memory for the names that were hit");
	trends_close(&trends);
	if (names->count > 0)
		qsort(names->list, names->count, sizeof *names->list, by_key);
	return status;
}

/* ---- the table ---- */

struct table_walk {
	struct feeds_worth *worth;
	const struct policy *policy;
	const struct hit_names *hit;
	bool *covers; /* by feed: whether it covers the rule at hand */
};

static bool has_own_block(const struct verdict *verdict, uint32_t feed)
{
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].source.feed == feed && verdict->own[i].kind == RULE_BLOCK)
			return true;
	return false;
}

/* Sets which feeds block by a verdict. Returns how many there are. */
static unsigned find_covering(const struct verdict *verdict, bool *covers, uint32_t feed_count)
{
	unsigned count = 0;
	memset(covers, 0, feed_count * sizeof *covers);
	for (unsigned i = 0; i < verdict->effective_count; i++) {
		count += !covers[verdict->effective[i].feed];
		covers[verdict->effective[i].feed] = true;
	}
	return count;
}

static void count_scope(struct table_walk *walk, const struct table_rule *rule, enum scope scope, uint32_t number)
{
	const struct verdict *verdict = &walk->policy->verdicts[number];
	if (number == 0 || verdict->own_count == 0)
		return;
	unsigned covering = find_covering(verdict, walk->covers, walk->policy->feed_count);
	const struct hit_name wanted = {.key = key_of_rule(rule->wire, rule->wire_length, scope)};
	const struct hit_name *hit =
		walk->hit->count > 0 ? bsearch(&wanted, walk->hit->list, walk->hit->count, sizeof wanted, by_key)
				     : NULL;
	for (uint32_t f = 0; f < walk->worth->count; f++) {
		struct feed_worth *feed = &walk->worth->feed[f];
		if (!walk->covers[f] || !has_own_block(verdict, f))
			continue;
		feed->names++;
		feed->unique += covering == 1;
		feed->hit_30 += hit && hit->last_day + SHORT_DAYS > walk->worth->period.last;
		feed->hit_90 += hit != NULL;
		for (uint32_t other = 0; other < walk->worth->count; other++)
			feed->shared[other] += walk->covers[other];
	}
}

static int count_rule_of_feeds(void *context, const struct table_rule *rule)
{
	struct table_walk *walk = context;
	struct class class = walk->policy->classes[rule->class];
	count_scope(walk, rule, SCOPE_EXACT, class.exact);
	count_scope(walk, rule, SCOPE_SUBTREE, class.subtree);
	return 0;
}

static int walk_table(
	struct feeds_worth *worth, const struct trends_question *question, const struct hit_names *hit, struct why *why)
{
	struct table *table;
	int status = table_file_open(&table, question->table, why);
	if (status != 0)
		return status;
	struct table_walk walk = {.worth = worth, .policy = table_policy(table), .hit = hit};
	worth->count = walk.policy->feed_count;
	worth->feed = xcalloc(worth->count, sizeof *worth->feed);
	walk.covers = xcalloc(worth->count, sizeof *walk.covers);
	for (uint32_t f = 0; f < worth->count; f++) {
		memcpy(worth->feed[f].name, walk.policy->feeds[f].name, sizeof worth->feed[f].name);
		worth->feed[f].shared = xcalloc(worth->count, sizeof *worth->feed[f].shared);
	}
	status = table_each(table, count_rule_of_feeds, &walk, why);
	free(walk.covers);
	table_close(&table);
	return status;
}

/* ---- hits ---- */

static struct feed_worth *worth_of_feed(struct feeds_worth *worth, const char *name)
{
	for (uint32_t f = 0; f < worth->count; f++)
		if (strcmp(worth->feed[f].name, name) == 0)
			return &worth->feed[f];
	return NULL;
}

struct hit_rule {
	struct feeds_worth *worth;
	const struct report_rule *rule;
	struct feed_worth *last;
	unsigned feeds;
};

static void add_hits(void *context, const char *name)
{
	struct hit_rule *hit = context;
	struct feed_worth *feed = worth_of_feed(hit->worth, name);
	hit->feeds++;
	hit->last = feed;
	if (!feed)
		return;
	feed->hits += hit->rule->hits;
	feed->suspects += hit->rule->suspicion != 0;
}

static int read_hits_of_feeds(struct feeds_worth *worth, const struct trends_question *question, struct why *why)
{
	struct trends_report *report;
	struct trends_question asked = *question;
	asked.period = worth->period;
	asked.config = NULL;                                    /* by their own names */
	asked.against = (struct period){.first = 1, .last = 0}; /* none */
	int status = trends_report_new(&report, &asked, why);
	if (status != 0)
		return status;
	for (size_t i = 0; i < report->rule_count; i++) {
		struct hit_rule hit = {.worth = worth, .rule = &report->rules[i]};
		worth->hits += hit.rule->hits;
		report_each_feed(report, hit.rule, add_hits, &hit);
		if (hit.feeds == 1 && hit.last)
			hit.last->unique_hits += hit.rule->hits;
	}
	trends_report_free(&report);
	return 0;
}

static int gather_worth(struct feeds_worth *worth, const struct trends_question *question, struct why *why)
{
	struct hit_names hit = {0};
	struct why trouble;
	int status = read_hit_names(&hit, worth, question->state, &trouble);
	worth->hits_known = status == 0;
	worth->known_days =
		hit.first_day > 0 && hit.first_day <= worth->period.last ? worth->period.last + 1 - hit.first_day : 0;
	if (status == -ENOENT)
		status = 0;
	else if (status != 0)
		why_set(why, status, "%s", trouble.text);
	if (status == 0)
		status = walk_table(worth, question, &hit, why);
	free(hit.list);
	if (status == 0 && worth->hits_known)
		status = read_hits_of_feeds(worth, question, why);
	if (status != 0)
		return status;
	int read = worth_read_history(worth, question->state, worth->period.first * DAY_S, &trouble);
	worth->history_known = read == 0;
	if (read != 0 && read != -ENOENT)
		worth->history_trouble = trouble;
	return 0;
}

int feeds_worth_new(struct feeds_worth **worth, const struct trends_question *question, uint64_t last, unsigned days,
	struct why *why)
{
	struct feeds_worth *w = xcalloc(1, sizeof *w);
	*worth = w;
	w->min_clients = question->min_clients;
	w->period = (struct period){.first = last >= days ? last + 1 - days : 0, .last = last};
	int status = gather_worth(w, question, why);
	if (status != 0)
		feeds_worth_free(worth);
	return status;
}

void feeds_worth_free(struct feeds_worth **worth)
{
	struct feeds_worth *w = *worth;
	*worth = NULL;
	if (!w)
		return;
	for (uint32_t f = 0; f < w->count; f++)
		free(w->feed[f].shared);
	free(w->feed);
	free(w);
}
