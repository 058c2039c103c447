/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/blake2b.h"

#include <stdbool.h>
#include <string.h>

#include "libweir/little_endian.h"

enum { ROUNDS = 12, WORDS = 8 };

/* The first 64 bits of the fractions of the square roots of the first eight primes, as SHA-512 has them. */
static const uint64_t start[WORDS] = {UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),
	UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1),
	UINT64_C(0x9b05688c2b3e6c1f), UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)};

/* In which order each round takes the words of a block (RFC 7693 section 2.7). */
static const uint8_t order[10][16] = {
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t rotate_right(uint64_t word, unsigned bits)
{
	return word >> bits | word << (64 - bits);
}

/* Mixes two words of the block into four of the state. */
static void mix(uint64_t v[16], unsigned a, unsigned b, unsigned c, unsigned d, uint64_t x, uint64_t y)
{
	v[a] += v[b] + x;
	v[d] = rotate_right(v[d] ^ v[a], 32);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 24);
	v[a] += v[b] + y;
	v[d] = rotate_right(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 63);
}

/* Takes a block, up to whose end so many octets were taken. */
static void compress(uint64_t state[WORDS], const uint8_t block[BLAKE2B_BLOCK], uint64_t taken, bool last)
{
	uint64_t v[16], words[16];
	for (unsigned i = 0; i < 16; i++)
		words[i] = get_u64(block + 8 * (size_t)i);
	memcpy(v, state, sizeof start);
	memcpy(v + WORDS, start, sizeof start);
	v[12] ^= taken;
	v[14] = last ? ~v[14] : v[14];
	for (unsigned round = 0; round < ROUNDS; round++) {
		const uint8_t *s = order[round % 10];
		for (unsigned i = 0; i < 4; i++)
			mix(v, i, 4 + i, 8 + i, 12 + i, words[s[2 * i]], words[s[2 * i + 1]]);
		for (unsigned i = 0; i < 4; i++)
			mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, words[s[8 + 2 * i]],
				words[s[9 + 2 * i]]);
	}
	for (unsigned i = 0; i < WORDS; i++)
		state[i] ^= v[i] ^ v[WORDS + i];
	explicit_bzero(words, sizeof words);
	explicit_bzero(v, sizeof v);
}

void blake2b_keyed(
	uint8_t *code, size_t octets, const uint8_t *key, size_t key_length, const void *message, size_t length)
{
	uint64_t state[WORDS];
	uint8_t block[BLAKE2B_BLOCK] = {0}, whole[BLAKE2B_MOST];
	memcpy(state, start, sizeof state);
	state[0] ^= UINT64_C(0x01010000) ^ (uint64_t)key_length << 8 ^ octets;
	memcpy(block, key, key_length);
	compress(state, block, BLAKE2B_BLOCK, length == 0);
	if (length > 0) {
		memset(block, 0, sizeof block);
		memcpy(block, message, length);
		compress(state, block, BLAKE2B_BLOCK + length, true);
	}
	for (unsigned i = 0; i < WORDS; i++)
		put_u64(whole + 8 * (size_t)i, state[i]);
	memcpy(code, whole, octets);
	explicit_bzero(block, sizeof block);
	explicit_bzero(whole, sizeof whole);
	explicit_bzero(state, sizeof state);
}
