/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd TABLE: prints names, one a line, that crowd one place of the next table, if that is made with the key that can be
 * read in this one, or with one of the seven that follow if each is the checksum of the last. For tests/system/test_hostile_run.py,
 * which puts them into a feed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/build/index.h"
#include "libweir/errors.h"
#include "libweir/format.h"
#include "libweir/hash.h"
#include "libweir/key.h"

enum { KEYS = 8, NAMES = 300 }; /* of each key: more than a home line and those after it have tags for */

/* Whether a name lands on the first home line of a table with so many. */
static bool crowds(const char *label, uint64_t key, uint32_t homes)
{
	uint8_t wire[80];
	size_t length = strlen(label);
	wire[0] = (uint8_t)length;
	memcpy(wire + 1, label, length);
	memcpy(wire + 1 + length, "\5crowd", 7);
	return key_home(name_key(wire, length + 8, key), homes) == 0;
}

static void print_crowd(uint64_t key, uint32_t homes, unsigned number)
{
	char label[64];
	for (unsigned long long tried = 0, found = 0; found < NAMES; tried++) {
		snprintf(label, sizeof label, "x%llu-%u", tried, number);
		if (crowds(label, key, homes) && ++found)
			printf("%s.crowd\n", label);
	}
}

int main(int argc, char **argv)
{
	uint8_t octets[WEIR_HEADER];
	struct weir_header header;
	struct why why;
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!in || fread(octets, 1, sizeof octets, in) != sizeof octets || header_decode(&header, octets, &why) != 0)
		return 1;
	fclose(in);
	/* The next table has these names as well; with a few home lines more than it will have, they crowd it all the same. */
	uint32_t homes = index_homes((header.rules + header.marks + KEYS * NAMES) * 5 / 4);
	for (unsigned i = 0; i < KEYS; i++) {
		print_crowd(header.key, homes, i);
		header.key = checksum(&header.key, sizeof header.key);
	}
	return 0;
}
