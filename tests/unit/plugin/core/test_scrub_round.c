/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "plugin/core/scrub_round.h"

/* A message cache without its messages: of each slab how many bins it has, and for each of the hashes that a message could
 * have how often a walk came to it. */
enum { MOST_SLABS = 8, HASHES = 512 };

struct cache {
	size_t slabs, bins[MOST_SLABS];
	unsigned visits[MOST_SLABS][HASHES];
};

static struct cache cache_of(size_t slabs, size_t bins)
{
	struct cache cache = {.slabs = slabs};
	for (size_t i = 0; i < slabs; i++)
		cache.bins[i] = bins;
	return cache;
}

/* One step of a walk, as the scrub makes it. */
static void walk_step(struct cache *cache, struct scrub_round *round, size_t most)
{
	size_t slab = scrub_round_slab(round, cache->slabs);
	assert_true(slab < cache->slabs);
	size_t bins = cache->bins[slab], count = scrub_round_step(round, cache->slabs, bins, most);
	assert_true(count <= most && (count == 0 || round->bin + count <= bins));
	for (; count > 0; count--, round->bin++)
		for (size_t hash = round->bin; hash < HASHES; hash += bins)
			cache->visits[slab][hash]++;
}

/* Walks to the round's end, or for so many steps. */
static void walk_steps(struct cache *cache, struct scrub_round *round, size_t most, unsigned steps)
{
	for (unsigned i = 0; i < steps && round->parts_left > 0; i++)
		walk_step(cache, round, most);
}

static void walk_round(struct cache *cache, struct scrub_round *round, size_t most)
{
	walk_steps(cache, round, most, 100000);
	assert_int_equal(round->parts_left, 0);
}

/* Where no slab grows. The round may begin where a cache of other slabs was left. */
static void each_bin_once(void **state)
{
	(void)state;
	static const struct {
		size_t slabs, bins, slab, bin, most;
	} cases[] = {
		{1, 1, 0, 0, 1},
		{1, 1, 0, 0, 32},
		{1, 64, 0, 0, 32},
		{1, 64, 0, 1, 1},
		{1, 64, 0, 63, 32},
		{1, 64, 0, 64, 32},
		{1, 64, 0, 500, 7},
		{4, 64, 0, 0, 32},
		{4, 64, 0, 17, 32},
		{4, 64, 2, 17, 5},
		{4, 64, 3, 0, 64},
		{4, 64, 3, 63, 1},
		{4, 64, 3, 64, 3},
		{4, 64, 1, 1000, 32},
		{4, 64, 7, 9, 32},
		{4, 64, 4, 9, 32},
		{1, 64, 1, 9, 32},
		{3, 64, 1, 9, 32},
		{8, 2, 5, 1, 32},
		{8, 512, 6, 300, 32},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cache cache = cache_of(cases[i].slabs, cases[i].bins);
		struct scrub_round round = {.slab = cases[i].slab, .bin = cases[i].bin};
		for (unsigned rounds = 1; rounds <= 3; rounds++) {
			struct scrub_round before = round;
			scrub_round_begin(&round);
			walk_round(&cache, &round, cases[i].most);
			for (size_t slab = 0; slab < cache.slabs; slab++)
				for (size_t hash = 0; hash < HASHES; hash++)
					if (cache.visits[slab][hash] != rounds)
						fail_msg("case %u: slab %zu, hash %zu: %u visits in %u rounds", i, slab,
							hash, cache.visits[slab][hash], rounds);
			if (before.slab < cache.slabs && before.bin < cases[i].bins) {
				assert_int_equal(round.slab, before.slab);
				assert_int_equal(round.bin, before.bin);
			}
		}
	}
}

/* Slabs that have doubled since the round before. */
static void a_round_after_growth(void **state)
{
	(void)state;
	struct scrub_round round = {.bin = 40};
	for (size_t bins = 64; bins <= HASHES; bins *= 2) {
		struct cache cache = cache_of(2, bins);
		scrub_round_begin(&round);
		walk_round(&cache, &round, 7);
		for (size_t slab = 0; slab < cache.slabs; slab++)
			for (size_t hash = 0; hash < HASHES; hash++)
				assert_int_equal(cache.visits[slab][hash], 1);
	}
}

/* What is in the cache when a round begins is met, whenever slabs double meanwhile; in those that do not, once. */
static void growth_loses_none(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 20000; seed++) {
		uint64_t random = seed;
		struct cache cache =
			cache_of((size_t)1 << random_below(&random, 3), (size_t)1 << random_below(&random, 6));
		size_t start_bins = cache.bins[0];
		struct scrub_round round = {.slab = random_below(&random, (unsigned)cache.slabs),
			.bin = random_below(&random, (unsigned)start_bins)};
		scrub_round_begin(&round);
		while (round.parts_left > 0) {
			walk_step(&cache, &round, 1 + random_below(&random, 9));
			size_t slab = random_below(&random, (unsigned)cache.slabs);
			if (random_below(&random, 8) == 0 && cache.bins[slab] < HASHES)
				cache.bins[slab] *= 2;
		}
		for (size_t slab = 0; slab < cache.slabs; slab++)
			for (size_t hash = 0; hash < HASHES; hash++) {
				unsigned visits = cache.visits[slab][hash];
				if (visits == 0 || (cache.bins[slab] == start_bins && visits > 1))
					fail_msg("seed %u: slab %zu, hash %zu: %u visits", seed, slab, hash, visits);
			}
	}
}

/* Rounds that are begun anew all the time go on: together they come to each bin as often as one that is left alone would. */
static void rounds_in_quick_succession(void **state)
{
	(void)state;
	enum { SLABS = 4, BINS = 64, MOST = 5 };
	for (unsigned steps = 1; steps < 60; steps++) {
		struct cache cache = cache_of(SLABS, BINS);
		struct scrub_round round = {.slab = 1, .bin = 40};
		for (unsigned begun = 0; begun < 8 * SLABS * BINS / steps; begun++) {
			scrub_round_begin(&round);
			walk_steps(&cache, &round, MOST, steps);
		}
		unsigned least = cache.visits[0][0], most = least;
		for (size_t slab = 0; slab < SLABS; slab++)
			for (size_t hash = 0; hash < BINS; hash++) {
				unsigned visits = cache.visits[slab][hash];
				least = visits < least ? visits : least;
				most = visits > most ? visits : most;
			}
		assert_true(least > 0);
		assert_in_range(most - least, 0, 1);
		/* The last one is complete all the same, and has its own account. */
		struct cache idle = cache_of(SLABS, BINS);
		scrub_round_begin(&round);
		walk_round(&idle, &round, MOST);
		for (size_t slab = 0; slab < SLABS; slab++)
			for (size_t hash = 0; hash < BINS; hash++)
				assert_int_equal(idle.visits[slab][hash], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bin_once),
		cmocka_unit_test(growth_loses_none),
		cmocka_unit_test(a_round_after_growth),
		cmocka_unit_test(rounds_in_quick_succession),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
