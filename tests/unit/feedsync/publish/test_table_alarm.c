/* SPDX-License-Identifier: BSD-3-Clause */
/* A compiled table, judged by the published one: who is withheld, and why. A feed of n names has those called 0 to n
 * - 1, below a name of its own, so that numbers of names say all about two tables. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/formats/registry.h"
#include "feedsync/publish/table_alarm.h"

enum { ALPHA, BETA, GAMMA, FEEDS };
enum { MANY = 2 * ALARM_MIN_CHANGE };

static const char *const feed_names[FEEDS] = {"alpha", "beta", "gamma"};

/* Names that a feed has in a table: from `first` on, so many. */
struct names {
	unsigned first, count;
};

static FILE *table_file(const struct names *names, bool gamma_allows)
{
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	FILE *file = tmpfile();
	struct build_result result;
	struct why why;
	assert_non_null(build);
	assert_non_null(file);
	for (unsigned feed = 0; feed < FEEDS; feed++) {
		for (unsigned i = names[feed].first; i < names[feed].first + names[feed].count; i++) {
			char text[40];
			name_storage wire;
			/* Where gamma allows it allows what alpha blocks. */
			snprintf(text, sizeof text, "n%u.%s.example", i,
				feed_names[feed == GAMMA && gamma_allows ? ALPHA : feed]);
			size_t length = wire_of(text, wire);
			const struct source source = {.feed = (uint16_t)feed, .category = 0};
			assert_int_equal(build_add(build, wire, length, SCOPE_EXACT,
						 feed == GAMMA && gamma_allows ? RULE_ALLOW : RULE_BLOCK, source),
				0);
		}
	}
	const struct build_options options = {.generation = 7, .created = 1700000000};
	if (build_write(build, fileno(file), &options, &result, &why) != 0)
		fail_msg("%s", why.text);
	build_free(&build);
	return file;
}

static const struct alarm_limits usual = {
	.min_entries = 0, .max_shrink = 50, .max_growth = 100, .max_churn = 90, .max_rejected = 50};
static const struct alarm_limits none = {.max_shrink = PERCENT_NEVER,
	.max_growth = PERCENT_NEVER,
	.max_churn = PERCENT_NEVER,
	.max_rejected = PERCENT_NEVER};

struct judged {
	struct table_alarm alarm;
	struct table *published;
	struct feed_config feeds[FEEDS];
	struct config config;
	struct compile compile;
	struct why why;
};

/* Begins with the published table. A feed with limits has `usual` ones, those without are withheld by the table's. */
static void begin_judging(struct judged *j, const struct names *published, bool feed_limits, unsigned feed_count)
{
	FILE *file = table_file(published, false);
	*j = (struct judged){.compile = {.policy = test_policy}};
	for (unsigned i = 0; i < feed_count; i++)
		j->feeds[i] = (struct feed_config){.name = feed_names[i], .limits = feed_limits ? usual : none};
	j->config = (struct config){.feeds = j->feeds, .feed_count = feed_count, .table_limits = usual};
	if (table_open_fd(&j->published, fileno(file), &j->why) != 0)
		fail_msg("%s", j->why.text);
	fclose(file);
	j->alarm = (struct table_alarm){.config = &j->config, .published = j->published};
	feed_shares_begin(&j->alarm.shares, &j->config, j->published);
	if (!j->alarm.shares.share)
		abort(); /* as the analyser must see */
}

static int judge_table_of(struct judged *j, const struct names *now, bool gamma_allows)
{
	FILE *file = table_file(now, gamma_allows);
	struct table *table;
	assert_int_equal(table_open_fd(&table, fileno(file), &j->why), 0);
	uint64_t rules = table_header(table)->rules;
	table_close(&table);
	int status = table_alarm_judge(&j->alarm, &j->compile, fileno(file), rules, &j->why);
	fclose(file);
	return status;
}

static void end_judging(struct judged *j)
{
	feed_shares_end(&j->alarm.shares);
	table_close(&j->published);
}

/* ---- */

