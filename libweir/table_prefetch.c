/* SPDX-License-Identifier: BSD-3-Clause */
/* Apart from the lookup, so that the compiler lays that out for itself. */
#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/table.h"
#include "libweir/table_struct.h"

/* A lookup looks into the filter for the name's last two labels first. It is over there for nearly all names that no rule
 * covers. */
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
