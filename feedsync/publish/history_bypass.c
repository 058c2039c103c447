/* SPDX-License-Identifier: BSD-3-Clause */
/* Bypasses in the log; see history.h. The table for them is made when the first one is logged. */
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

void history_add_bypass(struct history *h, const struct history_bypass *b)
{
	database_execute(&h->database,
		"CREATE TABLE IF NOT EXISTS bypass(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
		" until INTEGER NOT NULL, user TEXT NOT NULL, reason TEXT NOT NULL)");
	sqlite3_stmt *statement =
		database_prepare(&h->database, "INSERT INTO bypass(time,until,user,reason) VALUES(?,?,?,?)");
	database_run(&h->database, statement, "iitt", b->time, b->until, b->user, b->reason);
	sqlite3_finalize(statement);
	database_execute(&h->database, "DELETE FROM bypass WHERE id <= (SELECT max(id) FROM bypass) - 10000");
}

static bool has_table(struct history *h)
{
	sqlite3_stmt *s =
		database_prepare(&h->database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'bypass'");
	bool there = s && sqlite3_step(s) == SQLITE_ROW;
	database_note(&h->database, sqlite3_finalize(s));
	return there;
}

int history_bypasses(struct history *h, uint64_t limit,
	void (*visit)(void *context, const struct history_bypass *bypass), void *context, struct why *why)
{
	int step = SQLITE_DONE;
	if (!has_table(h))
		return database_result(&h->database, why);
	sqlite3_stmt *s =
		database_prepare(&h->database, "SELECT time,until,user,reason FROM bypass ORDER BY id DESC LIMIT ?");
	if (s)
		database_note(&h->database, sqlite3_bind_int64(s, 1, limit > INT64_MAX ? INT64_MAX : (int64_t)limit));
	while (s && (step = sqlite3_step(s)) == SQLITE_ROW) {
		char user[DATABASE_TEXT], reason[DATABASE_TEXT];
		const struct history_bypass bypass = {.time = (uint64_t)sqlite3_column_int64(s, 0),
			.until = (uint64_t)sqlite3_column_int64(s, 1),
			.user = database_text(s, 2, user),
			.reason = database_text(s, 3, reason)};
		visit(context, &bypass);
	}
	if (step != SQLITE_DONE)
		database_note(&h->database, step);
	int status = database_result(&h->database, why);
	sqlite3_finalize(s);
	return status;
}
