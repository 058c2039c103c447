/* SPDX-License-Identifier: BSD-3-Clause */
/* How a resolver is by what it answered: each row is what came, round by round, and what is judged at the end. */
#include "tests/unit/unit.h"

#include <arpa/nameser.h>

#include "feedsync/net/dns_probe.h"
#include "feedsync/watch/watch_judge.h"

enum { NOW = 1800000000, LATE = BEHIND_FLEET_S + 60 };

/* What a probe brought: nothing, a table's generation, or another answer. */
#define SILENCE                                                                                                        \
	{                                                                                                              \
		.error = "timed out"                                                                                   \
	}
#define TABLE(number)                                                                                                  \
	{                                                                                                              \
		.answered = true, .answer = {                                                                          \
			.rcode = ns_r_nxdomain,                                                                        \
			.blocked = true,                                                                               \
			.has_table = true,                                                                             \
			.generation = (number)                                                                         \
		}                                                                                                      \
	}
#define ANSWER(code)                                                                                                   \
	{                                                                                                              \
		.answered = true, .answer = {.rcode = (code) }                                                         \
	}

/* A round: how long ago, what the probe brought, what the host's metrics tell (NULL = nothing). */
struct round {
	unsigned ago;
	struct dns_probe probe;
	const char *conditions;
};

/* The channel has had generations 10 (an hour ago), 11 (LATE ago) and 13 (10 s ago); 12 came and went between two rounds. */
static const struct watch_channel usual = {.tables = {{10, NOW - 3600}, {11, NOW - LATE}, {13, NOW - 10}}, .count = 3};
static const struct watch_channel rolled_back = {
	.tables = {{11, NOW - 3600}, {12, NOW - LATE}, {11, NOW - 10}}, .count = 3};
static const struct watch_channel wrapped = {
	.tables = {{0xffffffff, NOW - 3600}, {UINT64_C(1) << 32 | 3, NOW - LATE}}, .count = 2};
static const struct watch_channel long_ago = {
	.tables = {{10, NOW - 3600}, {11, NOW - BEHIND_FLEET_S - 70}}, .count = 2};
static const struct watch_channel empty;

