/* SPDX-License-Identifier: BSD-3-Clause */
/* Of things that come in several versions the newest counts. */
#include "tests/unit/unit.h"

#include "feedsync/formats/latest.h"

static void newest_counts(void **state)
{
	(void)state;
	static const struct {
		const char *id;
		uint64_t time;
		bool newest;
	} things[] = {{"a", 5, false}, {"b", 1, true}, {"a", 7, true}, {"", 3, true}, {"c", 0, false}, {"a", 6, false},
		{"", 2, true}, {"c", 0, true}};
	enum { COUNT = sizeof things / sizeof *things };
	struct latest *latest = latest_new();
	/* many more than the first room */
	for (unsigned round = 0; round < 1000; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			char id[LATEST_MAX_ID + 1];
			snprintf(id, sizeof id, "%s%u", things[i].id, things[i].id[0] ? round : 0);
			assert_int_equal(latest_add(latest, things[i].id[0] ? id : "", things[i].time), 0);
		}
	}
	latest_settle(latest);
	for (unsigned round = 0; round < 1000; round++)
		for (unsigned i = 0; i < COUNT; i++)
			assert_int_equal(latest_next(latest), things[i].newest);
	assert_false(latest_next(latest));
	latest_free(&latest);
	assert_null(latest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
