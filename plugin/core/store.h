/* SPDX-License-Identifier: BSD-3-Clause */
/* A cache of octets under keys, with a limit of memory. The module keeps answers in it (stored_answer.h).
 *
 * Idea: the keys are spread over parts. Each part has a lock, a hash table of fixed size, and a list of its entries by
 * their last use. So workers rarely meet at a lock, and none holds one for longer than it takes to copy an answer.
 * Strangers choose the keys. So the hash has a secret seed, and a chain of the hash table has at most STORE_CHAIN
 * entries.
 *
 * Invariant: a part never has more octets than its share of the limit. A new entry displaces those that were not used
 * for the longest time. Any thread may call these, except store_new and store_free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

#define STORE_CHAIN 16
#define STORE_LEAST 65536 /* octets; a smaller limit counts as this */

struct store;

/* Makes a store for at most `limit` octets, its own tables included. Returns NULL without memory. store_free frees
 * it. */
struct store *store_new(size_t limit);
void store_free(struct store **store);

/* Copies an entry into the store, in the place of one with the same key. An entry larger than an eighth of a part is
 * left out; so is any entry when there is no memory. Then the one with the same key is gone as well. */
void store_put(struct store *store, const void *key, size_t key_length, const void *data, size_t length);

/* Looks at an entry, or changes it. The data is aligned for any type. The part is locked: the visitor must be quick,
 * and call no store_ function. Returns whether the entry stays. */
typedef bool store_visitor(void *context, void *data, size_t length);

/* Shows the entry of a key to a visitor, and removes it if the visitor says so. Returns false if there is no entry. */
bool store_visit(struct store *store, const void *key, size_t key_length, store_visitor *visit, void *context);

/* Octets in use, its tables included. */
size_t store_octets(const struct store *store);
