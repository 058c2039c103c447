/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes sets of clients for PostgreSQL to judge, as its COPY reads them. `client-sets sets`: number, octets of two sets and of both
 * united, what we take the united one for. `client-sets hashes`: for the smaller sets also each hash, as signed numbers. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/trends/client_estimate.h"

enum { DRAWS = 20, ANY_OCTETS = 5000, MOST_LISTED = 2000 };

static uint64_t counter;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw_hash(void)
{
	uint64_t z = counter += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void print_octets(const struct client_set *set)
{
	for (unsigned i = 0; i < CLIENT_SET_OCTETS; i++)
		printf("%02x", set->octet[i]);
	putchar('\t');
}

static void print_sets(unsigned number, const struct client_set *first, const struct client_set *second)
{
	struct client_set both = *first;
	client_set_unite(&both, second);
	printf("%u\t", number);
	print_octets(first);
	print_octets(second);
	print_octets(&both);
	printf("%.17g\n", client_estimate(&both));
}

/* Draws a set, and prints its hashes if these are asked for. */
static struct client_set draw_set(unsigned number, unsigned clients, bool hashes)
{
	struct client_set set = {{0}};
	for (unsigned i = 0; i < clients; i++) {
		uint64_t hash = draw_hash();
		if (i == 0 &&
			number % 8 == 1) /* the highest rank; hll leaves out a hash without any bit, one in 2^58 */
			hash = (hash % CLIENT_SET_REGISTERS) | UINT64_C(1) << 63;
		client_set_add(&set, hash);
		if (hashes)
			printf("%u\t%" PRId64 "\n", number, (int64_t)hash);
	}
	return set;
}

/* Sets of clients, and sets of any octets, as a damaged store may have them. */
int main(int argc, char **argv)
{
	static const unsigned sizes[] = {
		0, 1, 2, 3, 5, 8, 10, 12, 13, 20, 50, 100, 160, 200, 500, 1000, 2000, 10000, 100000, 1000000};
	bool hashes = argc == 2 && strcmp(argv[1], "hashes") == 0;
	if (!hashes && (argc != 2 || strcmp(argv[1], "sets") != 0)) {
		fputs("usage: client-sets sets|hashes\n", stderr);
		return 2;
	}
	unsigned number = 0;
	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (unsigned draw = 0; draw < DRAWS; draw++, number++) {
			struct client_set first = draw_set(number, sizes[s], hashes && sizes[s] <= MOST_LISTED);
			struct client_set second = draw_set(number, sizes[s] / 2, false);
			if (!hashes)
				print_sets(number, &first, &second);
		}
	for (unsigned i = 0; i < ANY_OCTETS && !hashes; i++, number++) {
		struct client_set any[2];
		for (unsigned o = 0; o < CLIENT_SET_OCTETS; o++) {
			uint64_t bits = draw_hash();
			any[0].octet[o] = (uint8_t)(bits >> 8);
			any[1].octet[o] = i % 50 == 0 ? 0xff : (uint8_t)(bits >> 16 & bits >> 24);
		}
		print_sets(number, &any[0], &any[1]);
	}
	return 0;
}
