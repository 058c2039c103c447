/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/listing.h"

#include <string.h>

#include "feedsync/base/maxima.h"

bool listing_tells(const struct output *output, const struct item *item, uint64_t at)
{
	if (item->state == ITEM_LIVE)
		return true;
	/* A tombstone has the name too: the ceiling may have been lowered since. */
	return item->marking.tlp <= output->ceiling && item->changed_at + output->tombstones_s > at;
}

/* One step of the merge: all that the output has told of a name with scope and category, and what it shall tell. */
struct step {
	struct output_state *next;
	const struct output_state *before;
	const struct selection *selection;
	struct known_items *known;
	const struct organisation *organisation;
	const struct output *output;
	struct listing_counts *counts;
};

/* By name, scope and category alone. */
static int compare_without_listing(const struct item *a, const struct item *b)
{
	struct item x = *a;
	x.listing = b->listing;
	return item_compare(&x, b);
}

/* Whether it must not be told: then it ends at once, however many others do. What is only no longer listed, or not
 * blocked here, may be a mistake. */
static bool must_not_be_told(enum withheld withheld)
{
	return withheld != WITHHELD_NOT && withheld != WITHHELD_NOT_IN_FORCE && withheld != WITHHELD_UNFIT;
}

/* Ends an item that is told no more. */
static int end_item(const struct step *step, const struct item *item, bool relisted)
{
	struct item ended = *item;
	bool expired = item->expires_at > 0 && item->expires_at <= step->selection->now && !relisted;
	enum withheld withheld = selection_find(step->selection, item);
	ended.state = expired ? ITEM_EXPIRED : ITEM_WITHDRAWN;
	ended.changed_at = step->next->at;
	ended.serial = step->next->serial;
	step->counts->expired += expired;
	step->counts->withdrawn += !expired;
	step->counts->freed += !expired && must_not_be_told(withheld);
	return output_state_add(step->next, &ended);
}

static int list_item(const struct step *step, const struct item *wanted, uint32_t last)
{
	struct item item = *wanted;
	int status = known_items_list(step->known, &item, last, step->selection->now);
	if (status != 0)
		return status;
	item.state = ITEM_LIVE;
	item.changed_at = step->next->at;
	item.serial = step->next->serial;
	item_identify(&item, step->organisation);
	step->counts->added++;
	return output_state_add(step->next, &item);
}

/* Goes on telling an item, with what is new of it. */
static int keep_item(const struct step *step, const struct item *item, const struct item *wanted)
{
	struct item same = *item;
	if (item->expires_at != wanted->expires_at || strcmp(item->reason, wanted->reason) != 0) {
		same.expires_at = wanted->expires_at;
		same.reason = wanted->reason;
		same.changed_at = step->next->at;
		same.serial = step->next->serial;
		step->counts->changed++;
	}
	return output_state_add(step->next, &same);
}

/* Whether an item of `before` is the last listing of its name: the number must not be given again. */
static bool is_last_listing(const struct step *step, size_t i)
{
	const struct item *items = step->before->items;
	return i + 1 == step->before->count || compare_without_listing(&items[i + 1], &items[i]) != 0;
}

/* Whether a live item can stay as it is. A marking never changes: what is marked otherwise is another item. So is what was
 * listed while the clock was wrong, as formats tell since when an item is valid. */
static bool can_stay(const struct step *step, const struct item *item, const struct item *wanted)
{
	return item->marking.tlp == wanted->marking.tlp && item->marking.pap == wanted->marking.pap &&
	       item->listed_at <= step->selection->now + MAX_CLOCK_STEP_S;
}

/* Steps over the listings of one name in `before`, from i on, and over what is wanted of it (or NULL). Returns 0 or a
 * negative code, with i behind them. */
static int step_over_name(const struct step *step, size_t *i, const struct item *wanted)
{
	const struct item *first = *i < step->before->count ? &step->before->items[*i] : NULL;
	const struct item *name = wanted ? wanted : first;
	bool told = false;
	uint32_t last = 0;
	int status = 0;
	for (; status == 0 && *i < step->before->count; ++*i) {
		const struct item *item = &step->before->items[*i];
		if (compare_without_listing(item, name) != 0)
			break;
		last = item->listing;
		if (item->state != ITEM_LIVE) {
			if (listing_tells(step->output, item, step->next->at) || is_last_listing(step, *i))
				status = output_state_add(step->next, item);
		} else if (wanted && !told && can_stay(step, item, wanted)) {
			told = true;
			status = keep_item(step, item, wanted);
		} else {
			status = end_item(step, item, wanted != NULL);
		}
	}
	return status == 0 && wanted && !told ? list_item(step, wanted, last) : status;
}

int listing_make(struct output_state *next, const struct output_state *before, const struct selection *selection,
	struct known_items *known, const struct organisation *organisation, const struct output *output,
	struct listing_counts *counts)
{
	const struct step step = {next, before, selection, known, organisation, output, counts};
	size_t i = 0;
	int status = 0;
	*counts = (struct listing_counts){0};
	for (size_t k = 0; k < before->count; k++)
		counts->before += before->items[k].state == ITEM_LIVE;
	for (size_t s = 0; status == 0 && s < selection->count; s++) {
		const struct selected *selected = &selection->list[s];
		if (selected->withheld != WITHHELD_NOT)
			continue;
		while (status == 0 && i < before->count &&
			compare_without_listing(&before->items[i], &selected->item) < 0)
			status = step_over_name(&step, &i, NULL);
		if (status == 0)
			status = step_over_name(&step, &i, &selected->item);
	}
	while (status == 0 && i < before->count)
		status = step_over_name(&step, &i, NULL);
	output_state_sort(next);
	for (size_t k = 0; k < next->count; k++)
		counts->live += next->items[k].state == ITEM_LIVE;
	return status;
}
