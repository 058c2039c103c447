/* SPDX-License-Identifier: BSD-3-Clause */
/* The command that tells the queries in all: what it says, and what becomes of one that fails, hangs or says nonsense. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/trends/queries_command.h"

static void outcomes(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		uint64_t queries;
		const char *why; /* NULL: it is fine */
	} cases[] = {
		{"echo thread0.num.queries=7; echo total.num.queries=12; echo total.num.queries_ip_ratelimited=3", 12,
			NULL},
		{"echo total.num.queries=18446744073709551615", UINT64_MAX, NULL},
		{"test \"$1\" = stats_noreset && echo total.num.queries=1", 1, NULL},
		{"echo total.num.queries=18446744073709551616", 0, "did not say"},
		{"echo total.num.queries=-1", 0, "did not say"},
		{"echo total.num.queries=", 0, "did not say"},
		{"echo total.num.queries=12x", 0, "did not say"},
		{"echo xtotal.num.queries=12", 0, "did not say"},
		{"true", 0, "did not say"},
		{"echo total.num.queries=12; exit 3", 0, "it failed"},
		{"sleep 60", 0, "no answer within"},
		{"yes total", 0, "it failed"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const words[] = {"sh", "-c", cases[i].script, "sh"};
		struct why why = {""};
		uint64_t queries = 0;
		int status = queries_command_run(words, 4, &queries, &why);
		if ((status == 0) != (cases[i].why == NULL) || (cases[i].why && !strstr(why.text, cases[i].why)))
			fail_msg("%s: %d, \"%s\"", cases[i].script, status, why.text);
		if (status == 0)
			assert_true(queries == cases[i].queries);
	}
	const char *const none[] = {"/no/such/command"};
	struct why why;
	uint64_t queries;
	assert_true(queries_command_run(none, 1, &queries, &why) < 0);
	assert_non_null(strstr(why.text, "cannot be run"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
