/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/keyset.h"

#include <errno.h>
#include <stdlib.h>

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

void keyset_sort(struct keyset *set)
{
	if (set->count < 2)
		return;
	qsort(set->key, set->count, sizeof *set->key, compare_keys);
	size_t kept = 1;
	for (size_t i = 1; i < set->count; i++)
		if (set->key[kept - 1] != set->key[i])
			set->key[kept++] = set->key[i];
	set->count = kept;
}

int keyset_add(struct keyset *set, uint64_t key)
{
	if (set->count == set->room) {
		/* If the set is full, perhaps of duplicates only: sorting removes them. */
		keyset_sort(set);
		if (set->count >= set->room / 2) {
			size_t room = set->room ? set->room * 2 : 4096;
			uint64_t *grown = realloc(set->key, room * sizeof *grown);
			if (!grown)
				return -ENOMEM;
			set->key = grown;
			set->room = room;
		}
	}
	set->key[set->count++] = key;
	return 0;
}

void keyset_free(struct keyset *set)
{
	free(set->key);
	*set = (struct keyset){0};
}
