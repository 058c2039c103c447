/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of keys. It is filled with many duplicates, then sorted, and read. Its memory follows the number of different keys. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* A zeroed set is empty. */
struct keyset {
	uint64_t *key; /* after keyset_sort: `count` of them, in their order */
	size_t count;
	/* private: before that the keys are spread over `room` slots, 0 = free */
	size_t room;
	bool has_zero;
};

/* Returns 0 or -ENOMEM. Nothing can be added once the set is sorted. */
must_check int keyset_add(struct keyset *set, uint64_t key);

void keyset_sort(struct keyset *set);
void keyset_free(struct keyset *set);