static const struct {
	const char *what;
	const struct watch_channel *channel;
	struct round rounds[3];
	enum watch_state state;
	unsigned since; /* seconds ago; 0 = it is not known */
	int lag;        /* -1 = it is not known */
} cases[] = {
	{"never probed", &usual, {{0}}, WATCH_NOT_PROBED, 0, -1},
	{"the newest", &usual, {{5, TABLE(13), NULL}}, WATCH_WELL, 5, -1},
	{"it was seen to come", &usual, {{60, TABLE(11), NULL}, {4, TABLE(13), NULL}}, WATCH_WELL, 4, 6},
	{"the one before, for a moment", &usual, {{5, TABLE(11), NULL}}, WATCH_COMING, 10, -1},
	{"the one before that", &usual, {{5, TABLE(10), NULL}}, WATCH_OUTDATED, LATE, -1},
	{"one that was never seen as the newest", &usual, {{5, TABLE(12), NULL}}, WATCH_COMING, 10, -1},
	{"one of long ago", &usual, {{5, TABLE(3), NULL}}, WATCH_OUTDATED, 3600, -1},
	{"one that the channel never had", &usual, {{60, TABLE(14), NULL}, {5, TABLE(14), NULL}}, WATCH_ANOTHER, 60,
		-1},
	{"a rollback is followed", &rolled_back, {{60, TABLE(12), NULL}, {5, TABLE(11), NULL}}, WATCH_WELL, 5, 5},
	{"a rollback is not followed yet", &rolled_back, {{5, TABLE(12), NULL}}, WATCH_COMING, 10, -1},
	{"generations wrap around", &wrapped, {{5, TABLE(3), NULL}}, WATCH_WELL, 5, -1},
	{"and the older one is older", &wrapped, {{5, TABLE(0xffffffff), NULL}}, WATCH_OUTDATED, LATE, -1},
	{"and one between", &wrapped, {{5, TABLE(1), NULL}}, WATCH_OUTDATED, LATE, -1},
	{"nothing was published", &empty, {{5, TABLE(7), NULL}}, WATCH_WELL, 5, -1},
	{"silent from the beginning", &usual, {{60, SILENCE, NULL}, {5, SILENCE, NULL}}, WATCH_SILENT, 60, -1},
	{"silent since the second", &usual, {{90, TABLE(13), NULL}, {60, SILENCE, NULL}, {5, SILENCE, NULL}},
		WATCH_SILENT, 60, -1},
	{"it answers again", &usual, {{90, TABLE(13), NULL}, {60, SILENCE, NULL}, {5, TABLE(13), NULL}}, WATCH_WELL, 90,
		-1},
	{"nothing is blocked", &usual,
		{{90, TABLE(13), NULL}, {60, ANSWER(ns_r_nxdomain), NULL}, {5, ANSWER(ns_r_nxdomain), NULL}},
		WATCH_UNPROTECTED, 60, -1},
	{"another answer of that kind", &usual, {{60, ANSWER(ns_r_nxdomain), NULL}, {5, ANSWER(ns_r_noerror), NULL}},
		WATCH_UNPROTECTED, 5, -1},
	{"SERVFAIL", &usual, {{5, ANSWER(ns_r_servfail), NULL}}, WATCH_FAILING, 5, -1},
	{"REFUSED", &usual, {{5, ANSWER(ns_r_refused), NULL}}, WATCH_FAILING, 5, -1},
	{"a bypass of the host", &usual, {{5, ANSWER(ns_r_nxdomain), "bypass_on resolver_bypassed"}}, WATCH_BYPASSED, 5,
		-1},
	{"a bypass that it does not follow", &usual, {{60, TABLE(13), "bypass_on"}}, WATCH_TROUBLED, 60, -1},
	{"the host has refused the newest", &usual, {{60, TABLE(11), ""}, {5, TABLE(11), "pull_refused"}},
		WATCH_TROUBLED, 5, -1},
	{"and long ago", &usual, {{60, TABLE(10), "pull_refused"}, {5, TABLE(10), "pull_refused"}}, WATCH_OUTDATED,
		LATE, -1},
	{"the host tells of a frozen channel", &usual,
		{{60, TABLE(13), "pull_expired"}, {5, TABLE(13), "pull_expired"}}, WATCH_TROUBLED, 60, -1},
	{"what it told long ago does not count", &usual,
		{{TOLD_FLEET_S + 60, TABLE(13), "pull_expired"}, {5, TABLE(13), NULL}}, WATCH_WELL, TOLD_FLEET_S + 60,
		-1},
	{"of the last round, long ago", &usual, {{TOLD_FLEET_S + 60, TABLE(13), "pull_expired"}}, WATCH_TROUBLED,
		TOLD_FLEET_S + 60, -1},
	{"getting the newest in the last round, long ago", &long_ago, {{BEHIND_FLEET_S + 60, TABLE(10), NULL}},
		WATCH_COMING, BEHIND_FLEET_S + 70, -1},
	{"all is well there again", &usual, {{60, TABLE(13), "pull_expired"}, {5, TABLE(13), ""}}, WATCH_WELL, 60, -1},
};

static void judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct watch_record record = {0};
		for (size_t r = 0; r < 3 && cases[i].rounds[r].ago > 0; r++) {
			const struct round *round = &cases[i].rounds[r];
			struct watch_told told = {.known = round->conditions != NULL};
			snprintf(told.conditions, sizeof told.conditions, "%s", told.known ? round->conditions : "");
			watch_note_probe(&record, &round->probe, NOW - round->ago);
			watch_note_told(&record, &told, NOW - round->ago);
		}
		uint64_t since, lag;
		enum watch_state judged_state = watch_judge(&record, cases[i].channel, &since);
		bool known = watch_lag(&record, cases[i].channel, &lag);
		uint64_t expected = cases[i].since > 0 ? NOW - cases[i].since : 0;
		if (judged_state != cases[i].state || since != expected || known != (cases[i].lag >= 0) ||
			(known && lag != (uint64_t)cases[i].lag))
			fail_msg("%s: %s since %llu (expected %s, %llu), lag %d %llu", cases[i].what,
				watch_state_row(judged_state)->key, (unsigned long long)since,
				watch_state_row(cases[i].state)->key, (unsigned long long)expected, known,
				(unsigned long long)lag);
	}
}

/* The last tables of a channel are remembered, each with the time at which it came first. */
static void tables(void **state)
{
	(void)state;
	struct watch_channel channel = {0};
	for (unsigned i = 0; i < 3 * WATCH_TABLES; i++) {
		watch_note_table(&channel, i / 2, 1000 + i);
		assert_int_equal(channel.tables[channel.count - 1].generation, i / 2);
		assert_int_equal(channel.tables[channel.count - 1].at, 1000 + i / 2 * 2);
	}
	assert_int_equal(channel.count, WATCH_TABLES);
	for (unsigned i = 0; i < WATCH_TABLES; i++)
		assert_int_equal(channel.tables[i].generation, WATCH_TABLES / 2 + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judged), cmocka_unit_test(tables)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
