/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of clients, from the octets of others and from simulated clients. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "feedsync/trends/client_estimate.h"

/* The set whose octets are these digits. */
static struct client_set set_of(const char *digits)
{
	struct client_set set = {{0}};
	assert_int_equal(strlen(digits), CLIENT_SET_OCTETS * 2);
	for (unsigned i = 0; i < CLIENT_SET_OCTETS; i++) {
		const char octet[] = {digits[2 * (size_t)i], digits[2 * (size_t)i + 1], '\0'};
		char *end;
		set.octet[i] = (uint8_t)strtoul(octet, &end, 16);
		assert_int_equal(*end, '\0');
	}
	return set;
}

/* Octets and cardinality of PostgreSQL's hll, which has them behind its header 14 66 00. */
static void others(void **state)
{
	(void)state;
	static const struct {
		const char *digits;
		double estimate;
	} vectors[] = {
		{"0000000000000000000000000000000000000000000000000000000000000000", 0},
		{"1000000000000000000000000000000000000000000000000000000000000000", 1.0079},
		{"0000122200102001000130400005104120220020222003000320010005015110", 40.4814},
	};
	for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct client_set set = set_of(vectors[i].digits);
		assert_true(client_estimate(&set) > vectors[i].estimate - 0.0001 &&
			    client_estimate(&set) < vectors[i].estimate + 0.0001);
	}
}

/* The hash of a client: the low bits of random_next are not good enough for it. */
static uint64_t hashed_client(uint64_t *seed)
{
	uint64_t hash = random_next(seed);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static void simulated(void **state)
{
	(void)state;
	static const struct {
		unsigned clients;
		double low, high;
	} rows[] = {{5, 2, 6.2}, {10, 7, 13}, {100, 70, 135}, {1000, 600, 1500}, {20000, 12000, 29000}};
	uint64_t seed = 7;
	for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++)
		for (unsigned round = 0; round < 20; round++) {
			struct client_set set = {{0}};
			for (unsigned c = 0; c < rows[r].clients; c++)
				client_set_add(&set, hashed_client(&seed));
			double estimate = client_estimate(&set);
			if (estimate < rows[r].low || estimate > rows[r].high)
				fail_msg("%u clients: estimate %f", rows[r].clients, estimate);
		}
}

/* A rule that a set of hits is shown for has more clients than the threshold, whatever the hash says. */
static void threshold(void **state)
{
	(void)state;
	uint64_t seed = 99;
	unsigned passed = 0;
	for (unsigned draw = 0; draw < 4000; draw++) {
		struct client_set set = {{0}};
		for (unsigned c = 0; c < 11; c++)
			client_set_add(&set, hashed_client(&seed));
		if (client_estimate(&set) >= 12.5)
			fail_msg("11 clients pass for %f", client_estimate(&set));
		for (unsigned c = 11; c < 18; c++)
			client_set_add(&set, hashed_client(&seed));
		passed += client_estimate(&set) >= 12.5;
	}
	assert_true(passed > 3900);
}

static void ends(void **state)
{
	(void)state;
	struct client_set full;
	memset(&full, 0xff, sizeof full);
	assert_true(client_estimate(&full) > 900000 && client_estimate(&full) <= 1048576);
	struct client_set set = {{0}};
	client_set_add(&set, 0);          /* all zeros: register 0, the highest rank */
	client_set_add(&set, UINT64_MAX); /* register 63, rank 1 */
	assert_int_equal(client_set_rank(&set, 0), CLIENT_SET_MAX_RANK);
	assert_int_equal(client_set_rank(&set, 63), 1);
	assert_int_equal(set.octet[0], 0xf0);
	assert_int_equal(set.octet[31], 0x01);
	struct client_set other = set_of("0100000000000000000000000000000000000000000000000000000000000030");
	client_set_unite(&set, &other);
	assert_int_equal(set.octet[0], 0xf1);
	assert_int_equal(set.octet[31], 0x31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others),
		cmocka_unit_test(simulated),
		cmocka_unit_test(threshold),
		cmocka_unit_test(ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
