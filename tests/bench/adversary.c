/* SPDX-License-Identifier: BSD-3-Clause */
/* adversary TABLE COUNT: names that make a lookup as slow as someone can who knows the table's key.
 *
 * A lookup goes on for as long as each suffix seems to have something below it. Who knows the key tries labels until
 * the filter and a tag agree by accident, then goes on below that. Labels of three octets leave enough to try for each
 * of the 63 that fit into a name; with shorter ones there would be more of them, but too few to choose from. Prints
 * COUNT names, one a line, and to standard error how many tries that took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/table.h"

enum { LABEL = 3, STEP = LABEL + 1, SUFFIX_ROOM = NAME_MAX_WIRE };

/* A name that grows to the left, at the end of its room. */
struct growing {
	uint8_t room[SUFFIX_ROOM];
	size_t length;
};

static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Puts one more label before the name, such that the table takes it for one with something below. Returns how many had
 * to be tried. */
static uint64_t add_label(struct growing *name, const struct table *table, uint64_t *state)
{
	uint64_t tries = 0;
	uint8_t *start = name->room + SUFFIX_ROOM - name->length - STEP;
	bool more = false;
	while (!more) {
		uint64_t bits = draw(state);
		start[0] = LABEL;
		for (unsigned i = 0; i < LABEL; i++)
			start[1 + i] = (uint8_t)(bits >> (8 * i));
		name_lower(start, start, STEP);
		tries++;
		if (!table_has_node(table, name_key(start, name->length + STEP, table_header(table)->key), &more))
			more = false;
	}
	name->length += STEP;
	return tries;
}

int main(int argc, char **argv)
{
	struct table *table;
	struct why why;
	if (argc != 3) {
		fputs("usage: adversary TABLE COUNT\n", stderr);
		return 2;
	}
	if (table_open(&table, argv[1], &why) != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], why.text);
		return 2;
	}
	uint64_t state = 0x9e3779b97f4a7c15, tries = 0;
	for (unsigned long count = strtoul(argv[2], NULL, 10); count > 0; count--) {
		static const uint8_t top[] = {LABEL, 'c', 'o', 'm', 0};
		struct growing name = {.length = sizeof top};
		memcpy(name.room + SUFFIX_ROOM - sizeof top, top, sizeof top);
		while (name.length + STEP <= NAME_MAX_WIRE)
			tries += add_label(&name, table, &state);
		char text[NAME_MAX_TEXT];
		name_to_text(name.room + SUFFIX_ROOM - name.length, name.length, text);
		puts(text);
	}
	fprintf(stderr, "%llu labels tried\n", (unsigned long long)tries);
	table_close(&table);
	return 0;
}
