/* SPDX-License-Identifier: BSD-3-Clause */
/* When the clock is believed. */
#include "tests/unit/unit.h"

#include "feedsync/base/wall_clock.h"

#define DAY UINT64_C(86400)
#define T UINT64_C(1800000000) /* the time of the run before */
#define UP UINT64_C(5000)

static void judges(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct wall_record before, now;
		uint64_t believed;
	} cases[] = {
		{"as much passed as was counted", {T, T, UP, "a"}, {T + 60, 0, UP + 60, "a"}, T + 60},
		{"a small step", {T, T, UP, "a"}, {T + 350, 0, UP + 60, "a"}, T + 350},
		{"a small step back", {T, T, UP, "a"}, {T - 200, 0, UP + 60, "a"}, T - 200},
		{"a hundred days ahead", {T, T, UP, "a"}, {T + 100 * DAY, 0, UP + 60, "a"}, T + 60},
		{"an hour ahead", {T, T, UP, "a"}, {T + 3660, 0, UP + 60, "a"}, T + 60},
		{"years back", {T, T, UP, "a"}, {T - 3000 * DAY, 0, UP + 60, "a"}, T + 60},
		{"back to 1970", {T, T, UP, "a"}, {60, 0, UP + 60, "a"}, T + 60},
		{"still ahead", {T + 100 * DAY, T, UP, "a"}, {T + 100 * DAY + 60, 0, UP + 60, "a"}, T + 60},
		{"right again", {T + 100 * DAY, T, UP, "a"}, {T + 60, 0, UP + 60, "a"}, T + 60},
		{"right again after a start", {T + 100 * DAY, T, UP, "a"}, {T + 600, 0, 60, "b"}, T + 600},
		{"a quiet year", {T, T, UP, "a"}, {T + 365 * DAY + 9999, 0, UP + 365 * DAY, "a"}, T + 365 * DAY + 9999},
		{"a start, some hours off", {T, T, UP, "a"}, {T + DAY / 2, 0, 60, "b"}, T + DAY / 2},
		{"a start, a hundred days ahead", {T, T, UP, "a"}, {T + 100 * DAY, 0, 60, "b"}, T},
		{"a start, back", {T, T, UP, "a"}, {T - DAY, 0, 60, "b"}, T},
		{"a count that began anew", {T, T, UP, "a"}, {T + 100 * DAY, 0, 60, "a"}, T},
		{"starts that are not told", {T, T, UP, ""}, {T + 100 * DAY, 0, UP + 100 * DAY, ""}, T},
		{"the first run", {0, 0, 0, ""}, {T, 0, UP, "a"}, T},
		{"the first run, in 1970", {0, 0, 0, ""}, {60, 0, UP, "a"}, UINT64_C(1735689600)},
		{"no sum wraps", {UINT64_MAX - 5, UINT64_MAX - 5, 0, "a"}, {T, 0, 0, "a"}, UINT64_MAX - 5},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t believed = wall_judge(&cases[i].before, &cases[i].now);
		if (believed != cases[i].believed)
			fail_msg("%s: %llu, not %llu", cases[i].what, (unsigned long long)believed,
				(unsigned long long)cases[i].believed);
	}
}

static void servers(void **state)
{
	(void)state;
	static const struct {
		int64_t ahead[4];
		size_t count;
		bool confirmed;
	} cases[] = {
		{{0}, 0, false}, /* nobody says anything */
		{{0}, 1, true},
		{{3600}, 1, true},
		{{3601}, 1, false},
		{{-3600}, 1, true},
		{{INT64_MIN}, 1, false},
		{{0, 86400 * 100}, 2, false}, /* one of two */
		{{5, 86400 * 100, -7}, 3, true},
		{{86400 * 100, 0, 86400 * 100}, 3, false},
		{{0, 0, 86400, -86400}, 4, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (wall_is_confirmed(cases[i].ahead, cases[i].count) != cases[i].confirmed)
			fail_msg("case %u", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judges), cmocka_unit_test(servers)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
