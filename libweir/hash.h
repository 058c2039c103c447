/* SPDX-License-Identifier: BSD-3-Clause */
/* The one hash of Weir, XXH3 (xxhash, BSD-2-Clause), compiled in from its header. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

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
