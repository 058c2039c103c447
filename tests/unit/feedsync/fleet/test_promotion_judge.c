/* SPDX-License-Identifier: BSD-3-Clause */
/* When a table is promoted, when that waits, and when it is halted: the truth table of a look, and rows of looks in time. */
#include "tests/unit/unit.h"

#include "feedsync/fleet/promotion_judge.h"

enum { OLD = 5, AMENDED = 6, NEW = 7, NEWER = 8, SILENT = 0, IDLE = -1 };

/* A canary: what it enforces (SILENT: it does not answer; IDLE: it enforces nothing), how many of 100 names fail. */
struct canary_row {
	int generation;
	uint32_t failed;
	bool blocks;
};
/* clang-format off */
#define HAS(generation) {generation, 0, false}
#define FAILS(generation, failed) {generation, failed, false}
#define BLOCKS(generation) {generation, 0, true}
/* clang-format on */

static size_t make_canaries(const struct canary_row rows[3], size_t count, struct canary_look canaries[3])
{
	static const char *const names[] = {"one", "two", "three"};
	for (size_t i = 0; i < count; i++)
		canaries[i] = (struct canary_look){.name = names[i],
			.answers = rows[i].generation != SILENT,
			.enforces = rows[i].generation > 0,
			.generation = rows[i].generation > 0 ? (uint32_t)rows[i].generation : 0,
			.asked = rows[i].generation != SILENT ? 100 : 0,
			.failed = rows[i].failed,
			.blocked = rows[i].blocks ? "popular.example" : NULL};
	return count;
}

static struct promotion_question make_ask(uint64_t offered, const struct canary_look *canaries, size_t count)
{
	return (struct promotion_question){.canary = canaries,
		.count = count,
		.offered = {.generation = offered},
		.promoted = OLD,
		.amended = AMENDED,
		.before = {.known = true, .answering = 2, .asked = 200, .failed = 2},
		.now_ms = 1000000,
		.after_ms = 10000,
		.gap_ms = 3000,
		.rise_percent = 5};
}

/* One look, with a candidate on trial that has been healthy for long enough but for this look; the look before was one second
 * ago. */
static void one_look(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct canary_row canaries[3];
		size_t count;
		uint64_t offered;
		enum promotion_state state;
		const char *reason;
	} rows[] = {
		{"all well", {HAS(NEW), HAS(NEW)}, 2, NEW, PROMOTION_READY, ""},
		{"with a newer table, too", {HAS(NEW), HAS(NEWER)}, 2, NEWER, PROMOTION_READY, ""},
		{"nobody", {HAS(0)}, 0, NEW, PROMOTION_WAITS, "0 of 0 canaries answer; at least 2 must"},
		{"one alone", {HAS(NEW)}, 1, NEW, PROMOTION_WAITS, "1 of 1 canaries answers; at least 2 must"},
		{"one silent", {HAS(NEW), HAS(SILENT)}, 2, NEW, PROMOTION_WAITS,
			"1 of 2 canaries answers; at least 2 must"},
		{"all silent", {HAS(SILENT), HAS(SILENT)}, 2, NEW, PROMOTION_WAITS,
			"0 of 2 canaries answer; at least 2 must"},
		{"one of three silent, as before", {HAS(NEW), HAS(SILENT), HAS(NEW)}, 3, NEW, PROMOTION_READY, ""},
		{"one without a table", {HAS(NEW), HAS(IDLE)}, 2, NEW, PROMOTION_WAITS,
			"two answers, and enforces no table"},
		{"one with the old table", {HAS(NEW), HAS(OLD)}, 2, NEW, PROMOTION_WAITS,
			"not all canaries enforce generation 7 yet"},
		{"all with the old table", {HAS(OLD), HAS(OLD)}, 2, NEW, PROMOTION_WAITS,
			"not all canaries enforce generation 7 yet"},
		{"old, and nothing new", {HAS(OLD), HAS(OLD)}, 2, OLD, PROMOTION_RESTS, ""},
		{"the amended one is no news", {HAS(AMENDED), HAS(OLD)}, 2, AMENDED, PROMOTION_RESTS, ""},
		{"a name is blocked", {HAS(NEW), BLOCKS(NEW)}, 2, NEW, PROMOTION_UNHEALTHY,
			"two blocks popular.example, which was not blocked before"},
		{"blocked, and the other one died", {BLOCKS(NEW), HAS(SILENT)}, 2, NEW, PROMOTION_UNHEALTHY,
			"one blocks popular.example, which was not blocked before"},
		{"blocked by the promoted table", {BLOCKS(OLD), HAS(OLD)}, 2, OLD, PROMOTION_RESTS, ""},
		{"blocked by the old one, the new one is well", {BLOCKS(OLD), HAS(NEW)}, 2, NEW, PROMOTION_WAITS,
			"not all canaries enforce generation 7 yet"},
		{"failures as before", {FAILS(NEW, 1), FAILS(NEW, 1)}, 2, NEW, PROMOTION_READY, ""},
		{"failures within the bound", {FAILS(NEW, 6), FAILS(NEW, 6)}, 2, NEW, PROMOTION_READY, ""},
		{"failures beyond it", {FAILS(NEW, 7), FAILS(NEW, 6)}, 2, NEW, PROMOTION_UNHEALTHY,
			"13 of 200 answers have no address (SERVFAIL, none at all); before, 2 of 200"},
		{"failures where the new table is", {FAILS(OLD, 0), FAILS(NEW, 7)}, 2, NEW, PROMOTION_UNHEALTHY,
			"7 of 100 answers have no address (SERVFAIL, none at all); before, 2 of 200"},
		{"failures where it is not", {FAILS(OLD, 90), FAILS(NEW, 0)}, 2, NEW, PROMOTION_WAITS,
			"not all canaries enforce generation 7 yet"},
		{"failures of the promoted table", {FAILS(OLD, 90), FAILS(OLD, 90)}, 2, OLD, PROMOTION_RESTS, ""},
	};
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct canary_look canaries[3];
		size_t count = make_canaries(rows[i].canaries, rows[i].count, canaries);
		struct promotion_question q = make_ask(rows[i].offered, canaries, count);
		struct trial trial = {
			.candidate.generation = NEW, .healthy_ms = 9000, .looked_ms = q.now_ms - 1000, .strikes = 1};
		struct promotion_finding f;
		promotion_judge(&q, &trial, &f);
		if (f.state != rows[i].state || strcmp(f.reason, rows[i].reason) != 0)
			fail_msg("%s: state %u, %s", rows[i].what, f.state, f.reason);
		/* What is seen once is not enough. */
		trial = (struct trial){.candidate.generation = NEW};
		promotion_judge(&q, &trial, &f);
		if (f.state == PROMOTION_UNHEALTHY || f.state == PROMOTION_READY)
			fail_msg("%s: at the first look", rows[i].what);
	}
}

