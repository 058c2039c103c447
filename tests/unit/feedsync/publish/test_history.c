/* SPDX-License-Identifier: BSD-3-Clause */
/* The log of publishes. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/publish/history.h"

/* Logs a generation with so many changes. */
static int add(struct history *h, uint64_t generation, unsigned added, unsigned removed, struct why *why)
{
	history_begin(h);
	for (unsigned i = 0; i < added + removed; i++) {
		char name[40];
		snprintf(name, sizeof name, "n%u.example", i);
		const struct table_change change = {.added = i < added,
			.name = name,
			.scope = SCOPE_SUBTREE,
			.feed = "alpha",
			.category = "malware"};
		history_add_change(h, generation, &change);
	}
	const struct history_feed feed = {"alpha", "fresh", 10, 2, added, removed, "net"};
	history_add_feed(h, generation, &feed);
	const struct history_publish publish = {.generation = generation,
		.time = 1700000000 + generation,
		.cause = "sync",
		.user = "tester",
		.rules = 5,
		.sum = UINT64_MAX - generation,
		.counted = true,
		.added = added,
		.removed = removed};
	history_add_publish(h, &publish);
	return history_commit(h, why);
}

static struct history *opened(bool write)
{
	struct history *h;
	struct why why;
	if (history_open(&h, test_directory, write, &why) != 0)
		fail_msg("%s", why.text);
	return h;
}

struct told {
	char text[512];
	unsigned count;
};

static void tell_publish(void *context, const struct history_publish *p)
{
	struct told *told = context;
	size_t used = strlen(told->text);
	snprintf(told->text + used, sizeof told->text - used, "%llu at %llu by %s +%llu -%llu sum %llx;",
		(unsigned long long)p->generation, (unsigned long long)p->time, p->user, (unsigned long long)p->added,
		(unsigned long long)p->removed, (unsigned long long)p->sum);
	told->count++;
}

static void tell_feed(void *context, const struct history_feed *f)
{
	struct told *told = context;
	snprintf(told->text, sizeof told->text, "%s %s %llu %llu +%llu -%llu %s", f->name, f->result,
		(unsigned long long)f->entries, (unsigned long long)f->rejected, (unsigned long long)f->added,
		(unsigned long long)f->removed, f->error_class);
	told->count++;
}

static void tell_change(void *context, uint64_t generation, uint64_t time, const struct table_change *c)
{
	struct told *told = context;
	assert_int_equal(time, 1700000000 + generation);
	if (told->count++ == 0)
		snprintf(told->text, sizeof told->text, "%llu %c %s %s %s %s", (unsigned long long)generation,
			c->added ? '+' : '-', scope_text(c->scope), c->name, c->feed, c->category);
}

