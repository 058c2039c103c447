/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening the store and writing to it. See trends_store.h. */
#include "feedsync/trends/trends_store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/trends/client_estimate.h"
#include "feedsync/trends/trends_private.h"
#include "libweir/errors.h"
#include "libweir/little_endian.h"

static const struct database_kind trends_kind = {
	.name = TRENDS_FILE,
	.version = 1,
	.max_work = TRENDS_WORK,
	.schema =
		/* hours: hits of each hour, 24 numbers of 4 octets. clients: sets by key, see struct keyed_set; `gone`
		 * is what the sets that had to make room told of. */
	"CREATE TABLE rule_day(day INTEGER NOT NULL, name TEXT NOT NULL, scope INTEGER NOT NULL, category TEXT NOT "
	"NULL,"
	" action TEXT NOT NULL, grp TEXT NOT NULL, hits INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,"
	" hours BLOB NOT NULL, clients BLOB, gone REAL NOT NULL,"
	" PRIMARY KEY(day, name, scope, category, action, grp)) WITHOUT ROWID;"
	/* The days that rule_day has, and whether it still has sets of them. */
	"CREATE TABLE day(day INTEGER PRIMARY KEY, sets INTEGER NOT NULL);"
	"CREATE TABLE feed_hour(hour INTEGER NOT NULL, feed TEXT NOT NULL, category TEXT NOT NULL, action TEXT NOT "
	"NULL,"
	" hits INTEGER NOT NULL, PRIMARY KEY(hour, feed, category, action)) WITHOUT ROWID;"
	"CREATE TABLE group_hour(hour INTEGER NOT NULL, grp TEXT NOT NULL, action TEXT NOT NULL, hits INTEGER NOT NULL,"
	" PRIMARY KEY(hour, grp, action)) WITHOUT ROWID;"
	"CREATE TABLE traffic(hour INTEGER PRIMARY KEY, queries INTEGER, blocked INTEGER NOT NULL, logged INTEGER NOT "
	"NULL,"
	" opted_out INTEGER NOT NULL, unattributed INTEGER NOT NULL, lost_minutes INTEGER NOT NULL);"
	"CREATE TABLE process_count(process TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY(process, what)) WITHOUT ROWID;",
};

static const char *const statements[TRENDS_STATEMENTS] = {
	[FIND_RULE] = "SELECT hits, hours, clients, gone, low, high FROM rule_day"
		      " WHERE day = ? AND name = ? AND scope = ? AND category = ? AND action = ? AND grp = ?",
	[PUT_RULE] = "INSERT OR REPLACE INTO rule_day(day, name, scope, category, action, grp, hits, hours, clients,"
		     " gone, low, high) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
	[PUT_FEED] = "INSERT INTO feed_hour(hour, feed, category, action, hits) VALUES(?,?,?,?,?)"
		     " ON CONFLICT DO UPDATE SET hits = hits + excluded.hits",
	[PUT_GROUP] = "INSERT INTO group_hour(hour, grp, action, hits) VALUES(?,?,?,?)"
		      " ON CONFLICT DO UPDATE SET hits = hits + excluded.hits",
	[PUT_COUNT] = "INSERT OR REPLACE INTO process_count(process, what, count) VALUES(?,?,?)",
};

int trends_open(struct trends **trends, const char *state, bool write, struct why *why)
{
	struct trends *t = calloc(1, sizeof *t);
	*trends = NULL;
	if (!t)
		return why_set(why, -ENOMEM, "out of memory");
	int status = database_open(&t->database, &trends_kind, state, write, why);
	if (status == 0 && write) /* a minute may touch all of a day: 64 MB of it are held in memory */
		database_execute(&t->database, "PRAGMA cache_size=-65536");
	if (status != 0)
		trends_close(&t);
	*trends = t;
	return status;
}

void trends_close(struct trends **trends)
{
	struct trends *t = *trends;
	*trends = NULL;
	if (!t)
		return;
	for (unsigned i = 0; i < TRENDS_STATEMENTS; i++)
		sqlite3_finalize(t->statement[i]);
	database_close(&t->database);
	free(t);
}

void trends_begin(struct trends *t)
{
	database_begin(&t->database);
	for (unsigned i = 0; i < TRENDS_STATEMENTS; i++)
		if (!t->statement[i])
			t->statement[i] = database_prepare(&t->database, statements[i]);
}

int trends_commit(struct trends *t, struct why *why)
{
	int status = database_commit(&t->database, why);
	if (status != 0)
		t->day = 0;
	return status;
}

/* ---- a rule's row ---- */

/* The clients that one key tells of. Sets of so many keys are there for each row; what comes beyond makes the oldest
 * one go. */
