/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of keys. It is filled with many duplicates and read once, sorted. Its memory follows the number of different
 * keys. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* A zeroed set is empty. */
struct keyset {
	uint64_t *key;
	size_t count; /* duplicates included, until keyset_sort */
	size_t room;
};

/* Returns 0 or -ENOMEM. */
must_check int keyset_add(struct keyset *set, uint64_t key);

/* Sorts the keys and removes duplicates. */
void keyset_sort(struct keyset *set);
void keyset_free(struct keyset *set);
