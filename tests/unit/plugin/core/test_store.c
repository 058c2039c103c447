/* SPDX-License-Identifier: BSD-3-Clause */
/* The store beside a model that remembers what was put last under each key: what the store still has must be that. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>

#include "plugin/core/store.h"
#include "tests/unit/fail_alloc.h"

/* Octets that are counted for the store itself, for a part, and for an entry, on a machine of 64 bits. */
enum { STORE_HEAD = 64, PART_HEAD = 128, CHAIN = 8, ENTRY_HEAD = 48 + 16 };

struct copy {
	uint8_t octets[5000];
	size_t length;
	bool stay;
};

static bool copy_out(void *context, void *data, size_t length)
{
	struct copy *copy = context;
	assert_true(length <= sizeof copy->octets);
	assert_int_equal((uintptr_t)data % 16, 0);
	memcpy(copy->octets, data, length);
	copy->length = length;
	return copy->stay;
}

static void one_entry(void **state)
{
	(void)state;
	struct store *store = store_new(1 << 20);
	struct copy copy = {.stay = true};
	size_t empty = store_octets(store);
	assert_false(store_visit(store, "a", 1, copy_out, &copy));
	store_put(store, "a", 1, "first", 5);
	store_put(store, "ab", 2, "", 0);
	store_put(store, "a", 1, "second", 6);
	assert_true(store_visit(store, "a", 1, copy_out, &copy));
	assert_int_equal(copy.length, 6);
	assert_memory_equal(copy.octets, "second", 6);
	assert_true(store_visit(store, "ab", 2, copy_out, &copy));
	assert_int_equal(copy.length, 0);
	copy.stay = false;
	assert_true(store_visit(store, "a", 1, copy_out, &copy));
	assert_false(store_visit(store, "a", 1, copy_out, &copy));
	assert_true(store_visit(store, "ab", 2, copy_out, &copy));
	assert_int_equal(store_octets(store), empty);
	store_free(&store);
	assert_null(store);
	store_free(&store);
}

/* What is too large is not there, and what was there under its key is not either. */
static void too_large(void **state)
{
	(void)state;
	static uint8_t large[STORE_LEAST];
	struct copy copy = {.stay = true};
	struct store *store = store_new(1);
	size_t empty = store_octets(store);
	store_put(store, "a", 1, large, STORE_LEAST / 8 - 1);
	assert_true(store_octets(store) >= empty + STORE_LEAST / 8 - 1);
	store_put(store, "a", 1, large, STORE_LEAST / 8);
	assert_int_equal(store_octets(store), empty);
	assert_false(store_visit(store, "a", 1, copy_out, &copy));
	store_free(&store);
}

/* How a limit is shared out: among so many parts, each with so many chains. */
static void sizes(void **state)
{
	(void)state;
	static const struct {
		size_t limit, parts, chains;
	} cases[] = {{0, 1, 64}, {STORE_LEAST - 1, 1, 64}, {STORE_LEAST, 1, 64}, {131071, 1, 64}, {131072, 2, 64},
		{262143, 2, 64}, {262144, 4, 64}, {64 * STORE_LEAST - 1, 32, 64}, {64 * STORE_LEAST, 64, 64},
		{128 * STORE_LEAST - 1, 64, 64}, {128 * STORE_LEAST, 64, 128}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct store *store = store_new(cases[i].limit);
		assert_int_equal(
			store_octets(store), STORE_HEAD + cases[i].parts * (PART_HEAD + cases[i].chains * CHAIN));
		store_free(&store);
	}
}

/* What an entry takes: its data begins at a multiple of 16 behind the key. */
static void entry_sizes(void **state)
{
	(void)state;
	static const struct {
		size_t key, length, octets;
	} cases[] = {{1, 0, 16}, {15, 0, 16}, {16, 0, 16}, {17, 0, 32}, {16, 1, 17}, {33, 100, 148}};
	static const uint8_t octets[100];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct store *store = store_new(1 << 20);
		size_t empty = store_octets(store);
		store_put(store, octets, cases[i].key, octets, cases[i].length);
		assert_int_equal(store_octets(store), empty + ENTRY_HEAD + cases[i].octets);
		store_free(&store);
	}
}

