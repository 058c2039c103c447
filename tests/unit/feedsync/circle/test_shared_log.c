/* SPDX-License-Identifier: BSD-3-Clause */
/* The log: the agreed chain value, and that no row can be changed, taken out or put between without being noticed. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sqlite3.h>

#include "feedsync/base/json.h"
#include "feedsync/circle/shared_log.h"

static void append(struct shared_log *log, uint64_t at, uint64_t serial)
{
	struct node *row = node_object();
	struct why why;
	node_put(row, "at", node_from_number(at));
	node_put(row, "output", node_from_text("circle"));
	node_put(row, "what", node_from_text("publish"));
	node_put(row, "serial", node_from_number(serial));
	if (shared_log_append(log, row, &why) != 0)
		fail_msg("%s", why.text);
}

static void vector(void **state)
{
	(void)state;
	struct shared_log *log;
	struct why why;
	char chain[SHA256_TEXT];
	assert_int_equal(shared_log_open(&log, test_directory, false, &why), -ENOENT);
	assert_int_equal(shared_log_open(&log, test_directory, true, &why), 0);
	assert_int_equal(shared_log_newest(log, chain, &why), 0);
	assert_int_equal(strspn(chain, "0"), 64);
	append(log, 1795860000, 7);
	assert_int_equal(shared_log_newest(log, chain, &why), 0);
	assert_string_equal(chain, "807d2512a69bea9861d1a434f11fcd858588ac051be4607cd1e5ee453a729bb7");
	shared_log_close(&log);
}

static void count_row(void *context, const struct node *row, const char *chain)
{
	assert_non_null(chain);
	*(uint64_t *)context = node_number_at(row, "serial");
}

static void tampered(void **state)
{
	(void)state;
	static const struct {
		const char *sql;
		const char *row; /* that is named; NULL: all is well */
	} cases[] = {
		{"SELECT 1", NULL},
		{"UPDATE shared SET entry = replace(entry, '\"serial\":3', '\"serial\":4') WHERE id = 3", "row 3"},
		{"UPDATE shared SET chain = replace(chain, 'a', 'b') WHERE id = 2", "row 2"},
		{"DELETE FROM shared WHERE id = 3", "row 3"},
		{"DELETE FROM shared WHERE id = 1", "row 1"},
		{"DELETE FROM shared WHERE id = 2; UPDATE shared SET id = id - 1 WHERE id > 2", "row 2"},
		{"UPDATE shared SET entry = x'00' WHERE id = 4", "row 4"},
		{"INSERT INTO shared(id, entry, chain) VALUES(6, '{}', 'x')", "row 6"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct shared_log *log;
		struct why why;
		uint64_t rows, last = 0;
		sqlite3 *db;
		assert_int_equal(with_directory(state), 0);
		assert_int_equal(shared_log_open(&log, test_directory, true, &why), 0);
		for (unsigned r = 1; r <= 5; r++)
			append(log, 1795860000 + r, r);
		assert_int_equal(shared_log_each(log, 2, count_row, &last, &why), 0);
		assert_int_equal(last, 5);
		shared_log_close(&log);
		assert_int_equal(sqlite3_open(in_directory(SHARED_LOG_FILE), &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(shared_log_open(&log, test_directory, false, &why), 0);
		int status = shared_log_verify(log, &rows, &why);
		if (!cases[i].row != (status == 0) || (cases[i].row && !strstr(why.text, cases[i].row)))
			fail_msg("%s: %d %s", cases[i].sql, status, status ? why.text : "");
		/* A row that cannot be read is told; the others are. */
		bool unreadable = strstr(cases[i].sql, "x'00'") != NULL;
		last = 0;
		assert_int_equal(shared_log_each(log, 0, count_row, &last, &why), unreadable ? -EBADMSG : 0);
		assert_true(!unreadable || (last == 5 && strstr(why.text, "cannot be read")));
		shared_log_close(&log);
		assert_int_equal(without_directory(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vector, with_directory, without_directory),
		cmocka_unit_test(tampered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
