/* SPDX-License-Identifier: BSD-3-Clause */
/* Overrides in the log; see history.h. The table for them is made when the first one is logged. */
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

void history_add_override(struct history *h, const struct history_override *o)
{
	database_execute(&h->database,
		"CREATE TABLE IF NOT EXISTS override(id INTEGER PRIMARY KEY, generation INTEGER NOT NULL,"
		" time INTEGER NOT NULL, user TEXT NOT NULL, change TEXT NOT NULL, name TEXT NOT NULL, "
		"scope INTEGER NOT NULL,"
		" expires_at INTEGER NOT NULL, reason TEXT NOT NULL, author TEXT NOT NULL);"
		"CREATE INDEX IF NOT EXISTS override_generation ON override(generation)");
	sqlite3_stmt *statement = database_prepare(&h->database,
		"INSERT INTO override(generation,time,user,change,name,scope,expires_at,reason,author)"
		" VALUES(?,?,?,?,?,?,?,?,?)");
	database_run(&h->database, statement, "iitttiitt", o->generation, o->time, o->user, o->change, o->name,
		(uint64_t)o->scope, o->expires_at, o->reason, o->author);
	sqlite3_finalize(statement);
	database_execute(&h->database, "DELETE FROM override WHERE id <= (SELECT max(id) FROM override) - 10000");
}

int history_overrides(struct history *h, uint64_t generation, uint64_t limit,
	void (*visit)(void *context, const struct history_override *override), void *context, struct why *why)
{
	if (!history_has_table(h, "override"))
		return database_result(&h->database, why);
	sqlite3_stmt *s = history_query(h,
		"SELECT time,user,change,name,scope,expires_at,reason,author FROM override WHERE generation = ?"
		" ORDER BY id DESC LIMIT ?",
		generation, limit);
	while (database_next_row(&h->database, s)) {
		char user[DATABASE_TEXT], change[DATABASE_TEXT], name[DATABASE_TEXT], reason[DATABASE_TEXT],
			author[DATABASE_TEXT];
		const struct history_override override = {.generation = generation,
			.time = database_number(s, 0),
			.user = database_text(s, 1, user),
			.change = database_text(s, 2, change),
			.name = database_text(s, 3, name),
			.scope = database_number(s, 4) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT,
			.expires_at = database_number(s, 5),
			.reason = database_text(s, 6, reason),
			.author = database_text(s, 7, author)};
		visit(context, &override);
	}
	return database_end_query(&h->database, s, why);
}