static bool leave(void *context, void *data, size_t length)
{
	(void)context;
	(void)data;
	(void)length;
	return true;
}

/* Entries that fill the store to its last octet all stay; with one more the oldest goes. */
static void exactly_full(void **state)
{
	(void)state;
	enum { ENTRIES = 8, ROOM = STORE_LEAST - PART_HEAD - 64 * CHAIN, DATA = ROOM / ENTRIES - ENTRY_HEAD - 16 };
	static const uint8_t data[DATA];
	struct store *store = store_new(STORE_LEAST);
	for (uint32_t key = 0; key < ENTRIES; key++)
		store_put(store, &key, sizeof key, data, DATA);
	assert_int_equal(store_octets(store), STORE_HEAD + STORE_LEAST);
	for (uint32_t more = ENTRIES; more < ENTRIES + 2; more++) {
		for (uint32_t key = 0; key < more; key++)
			assert_int_equal(store_visit(store, &key, sizeof key, leave, NULL), more == ENTRIES || key > 0);
		store_put(store, &more, sizeof more, "", 0);
	}
	store_free(&store);
}

/* However many keys there are, a chain has at most STORE_CHAIN entries: those that were put there last. */
static void full_chains(void **state)
{
	(void)state;
	enum { CHAINS = 64, KEYS = 100 * CHAINS, SMALL = ENTRY_HEAD + 16 };
	static struct copy copy = {.stay = true};
	struct store *store = store_new(2 * STORE_LEAST - 1);
	size_t empty = store_octets(store);
	unsigned there = 0, early = 0;
	for (uint32_t key = 0; key < KEYS; key++)
		store_put(store, &key, sizeof key, "", 0);
	for (uint32_t key = 0; key < KEYS; key++) {
		bool found = store_visit(store, &key, sizeof key, copy_out, &copy);
		there += found;
		early += found && key < KEYS / 2;
		assert_true(found || key < KEYS - 1);
	}
	assert_int_equal(there, CHAINS * STORE_CHAIN);
	assert_int_equal(early, 0);
	assert_int_equal(store_octets(store), empty + (size_t)CHAINS * STORE_CHAIN * SMALL);
	store_free(&store);
}

static bool set_first(void *context, void *data, size_t length)
{
	if (length > 0)
		*(uint8_t *)data = *(uint8_t *)context;
	return true;
}

static void random_use(void **state)
{
	(void)state;
	enum { KEYS = 3000, STEPS = 200000 };
	/* The last one holds all keys, however the hash spreads them. */
	static const size_t limits[] = {0, 100000, 300000, 40000000};
	static struct {
		uint16_t length;
		uint8_t filled, first;
		bool there;
	} model[KEYS];
	static struct copy copy;
	uint64_t seed = 7;
	for (unsigned l = 0; l < sizeof limits / sizeof *limits; l++) {
		size_t limit = limits[l] > STORE_LEAST ? limits[l] : STORE_LEAST;
		struct store *store = store_new(limits[l]);
		unsigned hits = 0;
		memset(model, 0, sizeof model);
		for (unsigned step = 0; step < STEPS; step++) {
			uint32_t key = (uint32_t)random_below(&seed, KEYS);
			static uint8_t data[2000];
			switch (random_below(&seed, 4)) {
			case 0:
				model[key].length = (uint16_t)random_below(&seed, sizeof data);
				model[key].first = model[key].filled = (uint8_t)step;
				model[key].there = true;
				memset(data, model[key].filled, sizeof data);
				store_put(store, &key, sizeof key, data, model[key].length);
				break;
			case 1:
				data[0] = (uint8_t)(step / 3);
				if (store_visit(store, &key, sizeof key, set_first, data))
					model[key].first = data[0];
				break;
			default:
				copy.stay = random_below(&seed, 20) > 0;
				if (!store_visit(store, &key, sizeof key, copy_out, &copy)) {
					assert_true(!model[key].there || limits[l] < 40000000);
					break;
				}
				hits++;
				assert_true(model[key].there);
				assert_int_equal(copy.length, model[key].length);
				if (copy.length > 0)
					assert_int_equal(copy.octets[0], model[key].first);
				for (size_t i = 1; i < copy.length; i++)
					assert_int_equal(copy.octets[i], model[key].filled);
				model[key].there &= copy.stay;
			}
			assert_true(store_octets(store) <= limit + limit / 8 + 4096);
		}
		assert_true(hits > 100);
		store_free(&store);
	}
}

