/* SPDX-License-Identifier: BSD-3-Clause */
/* The store of trends: what is added comes back summed up, by hour and day, and a damaged file is told. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/trends/trends_store.h"

enum { DAY = 20000, HOUR = DAY * 24 + 15 };

static struct trends *opened(bool write)
{
	struct trends *t;
	struct why why;
	if (trends_open(&t, test_directory, write, &why) != 0)
		fail_msg("%s", why.text);
	return t;
}

static void commit(struct trends *t)
{
	struct why why;
	if (trends_commit(t, &why) != 0)
		fail_msg("%s", why.text);
}

struct told {
	char text[2048];
	unsigned count;
};

static void tell(struct told *told, const char *format, ...) printf_like(2, 3);
static void tell(struct told *told, const char *format, ...)
{
	size_t used = strlen(told->text);
	va_list args;
	va_start(args, format);
	vsnprintf(told->text + used, sizeof told->text - used, format, args);
	va_end(args);
	told->count++;
}

static void tell_rule(void *context, const struct trends_rule *r)
{
	tell(context, "%llu %s %s %s %s %s %llu clients %.0f-%.0f at15 %u at16 %u;", (unsigned long long)r->day,
		r->name, scope_text(r->scope), r->category, action_text(r->action), r->group,
		(unsigned long long)r->hits, round(r->low), round(r->high), r->hours[15], r->hours[16]);
}

static void tell_feed(void *context, const struct trends_feed_hits *h)
{
	tell(context, "%llu %s %s %s %llu;", (unsigned long long)h->hour, h->feed, h->category, action_text(h->action),
		(unsigned long long)h->hits);
}

static void tell_group(void *context, const struct trends_group_hits *h)
{
	tell(context, "%llu %s %s %llu;", (unsigned long long)h->hour, h->group, action_text(h->action),
		(unsigned long long)h->hits);
}

static void tell_traffic(void *context, const struct trends_traffic *h)
{
	tell(context, "%llu %d %llu %llu %llu %llu %llu %llu;", (unsigned long long)h->hour, h->queries_known,
		(unsigned long long)h->queries, (unsigned long long)h->blocked, (unsigned long long)h->logged,
		(unsigned long long)h->opted_out, (unsigned long long)h->unattributed,
		(unsigned long long)h->lost_minutes);
}

static void tell_count(void *context, const char *what, uint64_t count)
{
	tell(context, "%s %llu;", what, (unsigned long long)count);
}

/* So many clients, whose hashes differ from those of other seeds. */
static struct client_set clients(unsigned count, uint64_t seed)
{
	struct client_set set = {{0}};
	while (count-- > 0)
		client_set_add(&set, random_next(&seed));
	return set;
}

static struct trends_rule_hits hits_of(const char *name, uint64_t hour, uint64_t hits, uint64_t key)
{
	return (struct trends_rule_hits){.hour = hour,
		.name = name,
		.scope = SCOPE_SUBTREE,
		.category = "phishing",
		.action = ACTION_NXDOMAIN,
		.group = "default",
		.hits = hits,
		.key = key,
		.clients = clients(20, key)};
}

static void add(struct trends *t, const char *name, uint64_t hour, uint64_t hits, uint64_t key)
{
	const struct trends_rule_hits rule = hits_of(name, hour, hits, key);
	trends_add_rule(t, &rule);
}

static void expect_rules(struct trends *t, uint64_t first, uint64_t last, uint64_t limit, const char *expected)
{
	struct told told = {0};
	struct why why;
	assert_int_equal(trends_rules(t, first, last, limit, tell_rule, &told, &why), 0);
	assert_string_equal(told.text, expected);
}

