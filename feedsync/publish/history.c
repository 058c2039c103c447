/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening the log and writing to it. See history.h. */
#include <errno.h>
#include <stdlib.h>

#include "feedsync/base/maxima.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

#define STRING(x) #x
#define TEXT_OF(x) STRING(x)

/* A column that was added later. It has a default, and every statement names its columns. So older versions of feedsync
 * can use a file that has it, and the schema's version stays. */
#define ADD_ERROR_CLASS "ALTER TABLE feed ADD COLUMN error_class TEXT NOT NULL DEFAULT '';"

static const char schema[] =
	"CREATE TABLE publish(generation INTEGER PRIMARY KEY, time INTEGER NOT NULL, cause TEXT NOT NULL,"
	" user TEXT NOT NULL, content_of INTEGER NOT NULL, rules INTEGER NOT NULL, entries INTEGER NOT NULL,"
	" octets INTEGER NOT NULL, sum INTEGER NOT NULL, fetch_ms INTEGER NOT NULL, compile_ms INTEGER NOT NULL,"
	" publish_ms INTEGER NOT NULL, policy_changed INTEGER NOT NULL, counted INTEGER NOT NULL,"
	" added INTEGER NOT NULL, removed INTEGER NOT NULL);"
	"CREATE TABLE feed(id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, name TEXT NOT NULL,"
	" result TEXT NOT NULL, entries INTEGER NOT NULL, rejected INTEGER NOT NULL, added INTEGER NOT NULL,"
	" removed INTEGER NOT NULL);" ADD_ERROR_CLASS "CREATE INDEX feed_generation ON feed(generation);"
	"CREATE TABLE change(id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, added INTEGER NOT NULL,"
	" name TEXT NOT NULL, scope INTEGER NOT NULL, kind INTEGER NOT NULL, feed TEXT NOT NULL, category TEXT NOT "
	"NULL);"
	"CREATE INDEX change_generation ON change(generation);"
	"CREATE INDEX change_name ON change(name);";

static const struct database_kind history_kind = {
	.name = "history.sqlite",
	.schema = schema,
	.version = 1,
	.max_work = HISTORY_WORK,
};

/* ---- opening ---- */

static bool has_error_class(struct history *h)
{
	sqlite3_stmt *statement =
		database_prepare(&h->database, "SELECT 1 FROM pragma_table_info('feed') WHERE name = 'error_class'");
	bool found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (statement)
		database_note(&h->database, sqlite3_finalize(statement));
	return found;
}

/* Adds what came later to a file of an older version. */
static int add_columns(struct history *h, bool write, struct why *why)
{
	h->has_error_class = has_error_class(h);
	if (write && !h->has_error_class) {
		database_execute(&h->database, "BEGIN IMMEDIATE");
		if (!has_error_class(h)) /* nobody was faster */
			database_execute(&h->database, ADD_ERROR_CLASS);
		database_execute(&h->database, "COMMIT");
		h->has_error_class = has_error_class(h);
	}
	return database_result(&h->database, why);
}

int history_open(struct history **history, const char *state, bool write, struct why *why)
{
	struct history *h = calloc(1, sizeof *h);
	*history = NULL;
	if (!h)
		return why_set(why, -ENOMEM, "out of memory");
	int status = database_open(&h->database, &history_kind, state, write, why);
	if (status == 0)
		status = add_columns(h, write, why);
	if (status != 0)
		history_close(&h);
	*history = h;
	return status;
}

void history_close(struct history **history)
{
	struct history *h = *history;
	*history = NULL;
	if (!h)
		return;
	sqlite3_finalize(h->change);
	database_close(&h->database);
	free(h);
}

/* ---- writing ---- */

void history_begin(struct history *h)
{
	h->kept_added = h->kept_removed = 0;
	database_begin(&h->database);
	if (!h->change)
		h->change = database_prepare(&h->database,
			"INSERT INTO change(generation,added,name,scope,kind,feed,category)"
			" VALUES(?,?,?,?,?,?,?)");
}

void history_add_change(struct history *h, uint64_t generation, const struct table_change *change)
{
	uint64_t *kept = change->added ? &h->kept_added : &h->kept_removed;
	if (*kept == HISTORY_CHANGES)
		return;
	++*kept;
	database_run(&h->database, h->change, "iitiitt", generation, (uint64_t)change->added, change->name,
		(uint64_t)change->scope, (uint64_t)change->kind, change->feed, change->category);
}

void history_add_feed(struct history *h, uint64_t generation, const struct history_feed *feed)
{
	sqlite3_stmt *statement = database_prepare(&h->database,
		"INSERT INTO feed(generation,name,result,entries,rejected,added,removed,error_class)"
		" VALUES(?,?,?,?,?,?,?,?)");
	database_run(&h->database, statement, "ittiiiit", generation, feed->name, feed->result, feed->entries,
		feed->rejected, feed->added, feed->removed, feed->error_class);
	sqlite3_finalize(statement);
}

/* Removes the oldest details: rows are numbered in the order in which they came. */
static void forget_oldest(struct history *h)
{
	database_execute(
		&h->database, "DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - " TEXT_OF(HISTORY_ROWS));
	database_execute(
		&h->database, "DELETE FROM feed WHERE id <= (SELECT max(id) FROM feed) - " TEXT_OF(HISTORY_ROWS));
}

void history_add_publish(struct history *h, const struct history_publish *p)
{
	sqlite3_stmt *statement =
		database_prepare(&h->database, "INSERT INTO publish VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	database_run(&h->database, statement, "iittiiiiiiiiiiii", p->generation, p->time, p->cause, p->user,
		p->content_of, p->rules, p->entries, p->octets, p->sum, p->fetch_ms, p->compile_ms, p->publish_ms,
		(uint64_t)p->policy_changed, (uint64_t)p->counted, p->added, p->removed);
	sqlite3_finalize(statement);
	forget_oldest(h);
}

int history_commit(struct history *h, struct why *why)
{
	return database_commit(&h->database, why);
}
