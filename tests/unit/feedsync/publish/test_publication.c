/* SPDX-License-Identifier: BSD-3-Clause */
/* What surrounds the publishing of a table: its number, the archive, the log. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "feedsync/publish/archive.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/publication.h"

static char table[400];
static struct config config;

static int begin(void **state)
{
	if (with_directory(state) != 0)
		return -1;
	snprintf(table, sizeof table, "%s", in_directory("current.weir"));
	config = (struct config){.state = test_directory, .table = table};
	return 0;
}

static void put_table(const struct rule_spec *rules, size_t count, uint64_t generation)
{
	size_t length;
	uint8_t *octets = table_octets_of(rules, count, NULL, &length);
	unlink(table);
	FILE *out = fopen(in_directory("made"), "w+");
	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, length, out), length);
	assert_int_equal(fflush(out), 0);
	free(octets);
	struct why why;
	if (archive_copy(fileno(out), table, generation, 1700000000 + generation, &why) < 0)
		fail_msg("%s", why.text);
	fclose(out);
}

/* Publishes so many of these rules. Returns the generation. */
static uint64_t publish(size_t count, const char *cause)
{
	static const struct rule_spec rules[] = {{"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"b.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {"c.example", SCOPE_SUBTREE, RULE_BLOCK, {1, 1}}};
	struct publication p;
	struct why why;
	if (publication_begin(&p, &config, cause, &why) != 0)
		fail_msg("%s", why.text);
	put_table(rules, count, p.generation);
	publication_done(&p);
	assert_true(publication_log(&p, NULL));
	publication_end(&p);
	return p.generation;
}

struct row {
	char text[400];
};

static void tell_publish(void *context, const struct history_publish *p)
{
	struct row *row = context;
	size_t used = strlen(row->text);
	snprintf(row->text + used, sizeof row->text - used, "%llu %s +%llu -%llu;", (unsigned long long)p->generation,
		p->cause, (unsigned long long)p->added, (unsigned long long)p->removed);
}

static void expect_history(const char *expected)
{
	struct history *history;
	struct why why;
	struct row row = {""};
	if (history_open(&history, test_directory, false, &why) != 0 ||
		history_publishes(history, UINT64_MAX, 9, tell_publish, &row, &why) != 0)
		fail_msg("%s", why.text);
	assert_string_equal(row.text, expected);
	history_close(&history);
}

static void one_after_another(void **state)
{
	(void)state;
	uint64_t kept[5];
	assert_int_equal(publish(1, "sync"), 1);
	assert_int_equal(publish(3, "schedule"), 2);
	assert_int_equal(publish(2, "rollback"), 3);
	expect_history("3 rollback +0 -1;2 schedule +2 -0;1 sync +1 -0;");
	assert_int_equal(archive_list(test_directory, kept, 5), 3);
	/* What is published is the newest that is kept, under another name. */
	char path[4096];
	archive_path(test_directory, 3, path);
	assert_int_equal(access(path, F_OK), 0);
}

/* No two tables have the same number: one that is numbered while another one is being made overtakes that. */
static void overtaken(void **state)
{
	(void)state;
	struct publication slow, fast;
	struct why why;
	publish(1, "first");
	for (int numbered = 0; numbered < 2; numbered++) {
		assert_int_equal(publication_begin(&slow, &config, "slow", &why), 0);
		publication_unlock(&slow);
		assert_int_equal(publication_begin(&fast, &config, "fast", &why), 0);
		assert_int_equal(fast.generation, slow.generation);
		if (numbered)
			publication_number(&fast);
		publication_end(&fast);
		assert_int_equal(publication_lock_again(&slow, &why), numbered ? PUBLICATION_OVERTAKEN : 0);
		publication_end(&slow);
	}
}

/* No number is given twice, whatever is lost, and what was not logged is told as unknown. */
static void what_is_lost(void **state)
{
	(void)state;
	assert_int_equal(publish(1, "sync"), 1);
	assert_int_equal(unlink(table), 0);
	assert_int_equal(publish(1, "sync"), 2);
	write_text(table, "this is no table");
	assert_int_equal(publish(1, "sync"), 3);
	assert_int_equal(unlink(in_directory("generation")), 0);
	assert_int_equal(publish(2, "sync"), 4);
	assert_int_equal(unlink(in_directory("history.sqlite")), 0);
	assert_int_equal(publish(3, "sync"), 5);
	expect_history("5 sync +1 -0;4 unknown +0 -0;");
	/* A number that stands there, but is older than the table's, counts for nothing. */
	write_text(in_directory("generation"), "2\n");
	assert_int_equal(publish(3, "sync"), 6);
	write_text(in_directory("generation"), "5\n");
	assert_int_equal(publish(3, "sync"), 7);
	write_text(in_directory("generation"), "100\n");
	assert_int_equal(publish(3, "sync"), 101);
}

/* The table that is there already is logged as well, once. */
static void base_is_logged(void **state)
{
	(void)state;
	static const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	put_table(&rule, 1, 41);
	for (unsigned i = 0; i < 2; i++) {
		struct publication p;
		struct why why;
		assert_int_equal(publication_begin(&p, &config, "sync", &why), 0);
		assert_int_equal(p.generation, 42);
		assert_non_null(p.base);
		assert_true(publication_log_base(&p));
		publication_end(&p);
	}
	expect_history("41 unknown +0 -0;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(overtaken, begin, without_directory),
		cmocka_unit_test_setup_teardown(one_after_another, begin, without_directory),
		cmocka_unit_test_setup_teardown(what_is_lost, begin, without_directory),
		cmocka_unit_test_setup_teardown(base_is_logged, begin, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
