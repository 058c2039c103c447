/* SPDX-License-Identifier: BSD-3-Clause */
/* The secret under which clients are hashed. It is drawn at random when the process starts, and again at the first hit of
 * each UTC day; the one before is overwritten. It is nowhere but in memory: in no file, and in no core dump.
 *
 * The exception is what an operator asks for who has several resolvers, and wants a client of two of them to count once: a
 * secret in a file, the same on each (client_key_file.h). The key of a day is made of it: BLAKE2b-128, keyed with the secret,
 * of "weir clients YYYY-MM-DD". Then whoever has the secret and a set can tell whether a client may be in it. Such sets may be
 * seen by others than feedsync, so clients are hashed by SipHash-2-4 (Aumasson, Bernstein 2012) there.
 *
 * All workers of a process have the same key, be they threads or forked children: it lies in a page that they share. The
 * worker that comes first on a new day draws it. One that comes in the microsecond meanwhile does without. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum { CLIENT_KEY_PARTS = 4, CLIENT_SECRET = 32 /* octets */ };

struct client_key {
	_Atomic uint64_t state; /* twice the day since 1970; 1 more while the key of that day is being drawn */
	_Atomic uint64_t part[CLIENT_KEY_PARTS];
	bool shared; /* with other processes, by this secret; never changes */
	uint8_t secret[CLIENT_SECRET];
};

/* Makes the page with a first key, of the secret that is shared or, where that is NULL, at random; NULL without memory or
 * random numbers. */
struct client_key *client_key_new(const uint8_t *secret);
void client_key_free(struct client_key **key);

/* Draws the key of a day that is later than the key's, or waits for nobody. */
void client_key_draw(struct client_key *key, uint64_t day);

/* What tells sets under this secret from others: the same for each process that has it, and says nothing of it. */
uint64_t client_secret_number(const uint8_t secret[CLIENT_SECRET]);

/* SipHash-2-4 of a client. */
uint64_t client_siphash(uint64_t first, uint64_t second, uint64_t client);

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
	uint64_t first = atomic_load_explicit(&key->part[0], memory_order_acquire),
		 second = atomic_load_explicit(&key->part[1], memory_order_acquire);
	*hash = unlikely(key->shared)
			? client_siphash(first, second, client)
			: client_hash(first, second, atomic_load_explicit(&key->part[2], memory_order_acquire),
				  atomic_load_explicit(&key->part[3], memory_order_acquire), client);
	return likely(state % 2 == 0 && atomic_load_explicit(&key->state, memory_order_relaxed) == state);
}