/* Of the first table of all nobody can say what has risen; what it blocks is seen. */
static void before_is_not_known(void **state)
{
	(void)state;
	const struct canary_row failing[3] = {FAILS(NEW, 90), FAILS(NEW, 90)}, blocking[3] = {HAS(NEW), BLOCKS(NEW)};
	struct canary_look canaries[3];
	struct promotion_question q = make_ask(NEW, canaries, make_canaries(failing, 2, canaries));
	struct trial trial = {.strikes = 1};
	struct promotion_finding f;
	q.promoted = q.amended = 0;
	q.before = (struct health_before){0};
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_PROVES);
	assert_int_equal(trial.candidate.generation, NEW);
	make_canaries(blocking, 2, canaries);
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_WAITS);
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_UNHEALTHY);
}

/* Fewer canaries than with the table before: perhaps it was the table. */
static void fewer_than_before(void **state)
{
	(void)state;
	const struct canary_row rows[3] = {HAS(NEW), HAS(NEW), HAS(SILENT)};
	struct canary_look canaries[3];
	struct promotion_question q = make_ask(NEW, canaries, make_canaries(rows, 3, canaries));
	struct trial trial = {0};
	struct promotion_finding f;
	q.before.answering = 3;
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_WAITS);
	assert_string_equal(f.reason, "2 of 3 canaries answer; before this table 3 did");
	const struct canary_row whole[3] = {HAS(NEW), HAS(NEW), HAS(NEW)};
	make_canaries(whole, 3, canaries);
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_PROVES);
	make_canaries(rows, 3, canaries);
	/* One that the configuration no longer has is not waited for; nor one that was silent before the table came. */
	q.count = 2;
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_PROVES);
	const struct canary_row resting[3] = {HAS(OLD), HAS(OLD), HAS(SILENT)};
	q.count = make_canaries(resting, 3, canaries);
	q.offered.generation = OLD;
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_RESTS);
}

/* A row of looks: when it comes, what the canaries enforce, and what is found then. */
struct look_row {
	uint64_t at_ms;
	int generation;
	bool blocks;
	enum promotion_state state;
};

static void check_looks(const char *what, const struct look_row *rows, size_t count, uint64_t candidate)
{
	struct trial trial = {0};
	for (size_t i = 0; i < count; i++) {
		const struct canary_row canary = {rows[i].generation, 0, rows[i].blocks}, both[3] = {canary, canary};
		struct canary_look canaries[3];
		struct promotion_question q = make_ask((uint64_t)(rows[i].generation > 0 ? rows[i].generation : NEW),
			canaries, make_canaries(both, 2, canaries));
		struct promotion_finding f;
		q.now_ms = rows[i].at_ms;
		promotion_judge(&q, &trial, &f);
		if (f.state != rows[i].state)
			fail_msg("%s: look %zu: state %u, %s", what, i, f.state, f.reason);
	}
	if (trial.candidate.generation != candidate)
		fail_msg("%s: candidate %llu", what, (unsigned long long)trial.candidate.generation);
}
#define CHECK_LOOKS(what, rows, candidate) check_looks(what, rows, sizeof(rows) / sizeof *(rows), candidate)