/* What was used last stays: of many entries those that are asked for again and again. */
static void least_recently_used(void **state)
{
	(void)state;
	static struct copy copy = {.stay = true};
	struct store *store = store_new(STORE_LEAST);
	static const uint8_t data[500];
	unsigned lost = 0;
	for (uint32_t key = 0; key < 10; key++)
		store_put(store, &key, sizeof key, data, sizeof data);
	for (uint32_t key = 10; key < 2000; key++) {
		store_put(store, &key, sizeof key, data, sizeof data);
		for (uint32_t hot = 0; hot < 10; hot++)
			lost += !store_visit(store, &hot, sizeof hot, copy_out, &copy);
	}
	assert_int_equal(lost, 0);
	store_free(&store);
}

/* Which keys share a chain is each store's secret: of the same keys two stores keep different ones. */
static void secret_seeds(void **state)
{
	(void)state;
	enum { KEYS = 3000 };
	static bool there[2][KEYS];
	for (unsigned i = 0; i < 2; i++) {
		struct store *store = store_new(2 * STORE_LEAST - 1);
		for (uint32_t key = 0; key < KEYS; key++)
			store_put(store, &key, sizeof key, "", 0);
		for (uint32_t key = 0; key < KEYS; key++)
			there[i][key] = store_visit(store, &key, sizeof key, leave, NULL);
		store_free(&store);
	}
	assert_memory_not_equal(there[0], there[1], sizeof there[0]);
}

static int put_and_look(void *context)
{
	(void)context;
	static const char *const texts[] = {"first", "second"};
	static struct copy copy = {.stay = true};
	struct store *store = store_new(4 * STORE_LEAST);
	bool found = store;
	for (unsigned i = 0; found && i < 2; i++) {
		store_put(store, "a", 1, texts[i], strlen(texts[i]));
		found = store_visit(store, "a", 1, copy_out, &copy);
		if (found)
			assert_memory_equal(copy.octets, texts[i], strlen(texts[i]));
	}
	store_free(&store);
	return found ? 0 : -ENOMEM;
}

/* Without memory there is no store, or no entry: neither the new one nor the one that was there under its key. */
static void without_memory(void **state)
{
	(void)state;
	fail_each_alloc(put_and_look, NULL);
}

struct user {
	struct store *store;
	uint64_t seed;
	unsigned torn;
};

static bool look_for_tears(void *context, void *data, size_t length)
{
	struct user *user = context;
	const uint8_t *octets = data;
	for (size_t i = 1; i < length; i++)
		user->torn += octets[i] != octets[0];
	return random_below(&user->seed, 50) > 0;
}

static void *use_store(void *context)
{
	struct user *user = context;
	uint8_t data[300];
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t key = (uint32_t)random_below(&user->seed, 500);
		if (random_below(&user->seed, 3) > 0) {
			store_visit(user->store, &key, sizeof key, look_for_tears, user);
			continue;
		}
		memset(data, (int)step, sizeof data);
		store_put(user->store, &key, sizeof key, data, random_below(&user->seed, sizeof data));
		store_octets(user->store);
	}
	return NULL;
}

/* Nobody sees an entry that another one is writing. */
static void used_by_several(void **state)
{
	(void)state;
	enum { USERS = 4 };
	pthread_t threads[USERS];
	struct user users[USERS];
	struct store *store = store_new(100000);
	for (unsigned i = 0; i < USERS; i++) {
		users[i] = (struct user){store, i + 1, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, use_store, &users[i]), 0);
	}
	for (unsigned i = 0; i < USERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(users[i].torn, 0);
	}
	store_free(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_entry),
		cmocka_unit_test(too_large),
		cmocka_unit_test(sizes),
		cmocka_unit_test(entry_sizes),
		cmocka_unit_test(exactly_full),
		cmocka_unit_test(full_chains),
		cmocka_unit_test(secret_seeds),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(random_use),
		cmocka_unit_test(least_recently_used),
		cmocka_unit_test(used_by_several),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
