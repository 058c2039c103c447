/* table-bench TABLE QUERIES: what a table costs, as one JSON object. QUERIES has one name a line (what follows a blank
 * is passed over, so dnsperf's files serve too); they are looked up in the file's order, again and again for a second,
 * and the fastest pass counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "table.h"

struct queries {
	uint8_t *octets; /* the names, one behind the other: a resolver's are not aligned either */
	size_t length, room;
	uint8_t *lengths;
	size_t count, count_room;
};

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *grow(void *block, size_t *room, size_t need)
{
	if (*room >= need)
		return block;
	*room = need * 2;
	block = realloc(block, *room);
	if (!block) {
		fputs("out of memory\n", stderr);
		exit(2);
	}
	return block;
}

static void read_queries(struct queries *q, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	while (in && getline(&line, &room, in) > 0) {
		name_storage wire;
		int length = name_from_text(line, strcspn(line, " \t\r\n"), wire);
		if (length <= 0)
			continue;
		q->octets = grow(q->octets, &q->room, q->length + (size_t)length);
		q->lengths = grow(q->lengths, &q->count_room, q->count + 1);
		memcpy(q->octets + q->length, wire, (size_t)length);
		q->length += (size_t)length;
		q->lengths[q->count++] = (uint8_t)length;
	}
	free(line);
	if (in)
		fclose(in);
	if (q->count == 0) {
		fprintf(stderr, "%s: no names\n", path);
		exit(2);
	}
}

/* Looks all up once. Returns how many the table blocks. */
static size_t pass(const struct table *table, const struct queries *q)
{
	const struct verdict *verdicts = table_policy(table)->verdicts;
	const uint8_t *name = q->octets;
	size_t blocked = 0;
	for (size_t i = 0; i < q->count; name += q->lengths[i++]) {
		struct match match;
		if (table_lookup(table, name, q->lengths[i], &match))
			blocked += verdicts[match.verdict].decision == DECISION_BLOCK;
	}
	return blocked;
}

int main(int argc, char **argv)
{
	struct queries queries = {0};
	struct table *table;
	struct why why;
	if (argc != 3) {
		fputs("usage: table-bench TABLE QUERIES\n", stderr);
		return 2;
	}
	read_queries(&queries, argv[2]);
	double start = seconds();
	if (table_open(&table, argv[1], &why) != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], why.text);
		return 2;
	}
	double open_s = seconds() - start, best = 1e9, begin = seconds();
	size_t blocked = pass(table, &queries);
	do {
		start = seconds();
		blocked = pass(table, &queries);
		double took = seconds() - start;
		best = took < best ? took : best;
	} while (seconds() - begin < 1);
	double rules = (double)table_header(table)->rules, per_lookup = best / (double)queries.count;
	printf("{\"names\": %.0f, \"table_bytes\": %llu, \"bytes_per_name\": %.2f, \"open_ms\": %.2f, "
	       "\"ns_per_lookup\": %.1f, "
	       "\"lookups_per_s\": %.0f, \"blocked\": %zu}\n",
		rules, (unsigned long long)table_bytes(table), rules > 0 ? (double)table_bytes(table) / rules : 0.0,
		open_s * 1e3, per_lookup * 1e9, 1 / per_lookup, blocked);
	table_close(&table);
	free(queries.octets);
	free(queries.lengths);
	return 0;
}
