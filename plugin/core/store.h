/* SPDX-License-Identifier: BSD-3-Clause */
/* A cache of octets under keys, with a limit of memory: the module's own, for answers (stored_answer.h).
 *
 * Idea: the keys are spread over parts, each with a lock, a hash table of fixed size and a list of its entries by their
 * last use. So workers rarely meet at a lock, and none holds one for longer than a copy of an answer takes. Keys are
 * chosen by strangers: the hash has a secret seed, and a chain of the hash table has at most STORE_CHAIN entries.
 *
 * Invariant: a part never has more octets than its share of the limit. For a new entry those go that were not used for the
 * longest time. Any thread may call these, but for store_new and store_free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

#define STORE_CHAIN 16
#define STORE_LEAST 65536 /* octets: a smaller limit is taken for this one */

struct store;

/* A store for at most `limit` octets, its own tables included. NULL where there is no memory. To be freed by store_free. */
struct store *store_new(size_t limit);
void store_free(struct store **store);

/* Copies an entry in, in the place of one of the same key. An entry larger than an eighth of a part is left out, as is any
 * where there is no memory: then the one of the same key is gone as well. */
void store_put(struct store *store, const void *key, size_t key_length, const void *data, size_t length);

/* Looks at an entry, aligned for any type, or changes it, with its part locked: it must be quick, and call no store_ function.
 * Returns whether the entry is to stay. */
typedef bool store_visitor(void *context, void *data, size_t length);

/* Shows the entry of a key to a visitor, and takes it out where that says so. Returns false if there is none. */
bool store_visit(struct store *store, const void *key, size_t key_length, store_visitor *visit, void *context);

/* Octets in use, its tables included. */
size_t store_octets(const struct store *store);
