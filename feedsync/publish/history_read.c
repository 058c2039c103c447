/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the log. See history.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/maxima.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

enum { MAX_COLUMN = 1024 };

/* A text of the row at hand, in the caller's buffer, cleaned for a terminal. */
static const char *column_text(sqlite3_stmt *row, int column, char text[MAX_COLUMN])
{
	const unsigned char *value = sqlite3_column_text(row, column);
	clean_text(text, MAX_COLUMN, value ? (const char *)value : "");
	return text;
}

static uint64_t column_number(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

/* A query with up to two values in it. */
static sqlite3_stmt *query(struct history *h, const char *sql, uint64_t first, uint64_t second)
{
	sqlite3_stmt *statement = history_prepare(h, sql);
	int values = statement ? sqlite3_bind_parameter_count(statement) : 0;
	if (values > 0)
		history_note(h, sqlite3_bind_int64(statement, 1, (int64_t)first));
	if (values > 1)
		history_note(h, sqlite3_bind_int64(statement, 2, (int64_t)second));
	return statement;
}

static bool next_row(struct history *h, sqlite3_stmt *statement)
{
	int step = statement && h->error == 0 ? sqlite3_step(statement) : SQLITE_DONE;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		history_note(h, step);
	return step == SQLITE_ROW;
}

static int end_query(struct history *h, sqlite3_stmt *statement, struct why *why)
{
	int status = history_result(h, why);
	sqlite3_finalize(statement);
	return status;
}

int history_has(struct history *h, uint64_t generation, struct why *why)
{
	sqlite3_stmt *s = query(h, "SELECT 1 FROM publish WHERE generation = ?", generation, 0);
	bool found = next_row(h, s);
	int status = end_query(h, s, why);
	return status == 0 ? found : status;
}

int history_publishes(struct history *h, uint64_t generation, uint64_t limit,
	void (*visit)(void *context, const struct history_publish *publish), void *context, struct why *why)
{
	sqlite3_stmt *s = query(h,
		"SELECT generation,time,cause,user,content_of,rules,entries,octets,sum,fetch_ms,compile_ms,publish_ms,"
		"policy_changed,counted,added,removed FROM publish WHERE generation <= ? ORDER BY generation DESC "
		"LIMIT ?",
		generation > INT64_MAX ? INT64_MAX : generation, limit > INT64_MAX ? INT64_MAX : limit);
	while (next_row(h, s)) {
		char cause[MAX_COLUMN], user[MAX_COLUMN];
		const struct history_publish publish = {.generation = column_number(s, 0),
			.time = column_number(s, 1),
			.cause = column_text(s, 2, cause),
			.user = column_text(s, 3, user),
			.content_of = column_number(s, 4),
			.rules = column_number(s, 5),
			.entries = column_number(s, 6),
			.octets = column_number(s, 7),
			.sum = column_number(s, 8),
			.fetch_ms = column_number(s, 9),
			.compile_ms = column_number(s, 10),
			.publish_ms = column_number(s, 11),
			.policy_changed = column_number(s, 12) != 0,
			.counted = column_number(s, 13) != 0,
			.added = column_number(s, 14),
			.removed = column_number(s, 15)};
		visit(context, &publish);
	}
	return end_query(h, s, why);
}

int history_feeds(struct history *h, uint64_t generation, void (*visit)(void *context, const struct history_feed *feed),
	void *context, struct why *why)
{
	sqlite3_stmt *s = query(h,
		h->has_error_class ? "SELECT name,result,entries,rejected,added,removed,error_class"
				     " FROM feed WHERE generation = ? ORDER BY name"
				   : "SELECT name,result,entries,rejected,added,removed,''"
				     " FROM feed WHERE generation = ? ORDER BY name",
		generation, 0);
	while (next_row(h, s)) {
		char name[MAX_COLUMN], result[MAX_COLUMN], class[MAX_COLUMN];
		const struct history_feed feed = {.name = column_text(s, 0, name),
			.result = column_text(s, 1, result),
			.entries = column_number(s, 2),
			.rejected = column_number(s, 3),
			.added = column_number(s, 4),
			.removed = column_number(s, 5),
			.error_class = column_text(s, 6, class)};
		visit(context, &feed);
	}
	return end_query(h, s, why);
}

#define CHANGES                                                                                                        \
	"SELECT c.generation,p.time,c.added,c.name,c.scope,c.kind,c.feed,c.category FROM change c"                     \
	" JOIN publish p ON p.generation = c.generation WHERE "

int history_changes(struct history *h, uint64_t generation, const char *name,
	void (*visit)(void *context, uint64_t generation, uint64_t time, const struct table_change *change),
	void *context, struct why *why)
{
	sqlite3_stmt *s =
		name ? history_prepare(h, CHANGES "c.name = ? ORDER BY c.id DESC")
		     : query(h, CHANGES "c.generation = ? ORDER BY c.added, c.name, c.scope, c.feed, c.category",
			       generation, 0);
	if (s && name)
		history_note(h, sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC));
	while (next_row(h, s)) {
		char text[MAX_COLUMN], feed[MAX_COLUMN], category[MAX_COLUMN];
		const struct table_change change = {.added = column_number(s, 2) != 0,
			.name = column_text(s, 3, text),
			.scope = column_number(s, 4) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT,
			.kind = column_number(s, 5) <= RULE_EXCEPT ? (enum rule_kind)column_number(s, 5) : RULE_BLOCK,
			.feed = column_text(s, 6, feed),
			.category = column_text(s, 7, category)};
		visit(context, column_number(s, 0), column_number(s, 1), &change);
	}
	return end_query(h, s, why);
}

int history_complete_since(struct history *h, uint64_t *since, bool *within, struct why *why)
{
	sqlite3_stmt *s = query(h,
		"SELECT generation, time, counted AND added + removed ="
		" (SELECT count(*) FROM change c WHERE c.generation = p.generation)"
		" FROM publish p ORDER BY generation DESC",
		0, 0);
	uint64_t after = 0;
	*since = 0;
	*within = false;
	while (next_row(h, s)) {
		uint64_t generation = column_number(s, 0);
		if (after != 0 && generation + 1 != after)
			break; /* a generation between them is not in the log */
		*since = column_number(s, 1);
		after = generation;
		*within = column_number(s, 2) == 0;
		if (*within)
			break;
	}
	return end_query(h, s, why);
}
