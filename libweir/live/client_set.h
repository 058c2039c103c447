/* SPDX-License-Identifier: BSD-3-Clause */
/* How many clients: a HyperLogLog of 64 registers of 4 bits, in 32 octets. It tells roughly how many different clients
 * there were, and holds no client.
 *
 * A client comes as a hash under a secret key. Its low 6 bits choose the register; its rank is 1 more than the number of
 * zeros that follow, at most 15; the register keeps the highest rank. The octets are those of the "HLL storage
 * specification" (Aggregate Knowledge; log2m 6, width 4, no explicit or sparse form) behind its header: the first register is in the high half of the first octet. So
 * PostgreSQL's hll reads them. Sets under different keys cannot be united. */
#pragma once

#include <stdint.h>

enum { CLIENT_SET_REGISTERS = 64, CLIENT_SET_OCTETS = CLIENT_SET_REGISTERS / 2, CLIENT_SET_BITS = 6 };
enum { CLIENT_SET_MAX_RANK = 15 };

struct client_set {
	uint8_t octet[CLIENT_SET_OCTETS];
};

static inline unsigned client_set_rank(const struct client_set *set, unsigned number)
{
	return number % 2 ? set->octet[number / 2] & 15U : set->octet[number / 2] >> 4;
}

/* Raises a register to a rank of at most CLIENT_SET_MAX_RANK. */
static inline void client_set_raise(struct client_set *set, unsigned number, unsigned rank)
{
	uint8_t *octet = &set->octet[number / 2];
	if (client_set_rank(set, number) < rank)
		*octet = (uint8_t)(number % 2 ? (*octet & 0xf0U) | rank : (*octet & 15U) | rank << 4);
}

static inline void client_set_add(struct client_set *set, uint64_t hash)
{
	/* The bit behind the highest rank ends the count. */
	uint64_t zeros = hash >> CLIENT_SET_BITS | UINT64_C(1) << (CLIENT_SET_MAX_RANK - 1);
	client_set_raise(set, hash % CLIENT_SET_REGISTERS, 1U + (unsigned)__builtin_ctzll(zeros));
}

/* Adds the clients of another set under the same key. */
static inline void client_set_unite(struct client_set *set, const struct client_set *other)
{
	for (unsigned i = 0; i < CLIENT_SET_REGISTERS; i++)
		client_set_raise(set, i, client_set_rank(other, i));
}
