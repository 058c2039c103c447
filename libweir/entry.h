/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading an entry of a table's `names` (format.h). For those who read tables, and for the builder, which takes over what
 * the table before had already. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/format.h"
#include "libweir/little_endian.h"

/* One entry of `names`, its parts found but its name not decoded. */
struct entry {
	const uint8_t *code;
	size_t code_length;
	uint32_t class;
};

/* Reads the entry at `at`, which ends before `end`. Returns where the next begins, or NULL when it does not fit. */
static inline const uint8_t *entry_read(struct entry *entry, const uint8_t *at, const uint8_t *end)
{
	if (at >= end)
		return NULL;
	uint8_t head = *at++;
	entry->code_length = head & 0x3f;
	if (entry->code_length == WEIR_ENTRY_LONG) {
		if (end - at < 2)
			return NULL;
		entry->code_length = get_u16(at);
		at += 2;
	}
	entry->class = head >> 6;
	if (entry->class == WEIR_ENTRY_CLASSES) {
		uint32_t extra = 0;
		for (unsigned shift = 0;; shift += 7) {
			if (at >= end || shift > 21)
				return NULL;
			extra |= (uint32_t)(*at & 0x7f) << shift;
			if ((*at++ & 0x80) == 0)
				break;
		}
		entry->class += extra;
	}
	if ((size_t)(end - at) < entry->code_length)
		return NULL;
	entry->code = at;
	return at + entry->code_length;
}
