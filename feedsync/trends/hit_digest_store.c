/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/hit_digest_store.h"

#include <errno.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/maxima.h"
#include "feedsync/trends/trends_private.h"
#include "libweir/errors.h"

static const char schema[] =
	/* high: of a rule and day, as it was told. made: the next hour, in its only row. */
	"CREATE TABLE IF NOT EXISTS digest_told(day INTEGER NOT NULL, name TEXT NOT NULL, scope INTEGER NOT NULL, "
	"category TEXT "
	"NOT NULL, action TEXT NOT NULL, grp TEXT NOT NULL, high REAL NOT NULL,"
	" PRIMARY KEY(day, name, scope, category, action, grp)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS digest_next(one INTEGER PRIMARY KEY, hour INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS digest_taken(resolver TEXT NOT NULL, hour INTEGER NOT NULL, sha256 TEXT NOT NULL, "
	"refused "
	"INTEGER NOT NULL, PRIMARY KEY(resolver, hour)) WITHOUT ROWID;";

int hit_digest_prepare(struct trends *t, struct why *why)
{
	database_execute(&t->database, schema);
	return database_result(&t->database, why);
}

/* ---- on a resolver's host ---- */

double hit_digest_told(struct trends *t, const struct trends_rule *rule)
{
	sqlite3_stmt *s =
		database_prepare(&t->database, "SELECT high FROM digest_told WHERE day = ? AND name = ? AND scope = ?"
					       " AND category = ? AND action = ? AND grp = ?");
	double high = 0;
	database_bind(&t->database, s, "itittt", rule->day, rule->name, (uint64_t)rule->scope, rule->category,
		action_text(rule->action), rule->group);
	if (database_next_row(&t->database, s))
		high = sqlite3_column_double(s, 0);
	sqlite3_finalize(s);
	return high;
}

static int read_one_number(struct trends *t, const char *sql, const char *resolver, uint64_t *number, struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database, sql);
	*number = 0;
	t->database.work = 0;
	if (resolver)
		database_bind(&t->database, s, "t", resolver);
	while (database_next_row(&t->database, s))
		*number = database_number(s, 0);
	return database_end_query(&t->database, s, why);
}

int hit_digest_next(struct trends *t, uint64_t *hour, struct why *why)
{
	return read_one_number(t, "SELECT hour FROM digest_next", NULL, hour, why);
}

static void put_next(struct trends *t, uint64_t hour)
{
	sqlite3_stmt *s = database_prepare(&t->database, "INSERT OR REPLACE INTO digest_next(one, hour) VALUES(1, ?)");
	database_run(&t->database, s, "i", hour);
	sqlite3_finalize(s);
}

struct noting_made {
	struct trends *trends;
	uint64_t day;
	sqlite3_stmt *add;
};

static void note_told_row(void *context, const struct hit_row *row)
{
	const struct noting_made *n = context;
	struct database *d = &n->trends->database;
	if (row->kind != HIT_ROW_RULE || !n->add || d->error)
		return;
	database_note(d, sqlite3_bind_double(n->add, 7, row->more));
	database_run(d, n->add, "itittt", n->day, row->name, (uint64_t)row->scope, row->category,
		action_text(row->action), row->group);
}

int hit_digest_note_made(struct trends *t, const struct hit_document *document, struct why *why)
{
	struct hit_digest digest;
	trends_begin(t);
	struct noting_made n = {t, document->hour / TRENDS_HOURS,
		database_prepare(&t->database,
			"INSERT INTO digest_told(day, name, scope, category, action, grp, high) VALUES(?,?,?,?,?,?,?)"
			" ON CONFLICT DO UPDATE SET high = high + excluded.high")};
	int status = hit_digest_read(&digest, document, note_told_row, &n, why);
	sqlite3_finalize(n.add);
	put_next(t, document->hour + 1);
	sqlite3_stmt *s = database_prepare(&t->database, "DELETE FROM digest_told WHERE day + 1 < ?");
	database_run(&t->database, s, "i", n.day);
	sqlite3_finalize(s);
	struct why uncommitted;
	int committed = trends_commit(t, status == 0 ? why : &uncommitted);
	return status != 0 ? status : committed;
}