static void looks_in_time(void **state)
{
	(void)state;
	static const struct look_row steady[] = {{1000, OLD, false, PROMOTION_RESTS},
		{4000, NEW, false, PROMOTION_PROVES}, {7000, NEW, false, PROMOTION_PROVES},
		{10000, NEW, false, PROMOTION_PROVES}, {13000, NEW, false, PROMOTION_PROVES},
		{14000, NEW, false, PROMOTION_READY}};
	CHECK_LOOKS("steady", steady, NEW);
	static const struct look_row churn[] = {{1000, NEW, false, PROMOTION_PROVES},
		{4000, NEWER, false, PROMOTION_PROVES}, {7000, NEWER + 1, false, PROMOTION_PROVES},
		{10000, NEWER + 2, false, PROMOTION_PROVES}, {11000, NEWER + 3, false, PROMOTION_READY}};
	CHECK_LOOKS("newer tables come meanwhile", churn, NEW);
	static const struct look_row interrupted[] = {{1000, NEW, false, PROMOTION_PROVES},
		{4000, NEW, false, PROMOTION_PROVES}, {7000, SILENT, false, PROMOTION_WAITS},
		{10000, NEW, false, PROMOTION_PROVES}, {13000, NEW, false, PROMOTION_PROVES},
		{16000, NEW, false, PROMOTION_PROVES}, {19000, NEW, false, PROMOTION_PROVES},
		{20000, NEW, false, PROMOTION_READY}};
	CHECK_LOOKS("silence begins the time anew", interrupted, NEW);
	static const struct look_row leaps[] = {{1000, NEW, false, PROMOTION_PROVES},
		{100000000, NEW, false, PROMOTION_PROVES} /* nobody looked for a day: three seconds */,
		{5000, NEW, false, PROMOTION_PROVES} /* the machine has started anew */,
		{8000, NEW, false, PROMOTION_PROVES}, {11000, NEW, false, PROMOTION_PROVES},
		{12000, NEW, false, PROMOTION_READY}};
	CHECK_LOOKS("gaps and leaps", leaps, NEW);
	static const struct look_row once[] = {{1000, NEW, false, PROMOTION_PROVES}, {4000, NEW, true, PROMOTION_WAITS},
		{7000, NEW, false, PROMOTION_PROVES}, {10000, NEW, true, PROMOTION_WAITS},
		{13000, NEW, true, PROMOTION_UNHEALTHY}};
	CHECK_LOOKS("twice one after the other", once, NEW);
	static const struct look_row later[] = {{1000, NEW, false, PROMOTION_PROVES},
		{4000, NEWER, true, PROMOTION_WAITS}, {7000, NEWER, true, PROMOTION_UNHEALTHY}};
	CHECK_LOOKS("a newer one is bad", later, NEW);
	static const struct look_row back[] = {{1000, NEW, false, PROMOTION_PROVES},
		{4000, OLD, false, PROMOTION_RESTS}, {7000, NEW, false, PROMOTION_PROVES},
		{10000, NEW, false, PROMOTION_PROVES}, {13000, NEW, false, PROMOTION_PROVES},
		{16000, NEW, false, PROMOTION_PROVES}, {17000, NEW, false, PROMOTION_READY}};
	CHECK_LOOKS("back to the old one and again", back, NEW);
}

/* A crash came when the candidate was promoted, and before the trial was forgotten: the next one begins at its beginning. */
static void crash_after_promotion(void **state)
{
	(void)state;
	const struct canary_row rows[3] = {HAS(NEW), HAS(NEW)};
	struct canary_look canaries[3];
	struct promotion_question q = make_ask(NEW, canaries, make_canaries(rows, 2, canaries));
	struct trial trial = {.candidate.generation = OLD, .healthy_ms = 10000, .looked_ms = q.now_ms - 1000};
	struct promotion_finding f;
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_PROVES);
	assert_int_equal(trial.candidate.generation, NEW);
	assert_int_equal(trial.healthy_ms, 0);
}

/* Generations are known by their last 32 bits. */
static void generations_wrap(void **state)
{
	(void)state;
	struct canary_look canaries[2] = {{.name = "one", .answers = true, .enforces = true, .generation = 2},
		{.name = "two", .answers = true, .enforces = true, .generation = UINT32_MAX}};
	struct promotion_question q = make_ask((UINT64_C(3) << 32) + 2, canaries, 2);
	struct trial trial = {.candidate.generation = (UINT64_C(3) << 32) - 1, .looked_ms = 1};
	struct promotion_finding f;
	q.promoted = (UINT64_C(3) << 32) - 2;
	q.amended = 0;
	promotion_judge(&q, &trial, &f);
	assert_int_equal(f.state, PROMOTION_PROVES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_look),
		cmocka_unit_test(before_is_not_known),
		cmocka_unit_test(fewer_than_before),
		cmocka_unit_test(looks_in_time),
		cmocka_unit_test(crash_after_promotion),
		cmocka_unit_test(generations_wrap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