static void write_and_read(void **state)
{
	(void)state;
	struct why why;
	struct history *h;
	assert_int_equal(history_open(&h, test_directory, false, &why), -ENOENT);
	assert_null(h);
	h = opened(true);
	assert_int_equal(add(h, 1, 2, 0, &why), 0);
	assert_int_equal(add(h, 2, 1, 1, &why), 0);
	assert_int_equal(add(h, 2, 1, 1, &why), -EIO); /* a generation is logged once */
	assert_int_equal(add(h, 3, 0, 1, &why), 0);    /* and that was no lasting harm */
	history_close(&h);
	h = opened(false);
	assert_int_equal(history_has(h, 2, &why), 1);
	assert_int_equal(history_has(h, 4, &why), 0);
	struct told told = {0};
	assert_int_equal(history_publishes(h, UINT64_MAX, 2, tell_publish, &told, &why), 0);
	assert_string_equal(told.text, "3 at 1700000003 by tester +0 -1 sum fffffffffffffffc;"
				       "2 at 1700000002 by tester +1 -1 sum fffffffffffffffd;");
	told = (struct told){0};
	assert_int_equal(history_feeds(h, 2, tell_feed, &told, &why), 0);
	assert_string_equal(told.text, "alpha fresh 10 2 +1 -1 net");
	told = (struct told){0};
	assert_int_equal(history_changes(h, 2, NULL, tell_change, &told, &why), 0);
	assert_int_equal(told.count, 2);
	assert_string_equal(told.text, "2 - subtree n1.example alpha malware");
	told = (struct told){0};
	assert_int_equal(history_changes(h, 0, "n0.example", tell_change, &told, &why), 0);
	assert_int_equal(told.count, 3);
	assert_string_equal(told.text, "3 - subtree n0.example alpha malware");
	struct stat st;
	assert_int_equal(stat(in_directory("history.sqlite"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	history_close(&h);
	history_close(&h);
}

static void tell_bypass(void *context, const struct history_bypass *b)
{
	struct told *told = context;
	size_t used = strlen(told->text);
	told->count++;
	snprintf(told->text + used, sizeof told->text - used, "%llu %llu %s %s;", (unsigned long long)b->time,
		(unsigned long long)b->until, b->user, b->reason);
}

/* Newest first; a history that has never had one has no table of them. */
static void bypasses(void **state)
{
	(void)state;
	struct why why;
	struct told told = {0};
	struct history *h = opened(true);
	assert_int_equal(history_bypasses(h, 9, tell_bypass, &told, &why), 0);
	assert_int_equal(told.count, 0);
	const struct history_bypass done[] = {
		{5, 100, "root", "why"}, {6, 200, "alice", "an \033 escape"}, {7, 0, "bob", ""}};
	for (unsigned i = 0; i < 3; i++) {
		history_begin(h);
		history_add_bypass(h, &done[i]);
		assert_int_equal(history_commit(h, &why), 0);
	}
	history_close(&h);
	h = opened(false);
	assert_int_equal(history_bypasses(h, 9, tell_bypass, &told, &why), 0);
	assert_string_equal(told.text, "7 0 bob ;6 200 alice an \\x1b escape;5 100 root why;");
	told = (struct told){0};
	assert_int_equal(history_bypasses(h, 1, tell_bypass, &told, &why), 0);
	assert_string_equal(told.text, "7 0 bob ;");
	/* What cannot be read any more is not taken for a history without bypasses. */
	write_text(in_directory("history.sqlite"), "damaged since it was opened");
	told = (struct told){0};
	assert_true(history_bypasses(h, 9, tell_bypass, &told, &why) < 0);
	assert_int_equal(told.count, 0);
	history_close(&h);
}

/* What was begun and not committed has never been. */
static void half_a_publish(void **state)
{
	(void)state;
	struct why why;
	struct history *h = opened(true);
	const struct table_change change = {.name = "x.example", .feed = "alpha", .category = "malware"};
	assert_int_equal(add(h, 1, 1, 0, &why), 0);
	history_begin(h);
	history_add_change(h, 2, &change);
	history_close(&h);
	h = opened(true);
	struct told told = {0};
	assert_int_equal(history_changes(h, 2, NULL, tell_change, &told, &why), 0);
	assert_int_equal(told.count, 0);
	history_close(&h);
}

static void bounds(void **state)
{
	(void)state;
	struct why why;
	struct history *h = opened(true);
	assert_int_equal(add(h, 1, HISTORY_CHANGES + 7, HISTORY_CHANGES + 1, &why), 0);
	struct told told = {0};
	assert_int_equal(history_changes(h, 1, NULL, tell_change, &told, &why), 0);
	assert_int_equal(told.count, 2 * HISTORY_CHANGES);
	history_close(&h);
	/* As if a great many had come before: the oldest make room, the publishes stay. */
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_directory("history.sqlite"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE change SET id = id + 999990 WHERE id > 100", 0, 0, 0), SQLITE_OK);
	sqlite3_close(db);
	h = opened(true);
	assert_int_equal(add(h, 2, 1, 0, &why), 0);
	told = (struct told){0};
	assert_int_equal(history_changes(h, 1, NULL, tell_change, &told, &why), 0);
	assert_true(told.count < 2 * HISTORY_CHANGES && told.count > 0);
	told = (struct told){0};
	assert_int_equal(history_publishes(h, 1, 1, tell_publish, &told, &why), 0);
	assert_int_equal(told.count, 1);
	history_close(&h);
}

static void completeness(void **state)
{
	(void)state;
	struct why why;
	uint64_t since;
	bool within;
	struct history *h = opened(true);
	assert_int_equal(history_complete_since(h, &since, &within, &why), 0);
	assert_int_equal(since, 0);
	assert_int_equal(add(h, 1, 2, 0, &why), 0);
	assert_int_equal(add(h, 2, 2, 1, &why), 0);
	assert_int_equal(history_complete_since(h, &since, &within, &why), 0);
	assert_int_equal(since, 1700000001);
	assert_false(within);
	/* One is missing. */
	assert_int_equal(add(h, 4, 2, 1, &why), 0);
	assert_int_equal(history_complete_since(h, &since, &within, &why), 0);
	assert_int_equal(since, 1700000004);
	assert_false(within);
	/* One has more than is kept. */
	assert_int_equal(add(h, 5, HISTORY_CHANGES + 1, 0, &why), 0);
	assert_int_equal(add(h, 6, 1, 0, &why), 0);
	assert_int_equal(history_complete_since(h, &since, &within, &why), 0);
	assert_int_equal(since, 1700000005);
	assert_true(within);
	history_close(&h);
}

static void damaged(void **state)
{
	(void)state;
	struct why why;
	struct history *h;
	write_text(in_directory("history.sqlite"),
		"This is no database at all, though it is as long as a header would be: "
		"one hundred octets and some more.\n");
	assert_true(history_open(&h, test_directory, true, &why) < 0);
	assert_non_null(strstr(why.text, "history.sqlite"));
	assert_non_null(strstr(why.text, "not a database"));
	/* One of the future. */
	unlink(in_directory("history.sqlite"));
	h = opened(true);
	history_close(&h);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_directory("history.sqlite"), &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version=2", 0, 0, 0);
	sqlite3_close(db);
	assert_int_equal(history_open(&h, test_directory, true, &why), WEIR_EVERSION);
	/* A link leads elsewhere. */
	char target[200];
	snprintf(target, sizeof target, "%s", in_directory("elsewhere"));
	unlink(in_directory("history.sqlite"));
	write_text(target, "");
	assert_int_equal(symlink(target, in_directory("history.sqlite")), 0);
	assert_true(history_open(&h, test_directory, true, &why) < 0);
	struct stat st;
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void tell_feed_of(struct history *h, uint64_t generation, const char *expected)
{
	struct why why;
	struct told told = {0};
	assert_int_equal(history_feeds(h, generation, tell_feed, &told, &why), 0);
	assert_string_equal(told.text, expected);
}

/* A file from before feeds had an error class: it can be read as it is, and gets the column when it is written to; what
 * wrote it can still write to it then. */
static void of_an_older_version(void **state)
{
	(void)state;
	struct why why;
	struct history *h = opened(true);
	sqlite3 *db;
	assert_int_equal(add(h, 1, 1, 0, &why), 0);
	history_close(&h);
	assert_int_equal(sqlite3_open(in_directory("history.sqlite"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE feed DROP COLUMN error_class", 0, 0, 0), SQLITE_OK);
	h = opened(false);
	tell_feed_of(h, 1, "alpha fresh 10 2 +1 -0 ");
	history_close(&h);
	h = opened(true);
	assert_int_equal(add(h, 2, 2, 0, &why), 0);
	tell_feed_of(h, 1, "alpha fresh 10 2 +1 -0 ");
	tell_feed_of(h, 2, "alpha fresh 10 2 +2 -0 net");
	assert_int_equal(sqlite3_exec(db,
				 "INSERT INTO feed(generation,name,result,entries,rejected,added,removed)"
				 " VALUES(3,'beta','fresh',1,0,1,0)",
				 0, 0, 0),
		SQLITE_OK);
	tell_feed_of(h, 3, "beta fresh 1 0 +1 -0 ");
	history_close(&h);
	sqlite3_close(db);
}

static void look_at_history(void)
{
	struct history *h;
	struct why why;
	if (history_open(&h, test_directory, false, &why) == 0) {
		struct told told = {0};
		int status = history_publishes(h, 9, 9, tell_publish, &told, &why);
		status |= history_feeds(h, 1, tell_feed, &told, &why);
		if (status != 0)
			assert_non_null(strstr(why.text, "history.sqlite"));
		history_close(&h);
	}
}

/* Every octet of a log changed, one after another: reading ends, with what is there or a reason. */
static void bit_rot(void **state)
{
	(void)state;
	struct why why;
	struct history *h = opened(true);
	assert_int_equal(add(h, 1, 30, 10, &why), 0);
	history_close(&h);
	damage_each_octet("history.sqlite", 13, look_at_history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(write_and_read, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(bypasses, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(half_a_publish, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(bounds, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(completeness, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(damaged, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(bit_rot, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(of_an_older_version, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
