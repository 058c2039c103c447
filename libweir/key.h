/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a node's key leads to in a table (format.h): its home line, its bits in the filter, the check in its tag. */
#pragma once

#include <stdint.h>

#include "libweir/format.h"

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
