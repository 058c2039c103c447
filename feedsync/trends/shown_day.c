/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/shown_day.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/trends/shown_day_private.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"

/* What is read, and where to. */
struct reading {
	struct shown_day *day;
	size_t room, cell_room;
	bool short_of_memory;
};

static unsigned cell_of_rule(struct reading *reading, const struct shown_rule *rule)
{
	struct shown_day *day = reading->day;
	bool logged = rule->action == ACTION_LOG;
	unsigned i = 0;
	while (i < day->cell_count &&
		(day->cells[i].logged != logged || strcmp(day->cells[i].category, rule->category) != 0))
		i++;
	if (i == day->cell_count) {
		day->cells = xgrow(day->cells, i, &reading->cell_room, 16, sizeof *day->cells);
		day->cells[day->cell_count++] = (struct shown_cell){.logged = logged};
		memcpy(day->cells[i].category, rule->category, sizeof rule->category);
	}
	return i;
}

static void read_rule(void *context, const struct trends_rule *from)
{
	struct reading *reading = context;
	struct shown_day *day = reading->day;
	if (from->action == ACTION_ALLOW || from->hits == 0)
		return;
	if (day->rule_count == reading->room) {
		size_t room = reading->room ? 2 * reading->room : 256;
		struct shown_rule *rules = realloc(day->rules, room * sizeof *rules);
		reading->short_of_memory |= !rules;
		if (!rules)
			return;
		day->rules = rules;
		reading->room = room;
	}
	struct shown_rule *rule = &day->rules[day->rule_count];
	*rule = (struct shown_rule){.name = strdup(from->name),
		.scope = from->scope,
		.action = from->action,
		.hits = from->hits,
		.low = from->low,
		.high = from->high,
		.further = day->min_clients > 0 && !shown_enough(from->low, day->min_clients)};
	snprintf(rule->category, sizeof rule->category, "%s", from->category);
	snprintf(rule->group, sizeof rule->group, "%s", from->group);
	memcpy(rule->hours, from->hours, sizeof rule->hours);
	reading->short_of_memory |= !rule->name;
	day->rule_count += rule->name != NULL;
}

static void read_traffic(void *context, const struct trends_traffic *traffic)
{
	struct shown_day *day = context;
	day->queries_known = traffic->queries_known && (day->queries_known || day->hour_count == 0);
	day->queries += traffic->queries;
	day->blocked += traffic->blocked;
	day->logged += traffic->logged;
	day->unattributed += traffic->unattributed;
	day->lost_minutes += traffic->lost_minutes;
	day->hour_count++;
}

static int by_hits(const void *a, const void *b)
{
	const struct shown_rule *x = a, *y = b;
	int names;
	if (x->further != y->further)
		return x->further ? 1 : -1;
	if (x->hits != y->hits)
		return x->hits < y->hits ? 1 : -1;
	names = strcmp(x->name, y->name);
	return names != 0 ? names : (x->scope > y->scope) - (x->scope < y->scope);
}

static int by_order(const void *a, const void *b)
{
	const struct shown_cell *x = a, *y = b;
	if (x->other != y->other)
		return x->other ? 1 : -1;
	if (!x->category[0] != !y->category[0])
		return x->category[0] ? -1 : 1;
	if (x->hits != y->hits)
		return x->hits < y->hits ? 1 : -1;
	return x->logged != y->logged ? x->logged - y->logged : strcmp(x->category, y->category);
}

static void sum_cells(struct shown_day *day)
{
	for (size_t i = 0; i < day->rule_count; i++) {
		const struct shown_rule *rule = &day->rules[i];
		struct shown_cell *cell = &day->cells[rule->cell];
		cell->hits += rule->hits;
		if (rule->further) {
			cell->further++;
			cell->further_hits += rule->hits;
		} else {
			cell->names++;
		}
		day->shown_count += !rule->further;
	}
}

/* Puts the cell of the others beside the cells that are in it. What is in none of the cells that are left is not told. */
static void unite_others(struct shown_day *day, bool logged)
{
	struct shown_cell others = {.logged = logged};
	uint64_t told = 0, *sum = logged ? &day->logged : &day->blocked;
	bool any = false;
	for (size_t i = 0; i < day->cell_count; i++) {
		const struct shown_cell *cell = &day->cells[i];
		if (cell->logged != logged)
			continue;
		told += cell->other ? cell->hits - cell->further_hits : cell->hits;
		if (!cell->other)
			continue;
		any = true;
		others.hits += cell->hits;
		others.names += cell->names;
		others.further += cell->further;
		others.further_hits += cell->further_hits;
	}
	if (!day->whole[logged]) {
		others.hits -= others.further_hits;
		others.further = others.further_hits = 0;
		*sum = told;
	}
	if (any && others.hits > 0)
		day->cells[day->cell_count++] = others;
}

int shown_day_begin(
	struct shown_day *day, struct trends *trends, uint64_t number, unsigned min_clients, struct why *why)
{
	struct reading reading = {.day = day};
	*day = (struct shown_day){.day = number, .min_clients = min_clients, .whole = {true, true}};
	int status = trends_rules(trends, number, number, 0, read_rule, &reading, why);
	if (status == 0 && reading.short_of_memory)
		status = why_set(why, -ENOMEM, "out of memory for the rules that were hit");
	if (status == 0)
		status = trends_traffics(trends, number * HOURS_OF_DAY, number * HOURS_OF_DAY + HOURS_OF_DAY - 1,
			read_traffic, day, why);
	if (status != 0)
		return status;
	for (size_t i = 0; i < day->rule_count; i++)
		day->rules[i].cell = cell_of_rule(&reading, &day->rules[i]);
	shown_day_withhold(day);
	sum_cells(day);
	if (day->rule_count > 0)
		qsort(day->rules, day->rule_count, sizeof *day->rules, by_hits);
	day->cells = xgrow(day->cells, day->cell_count, &reading.cell_room, 16, sizeof *day->cells);
	unite_others(day, false);
	day->cells = xgrow(day->cells, day->cell_count, &reading.cell_room, 16, sizeof *day->cells);
	unite_others(day, true);
	qsort(day->cells, day->cell_count, sizeof *day->cells, by_order);
	while (day->shown_cells < day->cell_count && !day->cells[day->shown_cells].other)
		day->shown_cells++;
	return 0;
}

void shown_day_end(struct shown_day *day)
{
	for (size_t i = 0; i < day->rule_count; i++)
		free(day->rules[i].name);
	free(day->rules);
	free(day->cells);
	*day = (struct shown_day){0};
}
