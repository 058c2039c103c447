/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/monitor/tally.h"
#include "tests/unit/unit.h"

enum { BEGIN = 3600 * 500000 };

static struct counters_snapshot resolver(const char *name, uint64_t blocked)
{
	struct counters_snapshot made = {.alive = true};
	snprintf(made.name, sizeof made.name, "%s", name);
	made.count[COUNT_BLOCKED_NAME] = blocked;
	return made;
}

/* A number stays while the process runs; the next process takes the lowest free one. */
static void test_numbers(void **state)
{
	struct tally tally = {0};
	struct counters_snapshot two[] = {resolver("10", 0), resolver("20", 0)};
	struct counters_snapshot later[] = {resolver("20", 0), resolver("30", 0), resolver("40", 0)};
	(void)state;
	tally_look(&tally, two, 2, BEGIN);
	assert_int_equal(tally_number(&tally, &two[0]), 1);
	assert_int_equal(tally_number(&tally, &two[1]), 2);
	tally_look(&tally, later, 3, BEGIN + 10);
	assert_int_equal(tally_number(&tally, &later[0]), 2);
	assert_int_equal(tally_number(&tally, &later[1]), 1);
	assert_int_equal(tally_number(&tally, &later[2]), 3);
	later[0].alive = false;
	assert_int_equal(tally_number(&tally, &later[0]), 0);
	assert_int_equal(tally_number(&tally, &two[0]), 0);
}

static void test_too_many(void **state)
{
	static struct counters_snapshot many[TALLY_RESOLVERS + 1];
	static struct tally tally;
	(void)state;
	for (unsigned i = 0; i <= TALLY_RESOLVERS; i++) {
		char name[16];
		snprintf(name, sizeof name, "%u", i + 1);
		many[i] = resolver(name, 0);
	}
	tally_look(&tally, many, TALLY_RESOLVERS + 1, BEGIN);
	assert_int_equal(tally_number(&tally, &many[TALLY_RESOLVERS - 1]), TALLY_RESOLVERS);
	assert_int_equal(tally_number(&tally, &many[TALLY_RESOLVERS]), 0);
}

/* Looks, in their order: when, what the resolver's counter says, and what the last hour then has. */
static void test_hours(void **state)
{
	static const struct {
		uint64_t after, blocked;
		size_t hours;
		uint64_t in_hour;
	} looks[] = {
		{0, 1000, 1, 0},                      /* nobody knows when these were */
		{10, 1007, 1, 7}, {3590, 1010, 1, 7}, /* too long without a look */
		{3600, 1015, 2, 5}, {3610, 3, 2, 8},  /* a reload: the counter begins anew */
		{3610 + TALLY_GAP_S, 4, 2, 9}, {3610 + 2 * TALLY_GAP_S + 1, 9, 2, 9},
		{100 * 3600, 9, 1, 0}, /* all others are too long ago */
		{50 * 3600, 10, 1, 0}, /* the clock was set back */
	};
	struct tally tally = {0};
	(void)state;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		struct counters_snapshot one = resolver("10", looks[i].blocked);
		tally_look(&tally, &one, 1, BEGIN + looks[i].after);
		assert_int_equal(tally.hour_count, looks[i].hours);
		assert_int_equal(tally.hour[tally.hour_count - 1].blocked, looks[i].in_hour);
	}
}

static void test_day(void **state)
{
	struct tally tally = {0};
	(void)state;
	for (unsigned hour = 0; hour < 40; hour++) {
		struct counters_snapshot one = resolver("10", hour);
		tally_look(&tally, &one, 1, BEGIN + hour * 3600);
	}
	assert_int_equal(tally.hour_count, TALLY_HOURS);
	assert_int_equal(tally.hour[0].begin, BEGIN + (40 - TALLY_HOURS) * 3600);
}

static void test_file(void **state)
{
	static const char *const damaged[] = {"", "{", "[]", "{\"hours\":7,\"resolvers\":[1,{}]}",
		"{\"resolvers\":[{\"name\":\"1\",\"number\":99999999999}]}"};
	char directory[] = "/tmp/weir-tally-XXXXXX", path[64];
	struct tally tally = {0}, again;
	struct counters_snapshot one = resolver("10", 5);
	(void)state;
	assert_non_null(mkdtemp(directory));
	tally_read(&again, directory);
	assert_int_equal(again.at, 0);
	tally_look(&tally, &one, 1, BEGIN);
	one.count[COUNT_BLOCKED_NAME] = 9;
	tally_look(&tally, &one, 1, BEGIN + 5);
	tally_write(&tally, directory);
	tally_read(&again, directory);
	assert_memory_equal(&again, &tally, sizeof tally);
	snprintf(path, sizeof path, "%s/monitor.json", directory);
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		FILE *out = fopen(path, "w");
		assert_non_null(out);
		fputs(damaged[i], out);
		fclose(out);
		tally_read(&again, directory);
		assert_int_equal(again.resolver_count + again.hour_count, 0);
	}
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_hours), cmocka_unit_test(test_day), cmocka_unit_test(test_file)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
