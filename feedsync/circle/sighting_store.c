/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/publish/database.h"
#include "libweir/errors.h"

struct sighting_store {
	struct database database;
};

static const struct database_kind sightings_kind = {
	.name = SIGHTINGS_FILE,
	.version = 2,
	.max_work = SIGHTINGS_WORK,
	.schema = "CREATE TABLE closed_day(partner TEXT NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL,"
		  " found INTEGER NOT NULL, PRIMARY KEY(partner, day)) WITHOUT ROWID;"
		  "CREATE TABLE withheld(partner TEXT NOT NULL, day INTEGER NOT NULL, reason TEXT NOT NULL,"
		  " count INTEGER NOT NULL, PRIMARY KEY(partner, day, reason)) WITHOUT ROWID;"
		  "CREATE TABLE sighting(id INTEGER PRIMARY KEY, partner TEXT NOT NULL, made TEXT NOT NULL,"
		  " day INTEGER NOT NULL,"
		  " type INTEGER NOT NULL, uuid TEXT NOT NULL, grp TEXT NOT NULL, entry TEXT NOT NULL, at INTEGER NOT "
		  "NULL,"
		  " hits INTEGER NOT NULL, tlp INTEGER NOT NULL, pap INTEGER NOT NULL, name TEXT NOT NULL,"
		  " scope INTEGER NOT NULL, feed TEXT NOT NULL,"
		  " state INTEGER NOT NULL, tries INTEGER NOT NULL, changed_at INTEGER NOT NULL, words TEXT NOT NULL,"
		  " UNIQUE(partner, uuid));"
		  "CREATE INDEX sighting_pending ON sighting(partner, grp, id) WHERE state = 0;"
		  "CREATE INDEX sighting_name ON sighting(name, day);"
		  "CREATE INDEX sighting_day ON sighting(partner, day, uuid);"
		  "CREATE TABLE ended(partner TEXT NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL,"
		  " PRIMARY KEY(partner, state)) WITHOUT ROWID;",
};

int sighting_store_open(struct sighting_store **store, const char *state, bool write, struct why *why)
{
	struct sighting_store *s = calloc(1, sizeof *s);
	*store = NULL;
	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	int status = database_open(&s->database, &sightings_kind, state, write, why);
	if (status != 0)
		sighting_store_close(&s);
	*store = s;
	return status;
}

void sighting_store_close(struct sighting_store **store)
{
	if (*store)
		database_close(&(*store)->database);
	free(*store);
	*store = NULL;
}

/* A question of one number. */
static int ask_number(struct database *d, const char *sql, const char *partner, uint64_t *number, struct why *why)
{
	sqlite3_stmt *query = database_prepare(d, sql);
	d->work = 0;
	database_bind(d, query, "t", partner);
	*number = database_next_row(d, query) ? database_number(query, 0) : 0;
	return database_end_query(d, query, why);
}

int sighting_store_last_day(struct sighting_store *store, const char *partner, uint64_t *day, struct why *why)
{
	return ask_number(&store->database, "SELECT max(day) FROM closed_day WHERE partner = ?", partner, day, why);
}

/* ---- closing a day ---- */

int sighting_store_drop_known(
	struct sighting_store *store, const char *partner, struct sighting *list, size_t *count, struct why *why)
{
	struct database *d = &store->database;
	sqlite3_stmt *query = database_prepare(d, "SELECT 1 FROM sighting WHERE partner = ? AND uuid = ?");
	size_t unknown = 0;
	d->work = 0;
	for (size_t i = 0; i < *count; i++) {
		database_bind(d, query, "tt", partner, list[i].uuid);
		bool known = database_next_row(d, query);
		sqlite3_reset(query);
		if (!known)
			list[unknown++] = list[i];
	}
	*count = unknown;
	return database_end_query(d, query, why);
}

static void insert_sightings(struct database *d, const char *partner, const struct sighting_day *day)
{
	sqlite3_stmt *insert = database_prepare(d,
		"INSERT OR IGNORE INTO sighting(partner, made, day, type, uuid, grp, entry, at, hits, tlp, pap, name, "
		"scope,"
		" feed, state, tries, changed_at, words) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,?,'')");
	for (size_t i = 0; i < day->count; i++) {
		const struct sighting *s = &day->list[i];
		database_run(d, insert, "ttiitttiiiititi", partner, day->made, s->day, (uint64_t)s->type, s->uuid,
			s->group, s->entry, s->at, s->hits, (uint64_t)s->marking.tlp, (uint64_t)s->marking.pap, s->name,
			(uint64_t)s->scope, s->feed, day->at);
	}
	sqlite3_finalize(insert);
}

