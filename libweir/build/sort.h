/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorting by 64-bit keys in place: most significant octet first ("American flag sort": McIlroy, Bostic, McIlroy,
 * "Engineering Radix Sort", 1993), insertion sort for the small rest. Keys are hashes, so the octets are even. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One rule while it is collected and sorted, or (class instead of meta) once it is folded. */
struct record {
	uint64_t key;
	uint32_t text; /* where its name lies in the text arena */
	uint32_t meta;
};

/* Names lie in the order in which they came, records in that of their keys: who goes through the records in order asks
 * for the names some steps ahead, and need not wait for the memory at each. */
static inline void record_prefetch(const struct record *records, size_t at, size_t count, const uint8_t *texts)
{
	enum { AHEAD = 16 };
	if (at + AHEAD < count)
		__builtin_prefetch(texts + records[at + AHEAD].text);
}

/* Orders records of equal key; must be a total order of what differs. */
typedef int (*record_compare)(const void *context, const struct record *a, const struct record *b);

void sort_records(struct record *records, size_t count, record_compare tie, const void *context);
