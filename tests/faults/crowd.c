/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd TABLE MORE: names that no table with the key of this one has a place for: all have their home in a few lines of
 * its index. Whoever can read a table can find them. Also for the seven keys that follow from that one by the row of
 * `feedsync compile`. MORE: rules that come to the table beside these. */
#include <stdio.h>
#include <stdlib.h>

#include "libweir/build/index.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/table.h"

enum { KEYS = 8, PER_KEY = 300 };

int main(int argc, char **argv)
{
	struct table *table;
	struct why why;
	if (argc != 3 || table_open(&table, argv[1], &why) != 0) {
		fputs("usage: crowd TABLE MORE\n", stderr);
		return 2;
	}
	const struct weir_header *header = table_header(table);
	uint64_t key = header->key,
		 nodes = header->rules + header->marks + strtoull(argv[2], NULL, 10) + KEYS * PER_KEY;
	/* All in the first line, whichever geometry it will have. */
	uint32_t homes = index_homes(nodes);
	uint64_t most = UINT64_MAX / ((homes > header->homes ? homes : header->homes) * UINT64_C(6) / 5), tried = 0;
	for (unsigned k = 0; k < KEYS; k++, key = checksum(&key, sizeof key))
		for (unsigned found = 0; found < PER_KEY; tried++) {
			char name[64];
			name_storage wire;
			int length = snprintf(name, sizeof name, "%llxk%u.crowd.example", (unsigned long long)tried, k);
			int wire_length = name_from_text(name, (size_t)length, wire);
			if (wire_length < 0 || name_key(wire, (size_t)wire_length, key) >= most)
				continue;
			puts(name);
			found++;
		}
	table_close(&table);
	return 0;
}
