/* SPDX-License-Identifier: BSD-3-Clause */
/* The secret under which clients are hashed. It is drawn at random when the process starts, and again at the first hit of
 * each UTC day; the one before is overwritten. It is nowhere but in memory: in no file, and in no core dump.
 *
 * All workers of a process have the same key, be they threads or forked children: it lies in a page that they share. The
 * worker that comes first on a new day draws it. One that comes in the microsecond meanwhile does without. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum { CLIENT_KEY_PARTS = 4 };

struct client_key {
	_Atomic uint64_t state; /* twice the day since 1970; 1 more while the key of that day is being drawn */
	_Atomic uint64_t part[CLIENT_KEY_PARTS];
};

/* Makes the page with a first key; NULL without memory or random numbers. */
struct client_key *client_key_new(void);
void client_key_free(struct client_key **key);

/* Draws the key of a day that is later than the key's, or waits for nobody. */
void client_key_draw(struct client_key *key, uint64_t day);

/* Two keyed multiplications of 128 bits, folded: the mixing of XXH3 and wyhash, with 256 bits of key. It spreads clients
 * over registers and does not tell who they are without the key. It is no pseudorandom function as SipHash is: that would
 * cost half a per cent of a blocked query. So registers are for feedsync alone. */
static inline uint64_t client_hash(uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t client)
{
	unsigned __int128 product = (unsigned __int128)(client ^ first) * second;
	uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
	product = (unsigned __int128)(folded ^ third) * (client ^ fourth);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Hashes a client under the key of the day. Returns false while that key is being drawn. Workers'
 * clocks may differ at midnight: the key of the day that follows is right, too. One of another day, as a wrong clock leaves
 * it, is drawn anew. */
static inline bool client_key_hash(struct client_key *key, uint64_t day, uint64_t client, uint64_t *hash)
{
	uint64_t state = atomic_load_explicit(&key->state, memory_order_acquire);
	if (unlikely(state - 2 * day > 3)) {
		client_key_draw(key, day);
		state = atomic_load_explicit(&key->state, memory_order_acquire);
	}
	/* Acquired, so that the state is not read again before them. */
	*hash = client_hash(atomic_load_explicit(&key->part[0], memory_order_acquire),
		atomic_load_explicit(&key->part[1], memory_order_acquire),
		atomic_load_explicit(&key->part[2], memory_order_acquire),
		atomic_load_explicit(&key->part[3], memory_order_acquire), client);
	return likely(state % 2 == 0 && atomic_load_explicit(&key->state, memory_order_relaxed) == state);
}