static void insert_withheld(struct database *d, const char *partner, const struct sighting_day *day)
{
	sqlite3_stmt *insert = database_prepare(d, "INSERT INTO withheld(partner, day, reason, count) VALUES(?,?,?,?)");
	for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
		if (day->withheld[w] > 0)
			database_run(d, insert, "titi", partner, day->day, withheld_word(w), day->withheld[w]);
	sqlite3_finalize(insert);
}

int sighting_store_close_day(struct sighting_store *store, const char *partner, const struct sighting_day *day,
	uint64_t *added, struct why *why)
{
	struct database *d = &store->database;
	database_begin(d);
	int before = sqlite3_total_changes(d->db);
	insert_sightings(d, partner, day);
	*added = (uint64_t)(sqlite3_total_changes(d->db) - before);
	insert_withheld(d, partner, day);
	/* A day that is closed already ends the transaction, so that nothing is added to it. */
	sqlite3_stmt *close = database_prepare(d, "INSERT INTO closed_day(partner, day, at, found) VALUES(?,?,?,?)");
	database_run(d, close, "tiii", partner, day->day, day->at, *added);
	sqlite3_finalize(close);
	return database_commit(d, why);
}

/* ---- sending ---- */

int sighting_store_groups(struct sighting_store *store, const char *partner,
	int (*visit)(void *context, const char *group), void *context, struct why *why)
{
	struct database *d = &store->database;
	sqlite3_stmt *query = database_prepare(d, "SELECT grp FROM sighting WHERE state = 0 AND partner = ?"
						  " GROUP BY grp ORDER BY max(tries), min(day), grp LIMIT ?");
	char group[DATABASE_TEXT];
	int status = 0;
	d->work = 0;
	database_bind(d, query, "ti", partner, (uint64_t)MAX_SIGHTING_GROUPS);
	while (status == 0 && database_next_row(d, query))
		status = visit(context, database_text(query, 0, group));
	int ended = database_end_query(d, query, why);
	return ended != 0 ? ended : status != 0 ? why_set(why, status, "%s", error_text(status)) : 0;
}

#define SIGHTING_COLUMNS "id, day, type, uuid, grp, entry, at, hits, state, tries, changed_at, tlp, pap"

static void copy_column(sqlite3_stmt *row, int column, char *to, size_t room)
{
	char text[DATABASE_TEXT];
	database_text(row, column, text);
	size_t length = strnlen(text, room - 1);
	memcpy(to, text, length);
	to[length] = '\0';
}

/* Reads SIGHTING_COLUMNS. */
static void read_sighting(sqlite3_stmt *row, struct sighting *s)
{
	uint64_t state = database_number(row, 8), tlp = database_number(row, 11), pap = database_number(row, 12);
	*s = (struct sighting){.id = (int64_t)database_number(row, 0),
		.day = database_number(row, 1),
		.type = database_number(row, 2) == SIGHTING_HIT ? SIGHTING_HIT : SIGHTING_FALSE_POSITIVE,
		.at = database_number(row, 6),
		.hits = database_number(row, 7),
		.state = state < SIGHTING_STATES ? (enum sighting_state)state : SIGHTING_EXPIRED,
		.tries = (uint32_t)database_number(row, 9),
		.changed_at = database_number(row, 10),
		.marking = {tlp < TLP_UNKNOWN ? (enum tlp)tlp : TLP_RED, pap < PAP_UNKNOWN ? (enum pap)pap : PAP_RED}};
	copy_column(row, 3, s->uuid, sizeof s->uuid);
	copy_column(row, 4, s->group, sizeof s->group);
	copy_column(row, 5, s->entry, sizeof s->entry);
}

