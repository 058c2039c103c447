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

int history_bypasses(struct history *h, uint64_t limit,
	void (*visit)(void *context, const struct history_bypass *bypass), void *context, struct why *why)
{
	if (!history_has_table(h, "bypass"))
		return database_result(&h->database, why);
	sqlite3_stmt *s =
		history_query(h, "SELECT time,until,user,reason FROM bypass ORDER BY id DESC LIMIT ?", limit, 0);
	while (database_next_row(&h->database, s)) {
		char user[DATABASE_TEXT], reason[DATABASE_TEXT];
		const struct history_bypass bypass = {.time = database_number(s, 0),
			.until = database_number(s, 1),
			.user = database_text(s, 2, user),
			.reason = database_text(s, 3, reason)};
		visit(context, &bypass);
	}
	return database_end_query(&h->database, s, why);
}
