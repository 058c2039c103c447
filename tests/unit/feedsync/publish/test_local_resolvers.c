/* SPDX-License-Identifier: BSD-3-Clause */
/* What is awaited of a resolver: this process, by its counters. */
#include "tests/unit/unit.h"

#include "feedsync/publish/local_resolvers.h"
#include "libweir/live/counters.h"

static const char table[] = "/var/lib/weir/current.weir";

static void publish_state(struct counters *counters, uint64_t bypass_until, bool active, uint64_t scrubs)
{
	struct counters_state state = {.active = active, .scrubs = scrubs, .bypass_until = bypass_until};
	snprintf(state.table, sizeof state.table, "%s", table);
	counters_publish(counters, &state);
}

/* At the end of a bypass it follows when its cache has been looked through as well. */
static void follows_a_bypass(void **state)
{
	(void)state;
	enum { A_LOOK_MS = 20 };
	static const struct {
		uint64_t before, now, asked; /* until when everything passes */
		bool active;
		uint64_t scrubs; /* that were complete; there was one before */
		bool follows;
	} cases[] = {{0, 9, 9, true, 1, true}, {0, 0, 9, true, 1, false}, {5, 9, 9, true, 1, true},
		{5, 5, 9, true, 1, false}, {9, 9, 0, true, 1, false}, {9, 0, 0, true, 1, false},
		{9, 0, 0, true, 2, true}, {9, 0, 0, false, 1, true}, {0, 0, 0, true, 1, true}};
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct local_resolvers told;
		publish_state(counters, cases[i].before, true, 1);
		told.list = local_resolvers_find(test_directory, &told.count);
		assert_int_equal(told.count, 1);
		publish_state(counters, cases[i].now, cases[i].active, cases[i].scrubs);
		if (local_resolvers_await_bypass(&told, test_directory, table, cases[i].asked, A_LOOK_MS) !=
			cases[i].follows)
			fail_msg("case %u", i);
		free(told.list);
	}
	counters_remove(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(follows_a_bypass, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