int sighting_store_batch(struct sighting_store *store, const char *partner, const char *group,
	struct sighting_batch *batch, struct why *why)
{
	struct database *d = &store->database;
	sqlite3_stmt *query = database_prepare(d,
		"SELECT " SIGHTING_COLUMNS " FROM sighting WHERE state = 0 AND partner = ? AND grp = ? AND id > ?"
		" ORDER BY id LIMIT ?");
	batch->count = 0;
	d->work = 0;
	database_bind(d, query, "ttii", partner, group, (uint64_t)batch->after, (uint64_t)batch->most);
	while (batch->count < batch->most && database_next_row(d, query))
		read_sighting(query, &batch->list[batch->count++]);
	return database_end_query(d, query, why);
}

/* Adds to how many sightings have ended in a state. */
static void add_ended(struct database *d, const char *partner, enum sighting_state state, uint64_t count)
{
	sqlite3_stmt *add = database_prepare(d, "INSERT INTO ended(partner, state, count) VALUES(?1,?2,?3)"
						" ON CONFLICT(partner, state) DO UPDATE SET count = count + ?3");
	database_run(d, add, "tii", partner, (uint64_t)state, count);
	sqlite3_finalize(add);
}

int sighting_store_settle(struct sighting_store *store, const char *partner, const struct sighting *list, size_t count,
	uint64_t now, struct why *why)
{
	struct database *d = &store->database;
	uint64_t ended[SIGHTING_STATES] = {0};
	database_begin(d);
	sqlite3_stmt *update = database_prepare(d, "UPDATE sighting SET state = ?, tries = tries + 1, changed_at = ?, "
						   "words = ? WHERE id = ? AND state = 0");
	for (size_t i = 0; i < count && d->error == 0; i++) {
		const struct sighting *s = &list[i];
		database_run(d, update, "iiti", (uint64_t)s->state, now, s->words ? s->words : "", (uint64_t)s->id);
		ended[s->state] += (uint64_t)sqlite3_changes(d->db);
	}
	sqlite3_finalize(update);
	for (enum sighting_state state = SIGHTING_PENDING + 1; state < SIGHTING_STATES; state++)
		if (ended[state] > 0)
			add_ended(d, partner, state, ended[state]);
	return database_commit(d, why);
}

/* The last one stays: it tells which day comes next. */
#define FORGET_DAYS                                                                                                    \
	"DELETE FROM closed_day WHERE partner = ?1 AND day < ?2"                                                       \
	" AND day < (SELECT max(day) FROM closed_day WHERE partner = ?1)"

int sighting_store_forget(struct sighting_store *store, const char *partner, const char *made, uint64_t pending_from,
	uint64_t kept_from, uint64_t now, struct why *why)
{
	struct database *d = &store->database;
	database_begin(d);
	sqlite3_stmt *expire =
		database_prepare(d, "UPDATE sighting SET state = 3, changed_at = ?3 WHERE partner = ?1 AND state = 0"
				    " AND (day < ?2 OR made <> ?4)");
	database_run(d, expire, "tiit", partner, pending_from, now, made);
	uint64_t expired = d->error == 0 ? (uint64_t)sqlite3_changes(d->db) : 0;
	sqlite3_finalize(expire);
	if (expired > 0)
		add_ended(d, partner, SIGHTING_EXPIRED, expired);
	static const char *const forgets[] = {
		"DELETE FROM sighting WHERE partner = ? AND day < ? AND state <> 0 AND type = 0",
		"DELETE FROM withheld WHERE partner = ? AND day < ?", FORGET_DAYS};
	for (unsigned i = 0; i < sizeof forgets / sizeof *forgets; i++) {
		sqlite3_stmt *forget = database_prepare(d, forgets[i]);
		database_run(d, forget, "ti", partner, kept_from);
		sqlite3_finalize(forget);
	}
	return database_commit(d, why);
}

int sighting_store_oldest(struct sighting_store *store, const char *partner, uint64_t *day, struct why *why)
{
	return ask_number(
		&store->database, "SELECT min(day) FROM sighting WHERE state = 0 AND partner = ?", partner, day, why);
}