static void cases(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		bool feed_limits, gamma_allows;
		struct names old[FEEDS], now[FEEDS];
		int status;
		const char *withheld; /* the first letter of each feed that is, in their order */
		enum alarm alarm;     /* of the first */
	} rows[] = {
		{"as before", true, false, {{0, MANY}}, {{0, MANY}}, 0, "", ALARM_NONE},
		{"half of it", true, false, {{0, MANY}}, {{0, MANY / 2}}, 0, "", ALARM_NONE},
		{"less than half", true, false, {{0, MANY}}, {{0, MANY / 2 - 1}}, 1, "a", ALARM_SHRINK},
		{"a change too small for any alarm", true, false, {{0, ALARM_MIN_CHANGE - 1}}, {{0, 1}}, 0, "",
			ALARM_NONE},
		{"as many, but others", true, false, {{0, MANY}}, {{MANY, MANY}}, 1, "a", ALARM_CHURN},
		{"one shrinks, the other grows as much", true, false, {{0, MANY}, {0, MANY}},
			{{0, 1}, {0, 2 * MANY - 1}}, 1, "a", ALARM_SHRINK},
		{"a new feed is what was wanted", true, false, {{0, MANY}}, {{0, MANY}, {0, 9 * MANY}}, 0, "",
			ALARM_NONE},
		{"a feed frees what another blocks", true, true, {{0, MANY}}, {{0, MANY}, {0, 0}, {0, MANY}}, 1, "g",
			ALARM_SHRINK},
		{"no limits of its own: the table's", false, false, {{0, MANY}}, {{0, 1}}, 1, "a", ALARM_SHRINK},
		{"the worst first, and only those needed", false, false, {{0, MANY}, {0, MANY}, {0, MANY}},
			{{0, 0}, {0, MANY / 2}, {0, MANY / 2}}, 1, "a", ALARM_SHRINK},
		{"all that is needed", false, false, {{0, MANY}, {0, MANY}, {0, MANY}}, {{0, 0}, {0, 0}, {0, MANY}}, 1,
			"a", ALARM_SHRINK},
		{"names that others took the place of are lost, too", false, false, {{0, 2 * MANY}, {0, 3 * MANY}},
			{{0, 0}, {3 * MANY, 2 * MANY}}, 1, "b", ALARM_SHRINK},
		{"so are those that a feed frees of others", false, true, {{0, 3 * MANY}, {0, 4 * MANY}, {0, 2 * MANY}},
			{{0, 3 * MANY}, {0, 0}, {0, 3 * MANY}}, 1, "g", ALARM_SHRINK},
		{"growth", false, false, {{0, MANY}, {0, MANY}}, {{0, MANY}, {0, 4 * MANY}}, 1, "b", ALARM_GROWTH},
		{"twice as much is no alarm", false, false, {{0, MANY}, {0, MANY}}, {{0, MANY}, {0, 3 * MANY}}, 0, "",
			ALARM_NONE},
	};
	for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct judged j;
		char withheld[FEEDS + 1] = "";
		enum alarm alarm = ALARM_NONE;
		begin_judging(&j, rows[r].old, rows[r].feed_limits, FEEDS);
		int status = judge_table_of(&j, rows[r].now, rows[r].gamma_allows);
		for (unsigned i = 0; i < FEEDS; i++) {
			const struct feed_share *s = &j.alarm.shares.share[i];
			if (s->withheld && alarm == ALARM_NONE)
				alarm = s->alarm;
			if (s->withheld)
				strncat(withheld, s->name, 1);
		}
		if (status != rows[r].status || strcmp(withheld, rows[r].withheld) != 0 || alarm != rows[r].alarm)
			fail_msg("%s: %d, withheld \"%s\" (%s), not %d, \"%s\" (%s)", rows[r].what, status, withheld,
				alarm_key(alarm), rows[r].status, rows[r].withheld, alarm_key(rows[r].alarm));
		end_judging(&j);
	}
}

/* What the operator accepts, of a feed or of all, is no alarm. */
static void what_is_accepted(void **state)
{
	(void)state;
	static const struct names old[FEEDS] = {{0, MANY}, {0, MANY}}, now[FEEDS] = {{0, 1}, {0, MANY}};
	struct judged j;
	begin_judging(&j, old, true, FEEDS);
	j.alarm.shares.share[ALPHA].accepted = true;
	assert_int_equal(judge_table_of(&j, now, false), 0);
	end_judging(&j);
	begin_judging(&j, old, true, FEEDS);
	j.alarm.accept = true;
	assert_int_equal(judge_table_of(&j, now, false), 0);
	end_judging(&j);
	/* What is accepted of a feed is accepted of the table too, as much as it is the feed's. */
	static const struct names large[FEEDS] = {{0, 3 * MANY}, {0, MANY}}, small[FEEDS] = {{0, 1}, {0, MANY}};
	for (unsigned accepted = 0; accepted < 2; accepted++) {
		begin_judging(&j, large, false, FEEDS);
		j.alarm.shares.share[ALPHA].accepted = accepted;
		assert_int_equal(judge_table_of(&j, small, false), !accepted);
		end_judging(&j);
	}
	/* What another feed frees is no loss of the feed that blocks it: to accept that one excuses nothing. */
	static const struct names blocked[FEEDS] = {{0, 4 * MANY}, {0, 5 * MANY}},
				  freed[FEEDS] = {{0, 4 * MANY}, {0, 0}, {0, 2 * MANY}};
	begin_judging(&j, blocked, false, FEEDS);
	j.alarm.shares.share[ALPHA].accepted = true;
	assert_int_equal(judge_table_of(&j, freed, true), 1);
	assert_true(j.alarm.shares.share[BETA].withheld);
	assert_false(j.alarm.shares.share[GAMMA].withheld);
	end_judging(&j);
}