struct keyed_set {
	uint64_t key;
	struct client_set set;
};
enum { MAX_KEYS = 16 };

struct rule_row {
	uint64_t hits;
	uint32_t hours[TRENDS_HOURS];
	struct keyed_set sets[MAX_KEYS];
	unsigned set_count;
	double gone, low, high;
	bool new;
};

static void read_sets(struct rule_row *row, const uint8_t *octets, size_t length)
{
	for (; length >= KEYED_SET_OCTETS && row->set_count < MAX_KEYS; length -= KEYED_SET_OCTETS) {
		struct keyed_set *set = &row->sets[row->set_count++];
		set->key = get_u64(octets);
		memcpy(set->set.octet, octets + 8, CLIENT_SET_OCTETS);
		octets += KEYED_SET_OCTETS;
	}
}

static size_t write_sets(const struct rule_row *row, uint8_t octets[MAX_KEYS * KEYED_SET_OCTETS])
{
	for (unsigned i = 0; i < row->set_count; i++) {
		put_u64(octets + i * KEYED_SET_OCTETS, row->sets[i].key);
		memcpy(octets + i * KEYED_SET_OCTETS + 8, row->sets[i].set.octet, CLIENT_SET_OCTETS);
	}
	return row->set_count * (size_t)KEYED_SET_OCTETS;
}

/* Reads the row that is bound; a column that is not as it was written counts as empty. */
static void read_rule_row(struct trends *t, struct rule_row *row)
{
	sqlite3_stmt *s = t->statement[FIND_RULE];
	*row = (struct rule_row){.new = !database_next_row(&t->database, s)};
	if (row->new)
		return;
	row->hits = database_number(s, 0);
	size_t length;
	const uint8_t *hours = database_octets(s, 1, &length);
	for (unsigned i = 0; length == sizeof row->hours && i < TRENDS_HOURS; i++)
		row->hours[i] = get_u32(hours + 4 * (size_t)i);
	const uint8_t *sets = database_octets(s, 2, &length);
	read_sets(row, sets, length);
	row->gone = sqlite3_column_double(s, 3);
	row->low = sqlite3_column_double(s, 4);
	row->high = sqlite3_column_double(s, 5);
}

static void unite_set(struct rule_row *row, uint64_t key, const struct client_set *clients)
{
	unsigned i = 0;
	while (i < row->set_count && row->sets[i].key != key)
		i++;
	if (i == MAX_KEYS) {
		row->gone += client_estimate(&row->sets[0].set);
		memmove(&row->sets[0], &row->sets[1], (MAX_KEYS - 1) * sizeof row->sets[0]);
		row->set_count = i = MAX_KEYS - 1;
	}
	if (i == row->set_count)
		row->sets[row->set_count++] = (struct keyed_set){.key = key};
	client_set_unite(&row->sets[i].set, clients);
}

/* Each key's clients are at least so many; whether those of two keys are the same ones is not known. */
static void bound_clients(struct rule_row *row)
{
	double sum = row->gone;
	for (unsigned i = 0; i < row->set_count; i++) {
		double estimate = client_estimate(&row->sets[i].set);
		row->low = fmax(row->low, estimate);
		sum += estimate;
	}
	row->high = fmax(sum, row->high);
}

static void put_day(struct trends *t, uint64_t day)
{
	if (t->day == day)
		return;
	sqlite3_stmt *s = database_prepare(&t->database, "INSERT OR REPLACE INTO day(day, sets) VALUES(?, 1)");
	database_run(&t->database, s, "i", day);
	sqlite3_finalize(s);
	t->day = day;
}

static void put_rule_row(struct trends *t, const struct trends_rule_hits *h, const struct rule_row *row)
{
	sqlite3_stmt *s = t->statement[PUT_RULE];
	uint8_t hours[TRENDS_HOURS * 4], sets[MAX_KEYS * KEYED_SET_OCTETS];
	for (unsigned i = 0; i < TRENDS_HOURS; i++)
		put_u32(hours + 4 * (size_t)i, row->hours[i]);
	size_t length = write_sets(row, sets);
	if (s && t->database.error == 0) {
		database_note(&t->database, sqlite3_bind_double(s, 10, row->gone));
		database_note(&t->database, sqlite3_bind_double(s, 11, row->low));
		database_note(&t->database, sqlite3_bind_double(s, 12, row->high));
	}
	database_run(&t->database, s, "ititttibb", h->hour / TRENDS_HOURS, h->name, (uint64_t)h->scope, h->category,
		action_text(h->action), h->group, row->hits, hours, sizeof hours, sets, length);
}