int hit_digest_begin_at(struct trends *t, uint64_t hour, struct why *why)
{
	trends_begin(t);
	put_next(t, hour);
	return trends_commit(t, why);
}

/* ---- on the compiler ---- */

int hit_digest_wanted(struct trends *t, const char *resolver, uint64_t *hour, struct why *why)
{
	return read_one_number(
		t, "SELECT coalesce(max(hour) + 1, 0) FROM digest_taken WHERE resolver = ?", resolver, hour, why);
}

static int is_taken(struct trends *t, const char *resolver, uint64_t hour, bool *taken, struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database, "SELECT 1 FROM digest_taken WHERE resolver = ? AND hour = ?");
	t->database.work = 0;
	*taken = false;
	database_bind(&t->database, s, "ti", resolver, hour);
	while (database_next_row(&t->database, s))
		*taken = true;
	return database_end_query(&t->database, s, why);
}

struct adding_digest {
	struct trends *trends;
	uint64_t hour;
};

static void add_hit_row(void *context, const struct hit_row *row)
{
	const struct adding_digest *a = context;
	const struct trends_rule_hits rule = {.hour = a->hour,
		.name = row->name,
		.scope = row->scope,
		.category = row->category,
		.action = row->action,
		.group = row->group,
		.hits = row->hits,
		.told_low = row->low,
		.told_more = row->more};
	if (row->kind == HIT_ROW_RULE)
		trends_add_rule(a->trends, &rule);
	else if (row->kind == HIT_ROW_FEED)
		trends_add_feed(a->trends, a->hour, row->name, row->category, row->action, row->hits);
	else
		trends_add_group(a->trends, a->hour, row->name, row->action, row->hits);
}

static void note_digest_taken(struct trends *t, const char *resolver, uint64_t hour, const char *sha256, bool refused)
{
	sqlite3_stmt *s = database_prepare(
		&t->database, "INSERT INTO digest_taken(resolver, hour, sha256, refused) VALUES(?,?,?,?)");
	database_run(&t->database, s, "titi", resolver, hour, sha256, (uint64_t)refused);
	sqlite3_finalize(s);
	s = database_prepare(&t->database, "DELETE FROM digest_taken WHERE resolver = ? AND hour < ?");
	database_run(&t->database, s, "ti", resolver, hour > HIT_DIGEST_HOURS ? hour - HIT_DIGEST_HOURS : 0);
	sqlite3_finalize(s);
}

int hit_digest_take(struct trends *t, const struct hit_document *document, struct why *why)
{
	struct hit_digest digest;
	struct adding_digest adding = {t, document->hour};
	char sha256[SHA256_TEXT];
	bool taken;
	int status = is_taken(t, document->resolver, document->hour, &taken, why);
	if (status == 0 && taken)
		status = why_set(why, -EEXIST, "it was taken before");
	if (status != 0)
		return status;
	digest_sha256(sha256, document->text, document->length);
	int refused = hit_digest_read(&digest, document, NULL, NULL, why);
	if (refused == -ENOMEM)
		return refused;
	trends_begin(t);
	note_digest_taken(t, document->resolver, document->hour, sha256, refused != 0);
	if (refused == 0) {
		refused = hit_digest_read(&digest, document, add_hit_row, &adding, why);
		trends_add_traffic(t, &digest.traffic);
	}
	struct why uncommitted;
	status = trends_commit(t, refused == 0 ? why : &uncommitted);
	return refused != 0 ? refused : status;
}

int hit_digest_refuse(struct trends *t, const char *resolver, uint64_t hour)
{
	struct why why;
	trends_begin(t);
	note_digest_taken(t, resolver, hour, "", true);
	return trends_commit(t, &why);
}
