/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of keys that is filled with many doubles and read once, sorted: its memory follows the number of different
 * keys. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* A zeroed one is empty. */
struct keyset {
	uint64_t *key;
	size_t count; /* doubles included, until keyset_sort */
	size_t room;
};

/* Returns 0 or -ENOMEM. */
must_check int keyset_add(struct keyset *set, uint64_t key);

/* Sorts the keys and removes doubles. */
void keyset_sort(struct keyset *set);
void keyset_free(struct keyset *set);
