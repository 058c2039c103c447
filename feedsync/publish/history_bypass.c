/* SPDX-License-Identifier: BSD-3-Clause */
/* Bypasses in the log; see history.h. The table for them is made when the first one is logged. */
#include "feedsync/base/clean.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

enum { BYPASS_COLUMN = 512 };

void history_add_bypass(struct history *h, const struct history_bypass *b)
{
	history_execute(h, "CREATE TABLE IF NOT EXISTS bypass(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
			   " until INTEGER NOT NULL, user TEXT NOT NULL, reason TEXT NOT NULL)");
	sqlite3_stmt *statement = history_prepare(h, "INSERT INTO bypass(time,until,user,reason) VALUES(?,?,?,?)");
	history_run(h, statement, "iitt", b->time, b->until, b->user, b->reason);
	sqlite3_finalize(statement);
	history_execute(h, "DELETE FROM bypass WHERE id <= (SELECT max(id) FROM bypass) - 10000");
}

/* A text of the row at hand, cleaned for a terminal. */
static const char *clean_column(sqlite3_stmt *row, int column, char text[BYPASS_COLUMN])
{
	const unsigned char *value = sqlite3_column_text(row, column);
	clean_text(text, BYPASS_COLUMN, value ? (const char *)value : "");
	return text;
}

static bool has_table(struct history *h)
{
	sqlite3_stmt *s = history_prepare(h, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'bypass'");
	bool there = s && sqlite3_step(s) == SQLITE_ROW;
	history_note(h, sqlite3_finalize(s));
	return there;
}

int history_bypasses(struct history *h, uint64_t limit,
	void (*visit)(void *context, const struct history_bypass *bypass), void *context, struct why *why)
{
	int step = SQLITE_DONE;
	if (!has_table(h))
		return history_result(h, why);
	sqlite3_stmt *s = history_prepare(h, "SELECT time,until,user,reason FROM bypass ORDER BY id DESC LIMIT ?");
	if (s)
		history_note(h, sqlite3_bind_int64(s, 1, limit > INT64_MAX ? INT64_MAX : (int64_t)limit));
	while (s && (step = sqlite3_step(s)) == SQLITE_ROW) {
		char user[BYPASS_COLUMN], reason[BYPASS_COLUMN];
		const struct history_bypass bypass = {.time = (uint64_t)sqlite3_column_int64(s, 0),
			.until = (uint64_t)sqlite3_column_int64(s, 1),
			.user = clean_column(s, 2, user),
			.reason = clean_column(s, 3, reason)};
		visit(context, &bypass);
	}
	if (step != SQLITE_DONE)
		history_note(h, step);
	int status = history_result(h, why);
	sqlite3_finalize(s);
	return status;
}
