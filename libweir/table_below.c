/* SPDX-License-Identifier: BSD-3-Clause */
/* What is listed below a name. Apart from the lookup, which the compiler would make slower by some instructions if it saw
 * a second use there of what it is made of. */
#include "libweir/hash.h"
#include "libweir/table.h"
#include "libweir/table_struct.h"

bool table_lists_below(const struct table *table, const uint8_t *qname, size_t length)
{
	struct name_labels labels;
	if (name_split(qname, length, &labels) != 0)
		return false;
	name_storage wire;
	name_lower(wire, qname, length);
	bool more;
	return table_has_node(table, name_key(wire, length, table->key), &more) && more;
}
