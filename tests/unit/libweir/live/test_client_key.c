/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash of clients, and the life of its key. */
#include "tests/unit/unit.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libweir/live/client_key.h"

/* Clients that stand in a row spread over all registers and ranks, under whatever key. */
static void spread(void **state)
{
	(void)state;
	uint64_t seed = 3;
	enum { CLIENTS = 64000 };
	for (unsigned round = 0; round < 20; round++) {
		unsigned in[64] = {0}, odd = 0;
		uint64_t part[CLIENT_KEY_PARTS];
		for (unsigned i = 0; i < CLIENT_KEY_PARTS; i++)
			part[i] = random_next(&seed);
		for (uint64_t client = 0; client < CLIENTS; client++) {
			uint64_t hash =
				client_hash(part[0], part[1], part[2], part[3], (UINT64_C(0xffff) << 32) + client);
			in[hash % 64]++;
			odd += hash >> 6 & 1;
		}
		for (unsigned i = 0; i < 64; i++)
			assert_in_range(in[i], 800, 1200);
		assert_in_range(odd, CLIENTS / 2 - 1000, CLIENTS / 2 + 1000);
	}
}

static uint64_t hashed(struct client_key *key, uint64_t day)
{
	uint64_t hash = 0;
	assert_true(client_key_hash(key, day, 1, &hash));
	return hash;
}

/* A key lives one day; all who share it have the same one, and a clock that goes back keeps the later. */
static void days(void **state)
{
	(void)state;
	struct client_key *key = client_key_new(), *other = client_key_new();
	uint64_t today = (uint64_t)time(NULL) / 86400 + 1;
	uint64_t first = hashed(key, today);
	assert_true(hashed(key, today) == first);
	assert_true(hashed(other, today) != first);
	uint64_t second = hashed(key, today + 1);
	assert_true(second != first);
	assert_true(hashed(key, today) == second);
	pid_t child = fork();
	if (child == 0)
		_exit(hashed(key, today + 1) != second || hashed(key, today + 2) == second);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	uint64_t hash = 0;
	assert_true(client_key_hash(key, today + 2, 1, &hash) && hash != second);
	/* Nothing is left of what was. */
	assert_true(atomic_load(&key->state) == 2 * (today + 2));
	client_key_free(&key);
	client_key_free(&other);
	assert_null(key);
}

/* While a key is being drawn nobody waits. */
static void drawing(void **state)
{
	(void)state;
	uint64_t hash = 0;
	struct client_key *key = client_key_new();
	atomic_store(&key->state, 2 * 50000 + 1);
	assert_false(client_key_hash(key, 50000, 1, &hash));
	assert_true(client_key_hash(key, 50001, 1, &hash));
	client_key_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spread),
		cmocka_unit_test(days),
		cmocka_unit_test(drawing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
