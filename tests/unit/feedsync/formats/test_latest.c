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
		uint32_t content;
	} things[] = {{"a", 5, false, 0}, {"b", 1, true, 0}, {"a", 7, true, 0}, {"", 3, true, 0}, {"c", 0, false, 0},
		{"a", 6, false, 0}, {"", 2, true, 0}, {"c", 0, true, 0},
		/* two contents of one time, one of them twice, and an older one */
		{"d", 4, false, 1}, {"d", 4, true, 2}, {"d", 3, false, 3}, {"d", 4, true, 1}, {"e", 1, false, 1},
		{"e", 2, true, 0}};
	enum { COUNT = sizeof things / sizeof *things };
	struct latest *latest = latest_new();
	/* many more than the first room */
	for (unsigned round = 0; round < 1000; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			char id[LATEST_MAX_ID + 1];
			snprintf(id, sizeof id, "%s%u", things[i].id, things[i].id[0] ? round : 0);
			assert_int_equal(
				latest_add(latest, things[i].id[0] ? id : "", things[i].time, things[i].content), 0);
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