/* A large feed that was taken out of the configuration is asked about; it has no limits but the table's. */
static void taken_out(void **state)
{
	(void)state;
	static const struct names old[FEEDS] = {{0, ALARM_MIN_CHANGE / 4}, {0, 0}, {0, MANY}},
				  now[FEEDS] = {{0, ALARM_MIN_CHANGE / 4}};
	struct judged j;
	begin_judging(&j, old, true, 2);
	assert_int_equal(judge_table_of(&j, now, false), 1);
	const struct feed_share *gamma = &j.alarm.shares.share[2];
	assert_string_equal(gamma->name, "gamma");
	assert_true(gamma->withheld);
	assert_non_null(strstr(gamma->why.text, "taken out of the configuration"));
	assert_non_null(strstr(gamma->why.text, "--accept-table"));
	end_judging(&j);
}

/* What came back after it had expired is no growth of its feed. */
static void lapsed(void **state)
{
	(void)state;
	static const struct names old[FEEDS] = {{0, MANY}}, now[FEEDS] = {{0, 4 * MANY}};
	struct judged j;
	begin_judging(&j, old, false, FEEDS);
	assert_int_equal(judge_table_of(&j, now, false), 1);
	end_judging(&j);
	begin_judging(&j, old, false, FEEDS);
	j.alarm.shares.share[ALPHA].lapsed = 2 * MANY;
	assert_int_equal(judge_table_of(&j, now, false), 0);
	end_judging(&j);
	begin_judging(&j, old, false, FEEDS);
	j.alarm.shares.share[ALPHA].lapsed = 2 * MANY - 1;
	assert_int_equal(judge_table_of(&j, now, false), 1);
	end_judging(&j);
}

/* Nobody is to blame for what expired: of two feeds that are gone, the one of which less had expired is withheld, though
 * the other one was larger. */
static void expired(void **state)
{
	(void)state;
	static const struct names old[FEEDS] = {{0, 4 * MANY}, {0, 2 * MANY}}, now[FEEDS] = {{0, 0}};
	struct judged j;
	begin_judging(&j, old, false, FEEDS);
	struct compile_feed feed = {
		.format = format_find("stix"), .expired = 2 * MANY + MANY / 2, .source = {.feed = ALPHA}};
	j.compile.feeds = &feed;
	j.compile.feed_count = 1;
	assert_int_equal(judge_table_of(&j, now, false), 1);
	assert_false(j.alarm.shares.share[ALPHA].withheld);
	assert_true(j.alarm.shares.share[BETA].withheld);
	end_judging(&j);
}

/* Where a table cannot be made, the one that wants most that is new goes. */
static void grown(void **state)
{
	(void)state;
	static const struct names old[FEEDS] = {{0, MANY}, {0, 10}, {0, 10}};
	static const struct why reason = {"too many"};
	struct compile_feed feeds[FEEDS] = {
		{.source = {.feed = ALPHA}, .counts = {.entries = MANY + 1, .nodes = 2 * MANY}},
		{.source = {.feed = BETA}, .counts = {.entries = 500, .nodes = 700}},
		{.source = {.feed = GAMMA}, .counts = {.entries = 600, .nodes = 100}}};
	struct judged j;
	begin_judging(&j, old, true, FEEDS);
	j.compile.feeds = feeds;
	j.compile.feed_count = FEEDS;
	assert_true(table_alarm_withhold_grown(&j.alarm, &j.compile, &reason));
	assert_true(j.alarm.shares.share[BETA].withheld); /* 700 nodes less 20, of gamma 600 entries less 20 */
	assert_int_equal(j.alarm.shares.share[BETA].alarm, ALARM_ROOM);
	/* Who has news goes first, though it wants less. */
	j.alarm.shares.share[GAMMA].news = true;
	assert_true(table_alarm_withhold_grown(&j.alarm, &j.compile, &reason));
	assert_true(j.alarm.shares.share[GAMMA].withheld);
	/* Nobody is to blame who was not read. */
	j.compile.feed_count = 1;
	feeds[0].unread = true;
	assert_false(table_alarm_withhold_grown(&j.alarm, &j.compile, &reason));
	end_judging(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases),
		cmocka_unit_test(what_is_accepted),
		cmocka_unit_test(taken_out),
		cmocka_unit_test(lapsed),
		cmocka_unit_test(expired),
		cmocka_unit_test(grown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
