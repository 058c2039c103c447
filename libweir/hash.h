/* SPDX-License-Identifier: BSD-3-Clause */
/* The one hash of Weir, XXH3 (xxhash, BSD-2-Clause), compiled in from its header. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "libweir/format.h"

static inline uint64_t checksum(const void *data, size_t length)
{
	return XXH3_64bits(data, length);
}

/* Key of a canonical wire name. Query names are chosen by strangers, so the hash has a secret seed; and since no seed
 * makes a fast hash proof against everything, the worst case is bounded by construction as well (format.h). */
static inline uint64_t name_key(const uint8_t *wire, size_t length, uint64_t seed)
{
	return XXH3_64bits_withSeed(wire, length, seed);
}

static inline uint32_t key_home(uint64_t key, uint32_t homes)
{
	return (uint32_t)(((unsigned __int128)key * homes) >> 64);
}

/* Where a key's bits lie in the filter: in which word, and which. */
static inline uint32_t key_word(uint64_t key, uint32_t homes)
{
	return key_home(key, homes * WEIR_FILTER_WORDS);
}

static inline uint64_t key_bits(uint64_t key)
{
	return UINT64_C(1) << (key >> 14 & 63) | UINT64_C(1) << (key >> 20 & 63) | UINT64_C(1) << (key >> 26 & 63) |
	       UINT64_C(1) << (key >> 32 & 63);
}

static inline uint16_t key_check(uint64_t key)
{
	uint16_t check = key & WEIR_TAG_CHECK;
	return check ? check : 1;
}
