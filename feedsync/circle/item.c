/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/item.h"

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