int sighting_store_told(struct sighting_store *store, const char *partner, const char *made, uint64_t first,
	int (*visit)(void *context, const struct sighting *sighting, struct why *why), void *context, struct why *why)
{
	struct database *d = &store->database;
	sqlite3_stmt *query = database_prepare(d, "SELECT " SIGHTING_COLUMNS ", name, scope FROM sighting"
						  " WHERE partner = ? AND day >= ? AND made = ? AND state IN (0, 1)"
						  " ORDER BY day, uuid");
	struct why unread;
	int status = 0;
	d->work = 0;
	database_bind(d, query, "tit", partner, first, made);
	while (status == 0 && database_next_row(d, query)) {
		char name[DATABASE_TEXT];
		struct sighting sighting;
		read_sighting(query, &sighting);
		sighting.name = database_text(query, 13, name);
		sighting.scope = database_number(query, 14) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT;
		status = visit(context, &sighting, why);
	}
	int ended = database_end_query(d, query, status == 0 ? why : &unread);
	return status != 0 ? status : ended;
}

/* ---- looking ---- */

static int count_ended(struct database *d, const char *partner, struct sighting_counts *counts, struct why *why)
{
	sqlite3_stmt *query = database_prepare(d, "SELECT state, count FROM ended WHERE partner = ?");
	database_bind(d, query, "t", partner);
	while (database_next_row(d, query))
		if (database_number(query, 0) < SIGHTING_STATES)
			counts->ended[database_number(query, 0)] = database_number(query, 1);
	return database_end_query(d, query, why);
}

static int count_day(struct database *d, const char *partner, struct sighting_counts *counts, struct why *why)
{
	sqlite3_stmt *query = database_prepare(d, "SELECT c.day, c.found, w.reason, w.count FROM closed_day c LEFT "
						  "JOIN withheld w ON w.partner = c.partner"
						  " AND w.day = c.day WHERE c.partner = ?1 AND c.day = (SELECT "
						  "max(day) FROM closed_day WHERE partner = ?1)");
	char reason[DATABASE_TEXT];
	database_bind(d, query, "t", partner);
	while (database_next_row(d, query)) {
		counts->day = database_number(query, 0);
		counts->found = database_number(query, 1);
		database_text(query, 2, reason);
		for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
			if (strcmp(withheld_word(w), reason) == 0)
				counts->withheld[w] = database_number(query, 3);
	}
	return database_end_query(d, query, why);
}

int sighting_store_counts(
	struct sighting_store *store, const char *partner, struct sighting_counts *counts, struct why *why)
{
	struct database *d = &store->database;
	*counts = (struct sighting_counts){0};
	int status = ask_number(
		d, "SELECT count(*) FROM sighting WHERE state = 0 AND partner = ?", partner, &counts->pending, why);
	if (status == 0)
		status = count_ended(d, partner, counts, why);
	return status == 0 ? count_day(d, partner, counts, why) : status;
}

#define EACH_SIGHTING                                                                                                  \
	"SELECT " SIGHTING_COLUMNS ", partner, name, scope, feed, words FROM sighting"                                 \
	" WHERE (?1 IS NULL OR partner = ?1) AND (?3 = 4 OR state = ?3) AND "
#define EACH_ORDER " ORDER BY day DESC, id LIMIT ?4"

int sighting_store_each(struct sighting_store *store, const struct sighting_question *q,
	void (*visit)(void *context, const char *partner, const struct sighting *sighting), void *context,
	struct why *why)
{
	struct database *d = &store->database;
	/* One statement for both would go through all rows to find those of a name. */
	sqlite3_stmt *query = database_prepare(
		d, q->name ? EACH_SIGHTING "name = ?2" EACH_ORDER : EACH_SIGHTING "?2 IS NULL" EACH_ORDER);
	d->work = 0;
	database_bind(d, query, "ttii", q->partner, q->name, (uint64_t)q->state,
		q->limit > 0 && q->limit < INT64_MAX ? q->limit : (uint64_t)INT64_MAX);
	while (database_next_row(d, query)) {
		char partner[DATABASE_TEXT], name[DATABASE_TEXT], feed[DATABASE_TEXT], words[DATABASE_TEXT];
		struct sighting sighting;
		read_sighting(query, &sighting);
		database_text(query, 13, partner);
		sighting.name = database_text(query, 14, name);
		sighting.scope = database_number(query, 15) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT;
		sighting.feed = database_text(query, 16, feed);
		sighting.words = database_text(query, 17, words);
		visit(context, partner, &sighting);
	}
	return database_end_query(d, query, why);
}
