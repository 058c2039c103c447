/* SPDX-License-Identifier: BSD-3-Clause */
/* This has a file of its own, so that the compiler lays out the lookup for itself. */
#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/table.h"
#include "libweir/table_struct.h"

/* Prefetches the filter's word for the name's last two labels. A lookup begins there, and ends there for nearly all
 * names that no rule covers. */
void table_prefetch(const struct table *table, const uint8_t *qname, size_t length)
{
	struct name_labels labels;
	if (name_split(qname, length, &labels) != 0 || labels.count < 2)
		return;
	unsigned offset = labels.offset[labels.count - 2u];
	name_storage wire;
	name_lower(wire, qname + offset, length - offset);
	uint64_t key = name_key(wire, length - offset, table->key);
	__builtin_prefetch(&table->filter[key_word(key, table->homes)]);
}
