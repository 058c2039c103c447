/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_candidate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/trends/shown_day.h"
#include "feedsync/trends/trends_report.h"
#include "libweir/errors.h"

static int compare_hit_rule(
	const uint8_t *a, size_t a_length, enum scope a_scope, const uint8_t *b, size_t b_length, enum scope b_scope)
{
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	int order = memcmp(a, b, a_length);
	return order != 0 ? order : (a_scope > b_scope) - (a_scope < b_scope);
}

int sighting_candidate_compare(const void *a, const void *b)
{
	const struct sighting_candidate *x = a, *y = b;
	return compare_hit_rule(x->wire, x->length, x->scope, y->wire, y->length, y->scope);
}

struct sighting_candidate *sighting_candidate_find(
	const struct sighting_candidates *s, const uint8_t *wire, size_t length, enum scope scope)
{
	for (size_t first = 0, end = s->count; first < end;) {
		size_t middle = first + (end - first) / 2;
		struct sighting_candidate *candidate = &s->list[middle];
		int order = compare_hit_rule(candidate->wire, candidate->length, candidate->scope, wire, length, scope);
		if (order == 0)
			return candidate;
		if (order < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

/* Makes a candidate of a row of the day. Returns whether it can be one. */
static bool read_candidate(struct sighting_candidate *c, const struct shown_rule *row, const struct partner *partner,
	struct text_room *texts)
{
	int length = name_from_text(row->name, strlen(row->name), c->wire);
	if (length <= 1 || (row->action == ACTION_LOG && !partner->logged))
		return false;
	c->length = (uint8_t)length;
	c->scope = row->scope;
	c->hits = c->told_hits = row->hits;
	c->unshown = row->further;
	c->enough = shown_enough(row->low, partner->min_clients) && row->hits >= partner->min_clients;
	c->withheld = WITHHELD_COUNT;
	c->name = text_room_add(texts, row->name, strlen(row->name));
	return true;
}

/* A rule has a row for each category, action and group. Its clients cannot be added up: one row of it must have enough. */
static void merge_candidates(struct sighting_candidates *s)
{
	size_t count = 0;
	if (s->count > 1)
		qsort(s->list, s->count, sizeof *s->list, sighting_candidate_compare);
	for (size_t i = 0; i < s->count; i++) {
		const struct sighting_candidate *c = &s->list[i];
		struct sighting_candidate *last = count > 0 ? &s->list[count - 1] : NULL;
		if (!last || sighting_candidate_compare(last, c) != 0) {
			s->list[count++] = *c;
			continue;
		}
		last->hits += c->hits;
		last->enough |= c->enough;
		last->unshown |= c->unshown;
	}
	s->count = count;
	for (size_t i = 0; i < count; i++)
		s->list[i].told_hits = s->list[i].unshown ? 0 : two_digits((double)s->list[i].hits);
}

int sighting_candidates_read(struct sighting_candidates *s, struct trends *trends, uint64_t number,
	unsigned min_clients, const struct partner *partner, struct why *why)
{
	struct shown_day day;
	*s = (struct sighting_candidates){0};
	int status = shown_day_begin(&day, trends, number, min_clients, why);
	if (status == 0)
		s->list = calloc(day.rule_count + 1, sizeof *s->list);
	bool whole = s->list != NULL;
	for (size_t i = 0; status == 0 && whole && i < day.rule_count; i++) {
		struct sighting_candidate *c = &s->list[s->count];
		if (!read_candidate(c, &day.rules[i], partner, &s->texts))
			continue;
		whole = c->name != NULL;
		s->count++;
	}
	shown_day_end(&day);
	if (status == 0 && !whole)
		return why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		merge_candidates(s);
	return status;
}

void sighting_candidates_free(struct sighting_candidates *candidates)
{
	text_room_free(&candidates->texts);
	free(candidates->list);
	*candidates = (struct sighting_candidates){0};
}
