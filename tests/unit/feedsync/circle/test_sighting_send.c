/* SPDX-License-Identifier: BSD-3-Clause */
/* A partner who takes too long: no call begins, and what is pending stays. The clock is the test's. */
#include "tests/unit/unit.h"

#include <time.h>

#include "feedsync/circle/sighting_send.h"

static time_t ahead; /* of the real clock, with each look */
static unsigned looks;

time_t __real_clock_s(void);
time_t __wrap_clock_s(void);

time_t __wrap_clock_s(void)
{
	return __real_clock_s() + ahead * (time_t)looks++;
}

static void slow(void **state)
{
	(void)state;
	static const struct {
		time_t ahead;
		uint64_t failed;
	} cases[] = {{0, 1}, {3600, 0}};
	const struct partner partner = {.name = "p", .to = "misp", .url = "http://127.0.0.1:1/"}; /* nobody is there */
	const struct config config = {.state = test_directory};
	const uint64_t withheld[WITHHELD_COUNT] = {0};
	const struct sighting sighting = {
		.day = 1, .uuid = "u", .group = "g", .entry = "e", .name = "a.example", .feed = "m"};
	const struct sighting_day day = {1, 1, "misp", &sighting, 1, withheld};
	struct sighting_store *store;
	struct sighting_counts counts;
	struct why why;
	uint64_t added;
	assert_int_equal(sighting_store_open(&store, test_directory, true, &why), 0);
	assert_int_equal(sighting_store_close_day(store, "p", &day, &added, &why), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sighting_outcome outcome;
		ahead = cases[i].ahead;
		looks = 0;
		assert_int_equal(sightings_send(&config, &partner, store, &outcome, &why), 0);
		assert_int_equal(outcome.failed, cases[i].failed);
		assert_int_equal(outcome.error_class != ERROR_NONE, cases[i].failed);
		assert_int_equal(sighting_store_counts(store, "p", &counts, &why), 0);
		assert_int_equal(counts.pending, 1);
	}
	sighting_store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(slow, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
