/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/item.h"

#include <stdio.h>
#include <string.h>

bool item_is_same_rule(const struct item *a, const struct item *b)
{
	return a->scope == b->scope && strcmp(a->name, b->name) == 0;
}

int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	if (order == 0)
		order = (x->scope > y->scope) - (x->scope < y->scope);
	if (order == 0)
		order = strcmp(x->category, y->category);
	return order != 0 ? order : (x->listing > y->listing) - (x->listing < y->listing);
}

void item_identify(struct item *item, const struct organisation *organisation)
{
	char listing[16], part[16];
	snprintf(listing, sizeof listing, "%u", item->listing);
	snprintf(part, sizeof part, "%u", item->part);
	const char *const of_item[] = {"item", item->name, scope_text(item->scope), item->category, listing, NULL};
	const char *const of_event[] = {"event", item->category, item->month, part, NULL};
	uuid5_join(item->uuid, organisation->uuid, of_item);
	uuid5_join(item->event, organisation->uuid, of_event);
}
