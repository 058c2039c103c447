/* SPDX-License-Identifier: BSD-3-Clause */
/* lookup-loop TABLE QUERIES COUNT: looks up COUNT names, the file's from the start and over again. It prints nothing:
 * what two runs with different counts cost more or less is what the lookups cost (instructions.py). */
#include <stdio.h>
#include <stdlib.h>

#include "libweir/errors.h"
#include "queries.h"
#include "libweir/table.h"

int main(int argc, char **argv)
{
	struct queries queries;
	struct table *table;
	struct why why;
	if (argc != 4) {
		fputs("usage: lookup-loop TABLE QUERIES COUNT\n", stderr);
		return 2;
	}
	queries_read(&queries, argv[2]);
	if (table_open(&table, argv[1], &why) != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], why.text);
		return 2;
	}
	unsigned long count = strtoul(argv[3], NULL, 10);
	const uint8_t *name = queries.octets;
	for (size_t next = 0; count > 0; count--) {
		struct match match;
		table_lookup(table, name, queries.lengths[next], &match);
		name += queries.lengths[next++];
		if (next == queries.count) {
			next = 0;
			name = queries.octets;
		}
	}
	table_close(&table);
	queries_free(&queries);
	return 0;
}
