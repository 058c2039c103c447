/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"

static bool takes_category(const struct output *output, const char *category)
{
	for (unsigned i = 0; i < output->category_count; i++)
		if (strcmp(output->categories[i], category) == 0)
			return true;
	return output->category_count == 0;
}

static bool takes_entry(const struct config *config, const struct output *output, const struct shared_entry *entry)
{
	bool from = entry->feed == config->feed_count ? output->of_operator : output->of[entry->feed];
	return from && takes_category(output, config->categories[entry->category].name);
}

/* An entry as the output would tell it. */
static struct selected select_entry(
	const struct config *config, const struct output *output, const struct shared_entry *entry)
{
	const struct rendering *rendering = rendering_find(output->format);
	const struct gate_question question = {.marking = entry->marking,
		.unmarked = entry->feed == config->feed_count ? output->ceiling : config->feeds[entry->feed].tlp,
		.way = GATE_TO_OUTPUT,
		.ceiling = output->ceiling};
	struct selected selected = {.item = {.name = entry->name,
					    .wire = entry->wire,
					    .length = entry->length,
					    .scope = entry->scope,
					    .category = config->categories[entry->category].name,
					    .marking = entry->marking,
					    .expires_at = entry->expires_at,
					    .reason = entry->reason},
		.withheld = withheld_by_gate(gate_ask(&question))};
	if (selected.item.marking.tlp == TLP_NONE)
		selected.item.marking.tlp = question.unmarked;
	if (selected.item.marking.pap == PAP_NONE)
		selected.item.marking.pap = PAP_GREEN;
	if (entry->withheld != WITHHELD_NOT)
		selected.withheld = entry->withheld;
	else if (selected.withheld == WITHHELD_NOT && rendering->unfit && rendering->unfit(output, &selected.item))
		selected.withheld = WITHHELD_UNFIT;
	return selected;
}

static int compare_selected(const void *a, const void *b)
{
	const struct selected *x = a, *y = b;
	int order = item_compare(&x->item, &y->item);
	if (order != 0)
		return order;
	/* What is told first, then by what decides: so the result depends on no order of feeds. */
	order = (x->withheld > y->withheld) - (x->withheld < y->withheld);
	return order != 0 ? order : strcmp(y->item.reason, x->item.reason);
}

/* Adds what another entry says of the same item. */
static void merge_selected(struct selected *to, const struct selected *other)
{
	if (other->withheld != WITHHELD_NOT)
		return;
	const struct item *item = &other->item;
	if (item->marking.tlp > to->item.marking.tlp)
		to->item.marking.tlp = item->marking.tlp;
	if (item->marking.pap > to->item.marking.pap)
		to->item.marking.pap = item->marking.pap;
	if (item->expires_at == 0 || (to->item.expires_at > 0 && item->expires_at > to->item.expires_at))
		to->item.expires_at = item->expires_at;
}

/* Makes one of those that are the same. */
static void merge_all(struct selection *s)
{
	size_t count = 0;
	if (s->count > 1)
		qsort(s->list, s->count, sizeof *s->list, compare_selected);
	for (size_t i = 0; i < s->count; i++)
		if (count > 0 && item_compare(&s->list[count - 1].item, &s->list[i].item) == 0)
			merge_selected(&s->list[count - 1], &s->list[i]);
		else
			s->list[count++] = s->list[i];
	s->count = count;
	for (size_t i = 0; i < count; i++) {
		s->withheld[s->list[i].withheld]++;
		s->live += s->list[i].withheld == WITHHELD_NOT;
	}
}

int selection_make(struct selection *selection, const struct config *config, const struct output *output,
	const struct shared_entries *entries, struct why *why)
{
	*selection = (struct selection){.now = entries->now};
	for (size_t i = 0; i < config->feed_count; i++)
		if (output->of[i] && entries->unread[i])
			return why_set(why, -ENODATA, "feed %s cannot be read: %.150s", config->feeds[i].name,
				entries->unread[i]);
	size_t count = 0;
	for (size_t i = 0; i < entries->count; i++)
		count += takes_entry(config, output, &entries->list[i]);
	selection->list = calloc(count + 1, sizeof *selection->list);
	if (!selection->list)
		return why_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < entries->count; i++)
		if (takes_entry(config, output, &entries->list[i]))
			selection->list[selection->count++] = select_entry(config, output, &entries->list[i]);
	merge_all(selection);
	return 0;
}

void selection_free(struct selection *selection)
{
	free(selection->list);
	*selection = (struct selection){0};
}

enum withheld selection_find(const struct selection *selection, const struct item *item)
{
	struct selected key = {.item = *item};
	size_t first = 0, end = selection->count;
	key.item.listing = 0;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		int order = item_compare(&selection->list[middle].item, &key.item);
		if (order == 0)
			return selection->list[middle].withheld;
		if (order < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return WITHHELD_NOT;
}
