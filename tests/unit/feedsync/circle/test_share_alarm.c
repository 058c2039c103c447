/* SPDX-License-Identifier: BSD-3-Clause */
/* What is too much at once. */
#include "tests/unit/unit.h"

#include "feedsync/circle/share_alarm.h"

static void bounds(void **state)
{
	(void)state;
	static const struct {
		struct listing_counts counts;
		bool alarm;
	} cases[] = {
		{{.before = 0, .live = 100000, .added = 100000}, false},
		{{.before = 100, .live = 100}, false},
		/* half, and more than half */
		{{.before = 100, .live = 50, .withdrawn = 50}, false},
		{{.before = 100, .live = 49, .withdrawn = 51}, true},
		{{.before = 100, .live = 49, .withdrawn = 51, .added = 1}, false},
		/* a few may go */
		{{.before = 12, .live = 3, .withdrawn = 9}, false},
		{{.before = 12, .live = 2, .withdrawn = 10}, true},
		/* but not all, unless they have expired, or are let pass here */
		{{.before = 1, .live = 0, .withdrawn = 1}, true},
		{{.before = 1, .live = 0, .withdrawn = 1, .freed = 1}, false},
		{{.before = 5, .live = 0, .expired = 5}, false},
		{{.before = 5, .live = 0, .expired = 4, .withdrawn = 1}, true},
		{{.before = 100, .live = 10, .withdrawn = 90, .freed = 60}, false},
		{{.before = 100, .live = 10, .expired = 90}, false},
		/* three times as many, and more */
		{{.before = 10, .live = 30, .added = 20}, false},
		{{.before = 10, .live = 33, .added = 23}, true},
		{{.before = 1, .live = 10, .added = 9}, false},
		{{.before = 1, .live = 11, .added = 10}, true},
		{{.before = 0, .live = 11, .added = 11}, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why;
		if (share_alarm(&cases[i].counts, &why) != cases[i].alarm)
			fail_msg("case %u: \"%s\"", i, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bounds)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
