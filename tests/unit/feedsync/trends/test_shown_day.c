/* SPDX-License-Identifier: BSD-3-Clause */
/* What is told of a day: which rules are shown, and that no sum is of too few further names. */
#include "tests/unit/unit.h"

#include "feedsync/trends/shown_day.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/hash.h"

enum { DAY = 20000, K = 10 };

static struct trends *store;

static int begin(void **state)
{
	struct why why;
	if (with_directory(state) != 0 || trends_open(&store, test_directory, true, &why) != 0)
		return -1;
	trends_begin(store);
	return 0;
}

static int end(void **state)
{
	trends_close(&store);
	return without_directory(state);
}

/* Rules of one kind that were hit, each by so many clients. */
static void add_rules(
	const char *label, unsigned count, unsigned clients, uint64_t hits, const char *category, enum action action)
{
	for (unsigned i = 0; i < count; i++) {
		char name[64];
		struct trends_rule_hits rule = {.hour = DAY * 24 + 9,
			.name = name,
			.category = category,
			.action = action,
			.group = "default",
			.hits = hits + i,
			.key = 1};
		snprintf(name, sizeof name, "%s%u.example", label, i);
		for (unsigned c = 0; c < clients; c++) {
			uint64_t client = c * 1000003ULL;
			client_set_add(&rule.clients, checksum(&client, sizeof client));
		}
		trends_add_rule(store, &rule);
		trends_add_traffic(store, &(struct trends_traffic){.hour = rule.hour,
						  .blocked = action == ACTION_LOG ? 0 : rule.hits,
						  .logged = action == ACTION_LOG ? rule.hits : 0});
	}
}

static struct shown_day shown(unsigned min_clients)
{
	static struct shown_rule none;
	struct shown_day day = {.rules = &none};
	struct why why;
	if (trends_commit(store, &why) != 0 || shown_day_begin(&day, store, DAY, min_clients, &why) != 0)
		fail_msg("%s", why.text);
	return day;
}

static const struct shown_cell *cell_of(const struct shown_day *day, const char *category, bool logged)
{
	for (size_t i = 0; i < day->shown_cells; i++)
		if (day->cells[i].logged == logged && strcmp(day->cells[i].category, category) == 0)
			return &day->cells[i];
	return NULL;
}

/* The same where there must be one. */
static struct shown_cell the_cell_of(const struct shown_day *day, const char *category, bool logged)
{
	const struct shown_cell *cell = cell_of(day, category, logged);
	if (!cell)
		fail_msg("there is no %s", category);
	return cell ? *cell : (struct shown_cell){.logged = logged};
}

static void test_threshold(void **state)
{
	(void)state;
	assert_false(shown_enough(12.49, K));
	assert_true(shown_enough(12.5, K));
	assert_true(shown_enough(0, 0));
}

/* Ten minutes after midnight a day is whole. */
static void test_last_day(void **state)
{
	const uint64_t day = 86400;
	(void)state;
	assert_int_equal(shown_last_day(0), 0);
	assert_int_equal(shown_last_day(20000 * day + 599), 19998);
	assert_int_equal(shown_last_day(20000 * day + 600), 19999);
	assert_int_equal(shown_last_day(20001 * day), 19999);
}

/* Many of both kinds: nothing else is withheld, and the sums are whole. */
static void test_enough(void **state)
{
	(void)state;
	add_rules("often", 30, 100, 500, "phishing", ACTION_NXDOMAIN);
	add_rules("rare", 12, 3, 5, "phishing", ACTION_NXDOMAIN);
	struct shown_day day = shown(K);
	const struct shown_cell cell = the_cell_of(&day, "phishing", false);
	assert_int_equal(day.shown_count, 30);
	assert_string_equal(day.rules[0].name, "often29.example");
	assert_int_equal(cell.names, 30);
	assert_int_equal(cell.further, 12);
	assert_int_equal(cell.further_hits, 12 * 5 + 66);
	assert_int_equal(cell.hits, 30 * 500 + 435 + 12 * 5 + 66);
	assert_true(day.whole[false] && day.whole[true]);
	assert_int_equal(day.blocked, cell.hits);
	shown_day_end(&day);
}

/* One rule that may not be named: the sum less the others would be its hits. */
static void test_one_further(void **state)
{
	(void)state;
	add_rules("often", 30, 100, 500, "phishing", ACTION_NXDOMAIN);
	add_rules("rare", 1, 3, 5, "phishing", ACTION_NXDOMAIN);
	struct shown_day day = shown(K);
	const struct shown_cell cell = the_cell_of(&day, "phishing", false);
	assert_int_equal(day.shown_count, 21);
	assert_string_equal(day.rules[20].name, "often9.example");
	assert_int_equal(cell.further, K);
	assert_true(day.whole[false]);
	shown_day_end(&day);
}

/* A category of few names goes with the next smallest one; what was only logged is apart. */
static void test_few_of_category(void **state)
{
	(void)state;
	add_rules("often", 30, 100, 500, "phishing", ACTION_NXDOMAIN);
	add_rules("rare", 20, 3, 5, "phishing", ACTION_NXDOMAIN);
	add_rules("bot", 3, 2, 7, "c2", ACTION_NXDOMAIN);
	add_rules("mal", 40, 50, 20, "malware", ACTION_NODATA);
	add_rules("trial", 15, 50, 20, "trial", ACTION_LOG);
	struct shown_day day = shown(K);
	const struct shown_cell *others = cell_of(&day, "", false), *trial = cell_of(&day, "trial", true);
	assert_null(cell_of(&day, "c2", false));
	assert_null(cell_of(&day, "malware", false));
	assert_non_null(cell_of(&day, "phishing", false));
	assert_non_null(others);
	assert_int_equal(others->further, 3 + K); /* K of those of malware, which could have been shown */
	assert_int_equal(others->names, 30);
	assert_int_equal(day.shown_count, 30 + 30 + 15);
	assert_int_equal(trial->further, 0);
	assert_true(day.whole[false] && day.whole[true]);
	shown_day_end(&day);
}

/* Too few of all: no sum that holds them is told. */
static void test_too_few(void **state)
{
	(void)state;
	add_rules("bot", 3, 2, 7, "c2", ACTION_NXDOMAIN);
	add_rules("mal", 4, 50, 20, "malware", ACTION_NODATA);
	struct shown_day day = shown(K);
	assert_int_equal(day.shown_count, 0);
	assert_int_equal(day.shown_cells, 0);
	assert_false(day.whole[false]);
	assert_int_equal(day.blocked, 0);
	shown_day_end(&day);
	trends_begin(store);
	day = shown(0);
	assert_int_equal(day.shown_count, 7);
	assert_int_equal(day.blocked, 3 * 7 + 3 + 4 * 20 + 6);
	shown_day_end(&day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_last_day),
		cmocka_unit_test_setup_teardown(test_enough, begin, end),
		cmocka_unit_test_setup_teardown(test_one_further, begin, end),
		cmocka_unit_test_setup_teardown(test_few_of_category, begin, end),
		cmocka_unit_test_setup_teardown(test_too_few, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
