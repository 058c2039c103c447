/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/keyset.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_ROOM = 4096 };

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* Where a key is, or belongs. At least half of the room is free. */
static uint64_t *find_key_slot(const struct keyset *set, uint64_t key)
{
	size_t at = (key * UINT64_C(0x9e3779b97f4a7c15) >> 16) & (set->room - 1);
	while (set->key[at] != 0 && set->key[at] != key)
		at = (at + 1) & (set->room - 1);
	return &set->key[at];
}

static int grow_room(struct keyset *set)
{
	struct keyset grown = {
		.room = set->room ? set->room * 2 : FIRST_ROOM, .count = set->count, .has_zero = set->has_zero};
	grown.key = calloc(grown.room, sizeof *grown.key);
	if (!grown.key)
		return -ENOMEM;
	for (size_t i = 0; i < set->room; i++)
		if (set->key[i] != 0)
			*find_key_slot(&grown, set->key[i]) = set->key[i];
	free(set->key);
	*set = grown;
	return 0;
}

int keyset_add(struct keyset *set, uint64_t key)
{
	if (set->count >= set->room / 2 && grow_room(set) != 0)
		return -ENOMEM;
	if (key == 0) {
		set->count += !set->has_zero;
		set->has_zero = true;
		return 0;
	}
	uint64_t *slot = find_key_slot(set, key);
	set->count += *slot == 0;
	*slot = key;
	return 0;
}

void keyset_sort(struct keyset *set)
{
	size_t count = 0;
	/* The key 0 has no slot: there is room for it, as half of the slots are free. */
	for (size_t i = 0; i < set->room; i++)
		if (set->key[i] != 0)
			set->key[count++] = set->key[i];
	if (set->has_zero)
		set->key[count] = 0;
	if (set->key)
		qsort(set->key, set->count, sizeof *set->key, compare_keys);
}

void keyset_free(struct keyset *set)
{
	free(set->key);
	*set = (struct keyset){0};
}
