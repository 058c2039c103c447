/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/known_items.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int compare_known(const void *a, const void *b)
{
	return item_compare(*(const struct item *const *)a, *(const struct item *const *)b);
}

/* ---- events ---- */

/* Where an event stands, or would stand. */
static size_t event_position(const struct known_items *known, const char *category, const char *month, uint32_t part)
{
	size_t first = 0, end = known->event_count;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		const struct known_event *event = &known->events[middle];
		int order = strcmp(event->category, category);
		order = order != 0 ? order : strcmp(event->month, month);
		order = order != 0 ? order : (event->part > part) - (event->part < part);
		if (order < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static bool is_event(const struct known_items *known, size_t i, const char *category, const char *month, uint32_t part)
{
	return i < known->event_count && known->events[i].part == part && strcmp(known->events[i].month, month) == 0 &&
	       strcmp(known->events[i].category, category) == 0;
}

/* Counts one more item of an event. */
static int count_event_item(struct known_items *known, const struct item *item)
{
	size_t i = event_position(known, item->category, item->month, item->part);
	if (is_event(known, i, item->category, item->month, item->part)) {
		known->events[i].count++;
		return 0;
	}
	if (known->event_count == known->event_room) {
		size_t room = known->event_room > 0 ? known->event_room * 2 : 16;
		struct known_event *larger = reallocarray(known->events, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		known->events = larger;
		known->event_room = room;
	}
	memmove(&known->events[i + 1], &known->events[i], (known->event_count++ - i) * sizeof *known->events);
	known->events[i] = (struct known_event){
		.category = item->category, .part = item->part, .tlp = item->marking.tlp, .count = 1};
	snprintf(known->events[i].month, sizeof known->events[i].month, "%s", item->month);
	return 0;
}

/* The first event of the month that is of this TLP and has room; a new one behind the last. */
static uint32_t choose_part(const struct known_items *known, const struct item *item)
{
	uint32_t part = 1;
	for (size_t i = event_position(known, item->category, item->month, 1);
		is_event(known, i, item->category, item->month, part); i++, part++)
		if (known->events[i].tlp == item->marking.tlp && known->events[i].count < MAX_EVENT_ITEMS)
			break;
	return part;
}

/* ---- items ---- */

int known_items_make(struct known_items *known, const struct output_state *states, size_t count)
{
	size_t items = 0;
	*known = (struct known_items){0};
	for (size_t i = 0; i < count; i++)
		items += states[i].count;
	known->list = reallocarray(NULL, items + 1, sizeof(const struct item *));
	if (!known->list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < states[i].count; k++)
			known->list[known->count++] = &states[i].items[k];
	if (known->count > 1)
		qsort(known->list, known->count, sizeof(const struct item *), compare_known);
	int status = 0;
	for (size_t i = 0; status == 0 && i < known->count; i++)
		if (i == 0 || item_compare(known->list[i - 1], known->list[i]) != 0)
			status = count_event_item(known, known->list[i]);
	return status;
}

void known_items_free(struct known_items *known)
{
	free(known->list);
	free(known->events);
	*known = (struct known_items){0};
}

/* The position behind the last listing of an item. */
static size_t behind_last(const struct known_items *known, const struct item *item)
{
	struct item key = *item;
	size_t first = 0, end = known->count;
	key.listing = UINT32_MAX;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (item_compare(known->list[middle], &key) <= 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static bool is_same_name(const struct item *a, const struct item *b)
{
	return item_is_same_rule(a, b) && strcmp(a->category, b->category) == 0;
}

int known_items_list(struct known_items *known, struct item *item, uint32_t last, uint64_t at)
{
	size_t i = behind_last(known, item);
	uint32_t newest = i > 0 && is_same_name(known->list[i - 1], item) ? known->list[i - 1]->listing : 0;
	for (; i > 0 && newest > last && is_same_name(known->list[i - 1], item) &&
		known->list[i - 1]->listing == newest;
		i--) {
		const struct item *other = known->list[i - 1];
		if (other->state != ITEM_LIVE || other->marking.tlp != item->marking.tlp ||
			other->marking.pap != item->marking.pap)
			continue;
		item->listing = other->listing;
		item->part = other->part;
		item->listed_at = other->listed_at;
		memcpy(item->month, other->month, sizeof item->month);
		return 0;
	}
	struct tm tm;
	const time_t time = (time_t)at;
	item->listing = (newest > last ? newest : last) + 1;
	item->listed_at = at;
	if (!gmtime_r(&time, &tm) || strftime(item->month, sizeof item->month, "%Y-%m", &tm) != 7)
		snprintf(item->month, sizeof item->month, "1970-01");
	item->part = choose_part(known, item);
	return count_event_item(known, item);
}