void trends_add_rule(struct trends *t, const struct trends_rule_hits *h)
{
	struct rule_row row;
	uint64_t day = h->hour / TRENDS_HOURS;
	uint32_t *hour;
	sqlite3_stmt *find = t->statement[FIND_RULE];
	database_bind(&t->database, find, "itittt", day, h->name, (uint64_t)h->scope, h->category,
		action_text(h->action), h->group);
	read_rule_row(t, &row);
	sqlite3_reset(find);
	if (t->database.error || (row.new && h->hits == 0))
		return;
	row.hits += h->hits;
	hour = &row.hours[h->hour % TRENDS_HOURS];
	*hour = h->hits < UINT32_MAX - *hour ? *hour + (uint32_t)h->hits : UINT32_MAX;
	if (h->key != 0)
		unite_set(&row, h->key, &h->clients);
	row.low = fmax(row.low, h->told_low);
	row.gone += h->told_more;
	bound_clients(&row);
	put_day(t, day);
	put_rule_row(t, h, &row);
}

/* ---- the rest ---- */

void trends_add_feed(
	struct trends *t, uint64_t hour, const char *feed, const char *category, enum action action, uint64_t hits)
{
	database_run(&t->database, t->statement[PUT_FEED], "ittti", hour, feed, category, action_text(action), hits);
}

void trends_add_group(struct trends *t, uint64_t hour, const char *group, enum action action, uint64_t hits)
{
	database_run(&t->database, t->statement[PUT_GROUP], "itti", hour, group, action_text(action), hits);
}

void trends_add_traffic(struct trends *t, const struct trends_traffic *traffic)
{
	static const char insert[] =
		"INSERT INTO traffic(hour, blocked, logged, opted_out, unattributed, lost_minutes)"
		" VALUES(?,?,?,?,?,?) ON CONFLICT DO UPDATE SET blocked = blocked + excluded.blocked,"
		" logged = logged + excluded.logged, opted_out = opted_out + excluded.opted_out,"
		" unattributed = unattributed + excluded.unattributed,"
		" lost_minutes = lost_minutes + excluded.lost_minutes";
	static const char update[] = "UPDATE traffic SET queries = coalesce(queries, 0) + ? WHERE hour = ?";
	sqlite3_stmt *s = database_prepare(&t->database, insert);
	database_run(&t->database, s, "iiiiii", traffic->hour, traffic->blocked, traffic->logged, traffic->opted_out,
		traffic->unattributed, traffic->lost_minutes);
	sqlite3_finalize(s);
	if (!traffic->queries_known)
		return;
	s = database_prepare(&t->database, update);
	database_run(&t->database, s, "ii", traffic->queries, traffic->hour);
	sqlite3_finalize(s);
}

void trends_put_count(struct trends *t, const char *process, const char *what, uint64_t count)
{
	database_run(&t->database, t->statement[PUT_COUNT], "tti", process, what, count);
}

void trends_forget_process(struct trends *t, const char *process)
{
	sqlite3_stmt *s = database_prepare(&t->database, "DELETE FROM process_count WHERE process = ?");
	database_run(&t->database, s, "t", process);
	sqlite3_finalize(s);
}

void trends_forget_processes(struct trends *t, const char *but)
{
	sqlite3_stmt *s = database_prepare(&t->database, "DELETE FROM process_count WHERE process <> ?");
	database_run(&t->database, s, "t", but);
	sqlite3_finalize(s);
}

/* Runs a statement about what is older than a day or hour. */
static void forget_before(struct trends *t, const char *sql, uint64_t before)
{
	sqlite3_stmt *s = database_prepare(&t->database, sql);
	database_run(&t->database, s, "i", before);
	sqlite3_finalize(s);
}

void trends_forget(struct trends *t, uint64_t today, uint64_t rules_days, uint64_t hours_days)
{
	uint64_t rules_from = today > rules_days ? today - rules_days : 0;
	uint64_t hours_from = today > hours_days ? today - hours_days : 0;
	uint64_t sets_from = today > 0 ? today - 1 : 0;
	forget_before(t, "DELETE FROM rule_day WHERE day < ?", rules_from);
	forget_before(t, "DELETE FROM day WHERE day < ?", rules_from);
	forget_before(t,
		"UPDATE rule_day SET clients = NULL WHERE day IN (SELECT day FROM day WHERE day < ? AND sets = 1)"
		" AND clients IS NOT NULL",
		sets_from);
	forget_before(t, "UPDATE day SET sets = 0 WHERE day < ?", sets_from);
	forget_before(t, "DELETE FROM feed_hour WHERE hour < ?", hours_from * TRENDS_HOURS);
	forget_before(t, "DELETE FROM group_hour WHERE hour < ?", hours_from * TRENDS_HOURS);
	forget_before(t, "DELETE FROM traffic WHERE hour < ?", hours_from * TRENDS_HOURS);
	t->day = 0;
}