static void rules(void **state)
{
	(void)state;
	struct told told = {0};
	struct why why;
	struct trends *t;
	assert_int_equal(trends_open(&t, test_directory, false, &why), -ENOENT);
	assert_null(t);
	t = opened(true);
	trends_begin(t);
	add(t, "a.example", HOUR, 3, 1);
	add(t, "b.example", HOUR, 5, 1);
	commit(t);
	trends_begin(t);
	add(t, "a.example", HOUR + 1, 4, 1);  /* the same clients under the same key */
	add(t, "b.example", HOUR + 1, 1, 2);  /* those of another process */
	add(t, "c.example", HOUR + 1, 0, 1);  /* no hits, no row */
	add(t, "a.example", HOUR + 24, 9, 0); /* the next day, clients not known */
	commit(t);
	trends_close(&t);
	t = opened(false);
	static const char a[] = "20000 a.example subtree phishing nxdomain default 7 clients 20-20 at15 3 at16 4;";
	static const char b[] = "20000 b.example subtree phishing nxdomain default 6 clients 20-37 at15 5 at16 1;";
	static const char next[] = "20001 a.example subtree phishing nxdomain default 9 clients 0-0 at15 9 at16 0;";
	char all[1024];
	snprintf(all, sizeof all, "%s%s", a, b);
	expect_rules(t, DAY, DAY, 0, all);
	expect_rules(t, DAY, DAY, 1, a);
	expect_rules(t, DAY + 1, UINT64_MAX, 0, next);
	snprintf(all, sizeof all, "%s%s", next, a);
	assert_int_equal(trends_rules_of_name(t, "a.example", 0, UINT64_MAX, tell_rule, &told, &why), 0);
	assert_string_equal(told.text, all);
	struct stat st;
	assert_int_equal(stat(in_directory(TRENDS_FILE), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	trends_close(&t);
	trends_close(&t);
}

/* More keys than are told apart: what the oldest told of stays in what there are at most. */
static void keys(void **state)
{
	(void)state;
	struct trends *t = opened(true);
	trends_begin(t);
	for (uint64_t key = 1; key <= 40; key++)
		add(t, "a.example", HOUR, 1, key);
	commit(t);
	struct told told = {0};
	struct why why;
	assert_int_equal(trends_rules(t, DAY, DAY, 0, tell_rule, &told, &why), 0);
	const char *clients = strstr(told.text, "clients ");
	assert_non_null(clients);
	char *end;
	double low = strtod(clients + strlen("clients "), &end), high = strtod(end + 1, NULL);
	assert_int_equal(*end, '-');
	assert_true(low > 19 && low < 30);
	assert_true(high > 700 && high < 900);
	trends_close(&t);
}

static void hours(void **state)
{
	(void)state;
	struct told told = {0};
	struct why why;
	struct trends *t = opened(true);
	trends_begin(t);
	trends_add_feed(t, HOUR, "alpha", "malware", ACTION_NXDOMAIN, 3);
	trends_add_feed(t, HOUR, "alpha", "malware", ACTION_NXDOMAIN, 4);
	trends_add_feed(t, HOUR + 1, "alpha", "malware", ACTION_LOG, 1);
	trends_add_group(t, HOUR, "schools", ACTION_ALLOW, 2);
	trends_add_group(t, HOUR, "schools", ACTION_ALLOW, 2);
	struct trends_traffic traffic = {.hour = HOUR, .blocked = 7, .logged = 1, .opted_out = 2, .unattributed = 3};
	trends_add_traffic(t, &traffic);
	traffic.queries_known = true;
	traffic.queries = 100;
	traffic.lost_minutes = 1;
	trends_add_traffic(t, &traffic);
	traffic = (struct trends_traffic){.hour = HOUR + 1, .blocked = 1};
	trends_add_traffic(t, &traffic);
	trends_put_count(t, "77-1", "blocked", 8);
	trends_put_count(t, "77-1", "blocked", 9);
	trends_put_count(t, "78-1", "blocked", 1);
	trends_forget_process(t, "78-1");
	commit(t);
	assert_int_equal(trends_feeds(t, HOUR, HOUR, tell_feed, &told, &why), 0);
	assert_int_equal(trends_groups(t, HOUR, HOUR + 1, tell_group, &told, &why), 0);
	assert_int_equal(trends_traffics(t, 0, UINT64_MAX, tell_traffic, &told, &why), 0);
	assert_int_equal(trends_counts(t, "77-1", tell_count, &told, &why), 0);
	assert_int_equal(trends_counts(t, "78-1", tell_count, &told, &why), 0);
	assert_string_equal(told.text, "480015 alpha malware nxdomain 7;480015 schools allow 4;"
				       "480015 1 100 14 2 4 6 1;480016 0 0 1 0 0 0 0;blocked 9;");
	trends_close(&t);
}

static int count_rows(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_open(in_directory(TRENDS_FILE), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int count = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return count;
}

/* Sets of clients go when their day is over for a day; rules after their days, hours after theirs. */
static void forgetting(void **state)
{
	(void)state;
	struct trends *t = opened(true);
	trends_begin(t);
	for (uint64_t day = DAY - 5; day <= DAY; day++)
		add(t, "a.example", day * 24, 1, 1);
	trends_add_feed(t, (DAY - 9) * 24, "alpha", "malware", ACTION_NXDOMAIN, 1);
	trends_add_feed(t, (DAY - 8) * 24, "alpha", "malware", ACTION_NXDOMAIN, 1);
	add(t, "old.example", (DAY - 9) * 24, 1, 1);
	add(t, "between.example", (DAY - 6) * 24, 1, 1); /* a name goes as its rows do */
	trends_forget(t, DAY, 3, 8);
	commit(t);
	trends_close(&t);
	assert_int_equal(count_rows("SELECT count(*) FROM rule_day"), 4);
	assert_int_equal(count_rows("SELECT count(*) FROM rule_day WHERE low > 15"), 4);
	assert_int_equal(count_rows("SELECT min(day) FROM rule_day WHERE clients IS NOT NULL"), DAY - 1);
	assert_int_equal(count_rows("SELECT count(*) FROM day"), 4);
	assert_int_equal(count_rows("SELECT count(*) FROM feed_hour"), 1);
}

/* Reads a store that may be damaged: there is what there is, or a reason. */
static void look_at_store(void)
{
	struct trends *t;
	struct why why;
	if (trends_open(&t, test_directory, false, &why) == 0) {
		struct told told = {0};
		if (trends_rules(t, 0, UINT64_MAX, 0, tell_rule, &told, &why) != 0)
			assert_non_null(strstr(why.text, TRENDS_FILE));
		trends_close(&t);
	}
}

/* What was not committed has never been. */
static void half_done(void **state)
{
	(void)state;
	struct trends *t = opened(true);
	trends_begin(t);
	add(t, "a.example", HOUR, 3, 1);
	trends_close(&t);
	assert_int_equal(count_rows("SELECT count(*) FROM rule_day"), 0);
}

static void damaged(void **state)
{
	(void)state;
	struct why why;
	struct trends *t;
	write_text(in_directory(TRENDS_FILE), "This is no database at all, though it is as long as a header would be: "
					      "one hundred octets and some more.\n");
	assert_true(trends_open(&t, test_directory, true, &why) < 0);
	assert_non_null(strstr(why.text, "not a database"));
	unlink(in_directory(TRENDS_FILE));
	t = opened(true);
	trends_begin(t);
	for (unsigned i = 0; i < 50; i++) {
		char name[40];
		snprintf(name, sizeof name, "n%u.example", i);
		add(t, name, HOUR, i + 1, 1);
	}
	commit(t);
	trends_close(&t);
	damage_each_octet(TRENDS_FILE, 41, look_at_store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rules, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(keys, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(hours, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(forgetting, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(half_done, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(damaged, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
