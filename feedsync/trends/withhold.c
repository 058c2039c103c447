/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rules become further names, and which categories go into the others. See shown_day.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/trends/shown_day.h"
#include "feedsync/trends/shown_day_private.h"

/* Rules in an order of their own. */
struct rule_list {
	struct shown_rule **rule;
	size_t count;
};

/* By category, action and group; within these those with the fewest hits first. */
static int by_class(const void *a, const void *b)
{
	const struct shown_rule *x = *(struct shown_rule *const *)a, *y = *(struct shown_rule *const *)b;
	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	if (x->action != y->action)
		return x->action < y->action ? -1 : 1;
	int groups = strcmp(x->group, y->group);
	if (groups != 0)
		return groups;
	if (x->hits != y->hits)
		return x->hits < y->hits ? -1 : 1;
	int names = strcmp(x->name, y->name);
	return names != 0 ? names : (x->scope > y->scope) - (x->scope < y->scope);
}

static bool same_class(const struct shown_rule *x, const struct shown_rule *y)
{
	return x->cell == y->cell && x->action == y->action && strcmp(x->group, y->group) == 0;
}

static size_t end_of_class(const struct rule_list *list, size_t first)
{
	size_t end = first;
	while (end < list->count && same_class(list->rule[first], list->rule[end]))
		end++;
	return end;
}

/* Makes further names of the rules with the fewest hits until there are `wanted` of the class, or all are. */
static void widen_class(struct rule_list *list, size_t first, size_t end, size_t wanted)
{
	size_t further = 0;
	for (size_t i = first; i < end; i++)
		further += list->rule[i]->further;
	for (size_t i = first; i < end && further < wanted; i++) {
		further += !list->rule[i]->further;
		list->rule[i]->further = true;
	}
}

static void widen_classes(struct rule_list *list, size_t wanted)
{
	for (size_t first = 0, end; first < list->count; first = end) {
		bool any = false;
		end = end_of_class(list, first);
		for (size_t i = first; i < end; i++)
			any |= list->rule[i]->further;
		if (any)
			widen_class(list, first, end, wanted);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct shown_rule *x = *(struct shown_rule *const *)a, *y = *(struct shown_rule *const *)b;
	int names = strcmp(x->name, y->name);
	return names != 0 ? names : (x->scope > y->scope) - (x->scope < y->scope);
}

/* The further names of a cell, each counted once, however many groups and categories it is in; with `cell` ALL_OTHERS those
 * of all cells that are with the others. */
#define ALL_OTHERS UINT_MAX
static size_t count_further(const struct shown_day *day, const struct rule_list *list, unsigned cell, bool logged)
{
	struct rule_list found = {.rule = xcalloc(list->count, sizeof(struct shown_rule *))};
	size_t names = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct shown_cell *own = &day->cells[list->rule[i]->cell];
		if (list->rule[i]->further &&
			(cell == ALL_OTHERS ? own->other && own->logged == logged : list->rule[i]->cell == cell))
			found.rule[found.count++] = list->rule[i];
	}
	qsort(found.rule, found.count, sizeof(struct shown_rule *), by_name);
	for (size_t i = 0; i < found.count; i++)
		names += i == 0 || by_name(&found.rule[i - 1], &found.rule[i]) != 0;
	free(found.rule);
	return names;
}

static uint64_t hits_of_cell(const struct rule_list *list, unsigned cell)
{
	uint64_t hits = 0;
	for (size_t i = 0; i < list->count; i++)
		hits += list->rule[i]->cell == cell ? list->rule[i]->hits : 0;
	return hits;
}

/* The cell with the fewest hits that is not with the others yet; cell_count if there is none. */
static unsigned find_smallest_cell(const struct shown_day *day, const struct rule_list *list, bool logged)
{
	unsigned smallest = (unsigned)day->cell_count;
	uint64_t fewest = UINT64_MAX;
	for (unsigned i = 0; i < day->cell_count; i++) {
		uint64_t hits = hits_of_cell(list, i);
		if (day->cells[i].logged != logged || day->cells[i].other || hits >= fewest)
			continue;
		smallest = i;
		fewest = hits;
	}
	return smallest;
}

/* Makes further names of whole classes of a cell, or of `wanted` of each, until the others have enough. */
static void widen_cell(struct shown_day *day, struct rule_list *list, unsigned cell)
{
	bool logged = day->cells[cell].logged;
	for (size_t first = 0, end; first < list->count; first = end) {
		end = end_of_class(list, first);
		if (list->rule[first]->cell == cell && count_further(day, list, ALL_OTHERS, logged) < day->min_clients)
			widen_class(list, first, end, day->min_clients);
	}
}

/* Fills the cell of the others, where there is one, until it has enough further names. */
static void fill_others(struct shown_day *day, struct rule_list *list, bool logged)
{
	size_t further;
	while ((further = count_further(day, list, ALL_OTHERS, logged)) > 0 && further < day->min_clients) {
		unsigned cell = find_smallest_cell(day, list, logged);
		if (cell == day->cell_count)
			break;
		day->cells[cell].other = true;
		widen_cell(day, list, cell);
	}
	day->whole[logged] = further == 0 || further >= day->min_clients;
}

void shown_day_withhold(struct shown_day *day)
{
	struct rule_list list = {
		.rule = xcalloc(day->rule_count, sizeof(struct shown_rule *)), .count = day->rule_count};
	for (size_t i = 0; i < day->rule_count; i++)
		list.rule[i] = &day->rules[i];
	qsort(list.rule, list.count, sizeof(struct shown_rule *), by_class);
	widen_classes(&list, day->min_clients);
	for (unsigned i = 0; i < day->cell_count; i++) {
		size_t further = count_further(day, &list, i, false);
		day->cells[i].other = further > 0 && further < day->min_clients;
	}
	fill_others(day, &list, false);
	fill_others(day, &list, true);
	free(list.rule);
}
