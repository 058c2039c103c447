/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the log. See history.h. */
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

/* SQLite's numbers have a sign. */
static int64_t bounded(uint64_t number)
{
	return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

sqlite3_stmt *history_query(struct history *h, const char *sql, uint64_t first, uint64_t second)
{
	sqlite3_stmt *statement = database_prepare(&h->database, sql);
	int values = statement ? sqlite3_bind_parameter_count(statement) : 0;
	if (values > 0)
		database_note(&h->database, sqlite3_bind_int64(statement, 1, bounded(first)));
	if (values > 1)
		database_note(&h->database, sqlite3_bind_int64(statement, 2, bounded(second)));
	return statement;
}

bool history_has_table(struct history *h, const char *name)
{
	sqlite3_stmt *s =
		database_prepare(&h->database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
	database_bind(&h->database, s, "t", name);
	bool there = database_next_row(&h->database, s);
	database_note(&h->database, sqlite3_finalize(s));
	return there;
}

int history_has(struct history *h, uint64_t generation, struct why *why)
{
	sqlite3_stmt *s = history_query(h, "SELECT 1 FROM publish WHERE generation = ?", generation, 0);
	bool found = database_next_row(&h->database, s);
	int status = database_end_query(&h->database, s, why);
	return status == 0 ? found : status;
}

int history_publishes(struct history *h, uint64_t generation, uint64_t limit,
	void (*visit)(void *context, const struct history_publish *publish), void *context, struct why *why)
{
	sqlite3_stmt *s = history_query(h,
		"SELECT generation,time,cause,user,content_of,rules,entries,octets,sum,fetch_ms,compile_ms,publish_ms,"
		"policy_changed,counted,added,removed FROM publish WHERE generation <= ? ORDER BY generation DESC "
		"LIMIT ?",
		generation, limit);
	while (database_next_row(&h->database, s)) {
		char cause[DATABASE_TEXT], user[DATABASE_TEXT];
		const struct history_publish publish = {.generation = database_number(s, 0),
			.time = database_number(s, 1),
			.cause = database_text(s, 2, cause),
			.user = database_text(s, 3, user),
			.content_of = database_number(s, 4),
			.rules = database_number(s, 5),
			.entries = database_number(s, 6),
			.octets = database_number(s, 7),
			.sum = database_number(s, 8),
			.fetch_ms = database_number(s, 9),
			.compile_ms = database_number(s, 10),
			.publish_ms = database_number(s, 11),
			.policy_changed = database_number(s, 12) != 0,
			.counted = database_number(s, 13) != 0,
			.added = database_number(s, 14),
			.removed = database_number(s, 15)};
		visit(context, &publish);
	}
	return database_end_query(&h->database, s, why);
}

int history_feeds(struct history *h, uint64_t generation, void (*visit)(void *context, const struct history_feed *feed),
	void *context, struct why *why)
{
	sqlite3_stmt *s = history_query(h,
		h->has_error_class ? "SELECT name,result,entries,rejected,added,removed,error_class"
				     " FROM feed WHERE generation = ? ORDER BY name"
				   : "SELECT name,result,entries,rejected,added,removed,''"
				     " FROM feed WHERE generation = ? ORDER BY name",
		generation, 0);
	while (database_next_row(&h->database, s)) {
		char name[DATABASE_TEXT], result[DATABASE_TEXT], class[DATABASE_TEXT];
		const struct history_feed feed = {.name = database_text(s, 0, name),
			.result = database_text(s, 1, result),
			.entries = database_number(s, 2),
			.rejected = database_number(s, 3),
			.added = database_number(s, 4),
			.removed = database_number(s, 5),
			.error_class = database_text(s, 6, class)};
		visit(context, &feed);
	}
	return database_end_query(&h->database, s, why);
}

#define CHANGES                                                                                                        \
	"SELECT c.generation,p.time,c.added,c.name,c.scope,c.kind,c.feed,c.category FROM change c"                     \
	" JOIN publish p ON p.generation = c.generation WHERE "

int history_changes(struct history *h, uint64_t generation, const char *name,
	void (*visit)(void *context, uint64_t generation, uint64_t time, const struct table_change *change),
	void *context, struct why *why)
{
	sqlite3_stmt *s =
		name ? database_prepare(&h->database, CHANGES "c.name = ? ORDER BY c.id DESC")
		     : history_query(h,
			       CHANGES "c.generation = ? ORDER BY c.added, c.name, c.scope, c.feed, c.category",
			       generation, 0);
	if (s && name)
		database_note(&h->database, sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC));
	while (database_next_row(&h->database, s)) {
		char text[DATABASE_TEXT], feed[DATABASE_TEXT], category[DATABASE_TEXT];
		const struct table_change change = {.added = database_number(s, 2) != 0,
			.name = database_text(s, 3, text),
			.scope = database_number(s, 4) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT,
			.kind = database_number(s, 5) <= RULE_EXCEPT ? (enum rule_kind)database_number(s, 5)
								     : RULE_BLOCK,
			.feed = database_text(s, 6, feed),
			.category = database_text(s, 7, category)};
		visit(context, database_number(s, 0), database_number(s, 1), &change);
	}
	return database_end_query(&h->database, s, why);
}

int history_complete_since(struct history *h, uint64_t *since, bool *within, struct why *why)
{
	sqlite3_stmt *s = history_query(h,
		"SELECT generation, time, counted AND added + removed ="
		" (SELECT count(*) FROM change c WHERE c.generation = p.generation)"
		" FROM publish p ORDER BY generation DESC",
		0, 0);
	uint64_t after = 0;
	*since = 0;
	*within = false;
	while (database_next_row(&h->database, s)) {
		uint64_t generation = database_number(s, 0);
		if (after != 0 && generation + 1 != after)
			break; /* a generation between them is not in the log */
		*since = database_number(s, 1);
		after = generation;
		*within = database_number(s, 2) == 0;
		if (*within)
			break;
	}
	return database_end_query(&h->database, s, why);
}
