/* SPDX-License-Identifier: BSD-3-Clause */
/* What is listed below a name. This has a file of its own: beside the lookup, the compiler would make the lookup slower
 * by some instructions, since the parts of the lookup would have a second use. */
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
