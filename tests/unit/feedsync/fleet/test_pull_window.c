/* SPDX-License-Identifier: BSD-3-Clause */
/* Hosts that are offered something at the same time fetch it at times that lie evenly in the window, and each another time
 * with another serial. */
#include "tests/unit/unit.h"

#include "feedsync/fleet/pull_window.h"

static void spread(void **state)
{
	(void)state;
	enum { HOSTS = 10000, WINDOW_S = 120, PARTS = 10 };
	unsigned in_part[PARTS] = {0}, same = 0;
	for (unsigned i = 0; i < HOSTS; i++) {
		char host[32];
		snprintf(host, sizeof host, "/state/%u", i);
		uint64_t ms = pull_window_ms(host, 7, WINDOW_S);
		assert_true(ms < WINDOW_S * 1000);
		assert_true(ms == pull_window_ms(host, 7, WINDOW_S));
		same += ms == pull_window_ms(host, 8, WINDOW_S);
		in_part[ms * PARTS / (WINDOW_S * 1000)]++;
	}
	for (unsigned i = 0; i < PARTS; i++)
		assert_in_range(in_part[i], HOSTS / PARTS * 3 / 4, HOSTS / PARTS * 5 / 4);
	assert_in_range(same, 0, 10);
	assert_int_equal(pull_window_ms("/state", 7, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(spread)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
