/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the store. See trends_store.h. */
#include <string.h>

#include "feedsync/trends/trends_private.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"
#include "libweir/little_endian.h"

/* SQLite's numbers are signed. */
static uint64_t bounded_number(uint64_t number)
{
	return number < INT64_MAX ? number : INT64_MAX;
}

static enum action action_column(sqlite3_stmt *row, int column)
{
	enum action action = ACTION_ALLOW;
	const char *word = (const char *)sqlite3_column_text(row, column);
	return word && action_from_text(word, &action) == 0 ? action : ACTION_ALLOW;
}

static enum scope scope_column(sqlite3_stmt *row, int column)
{
	return database_number(row, column) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT;
}

#define RULE_COLUMNS "SELECT r.day, r.name, r.scope, r.category, r.action, r.grp, r.hits, r.low, r.high, r.hours FROM "

static void read_hours(sqlite3_stmt *row, int column, uint32_t hours[TRENDS_HOURS])
{
	size_t length;
	const uint8_t *octets = database_octets(row, column, &length);
	for (unsigned i = 0; length == TRENDS_HOURS * sizeof *hours && i < TRENDS_HOURS; i++)
		hours[i] = get_u32(octets + 4 * (size_t)i);
}

static int visit_rules(struct trends *t, sqlite3_stmt *s, void (*visit)(void *context, const struct trends_rule *rule),
	void *context, struct why *why)
{
	while (database_next_row(&t->database, s)) {
		char name[DATABASE_TEXT], category[DATABASE_TEXT], group[DATABASE_TEXT];
		struct trends_rule rule = {.day = database_number(s, 0),
			.name = database_text(s, 1, name),
			.scope = scope_column(s, 2),
			.category = database_text(s, 3, category),
			.action = action_column(s, 4),
			.group = database_text(s, 5, group),
			.hits = database_number(s, 6),
			.low = sqlite3_column_double(s, 7),
			.high = sqlite3_column_double(s, 8)};
		read_hours(s, 9, rule.hours);
		visit(context, &rule);
	}
	return database_end_query(&t->database, s, why);
}

int trends_rules(struct trends *t, uint64_t first, uint64_t last, uint64_t limit,
	void (*visit)(void *context, const struct trends_rule *rule), void *context, struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database,
		RULE_COLUMNS "rule_day r WHERE r.day BETWEEN ? AND ?"
			     " ORDER BY r.day, r.hits DESC, r.name, r.scope, r.category, r.action, r.grp LIMIT ?");
	t->database.work = 0;
	database_bind(&t->database, s, "iii", bounded_number(first), bounded_number(last),
		limit > 0 ? bounded_number(limit) : (uint64_t)INT64_MAX);
	return visit_rules(t, s, visit, context, why);
}

int trends_rules_of_name(struct trends *t, const char *name, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_rule *rule), void *context, struct why *why)
{
	/* By way of the days, each row is found by the beginning of its key. */
	sqlite3_stmt *s = database_prepare(&t->database,
		RULE_COLUMNS "day d CROSS JOIN rule_day r ON r.day = d.day AND r.name = ? WHERE d.day BETWEEN ? AND ?"
			     " ORDER BY d.day DESC, r.scope, r.category, r.action, r.grp");
	t->database.work = 0;
	database_bind(&t->database, s, "tii", name, bounded_number(first), bounded_number(last));
	return visit_rules(t, s, visit, context, why);
}

static sqlite3_stmt *hours_between(struct trends *t, const char *sql, uint64_t first, uint64_t last)
{
	sqlite3_stmt *s = database_prepare(&t->database, sql);
	t->database.work = 0;
	database_bind(&t->database, s, "ii", bounded_number(first), bounded_number(last));
	return s;
}

int trends_feeds(struct trends *t, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_feed_hits *hits), void *context, struct why *why)
{
	sqlite3_stmt *s = hours_between(t,
		"SELECT hour, feed, category, action, hits FROM feed_hour WHERE hour BETWEEN ? AND ?"
		" ORDER BY hour, feed, category, action",
		first, last);
	while (database_next_row(&t->database, s)) {
		char feed[DATABASE_TEXT], category[DATABASE_TEXT];
		const struct trends_feed_hits hits = {.hour = database_number(s, 0),
			.feed = database_text(s, 1, feed),
			.category = database_text(s, 2, category),
			.action = action_column(s, 3),
			.hits = database_number(s, 4)};
		visit(context, &hits);
	}
	return database_end_query(&t->database, s, why);
}

int trends_groups(struct trends *t, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_group_hits *hits), void *context, struct why *why)
{
	sqlite3_stmt *s = hours_between(t,
		"SELECT hour, grp, action, hits FROM group_hour WHERE hour BETWEEN ? AND ? ORDER BY hour, grp, action",
		first, last);
	while (database_next_row(&t->database, s)) {
		char group[DATABASE_TEXT];
		const struct trends_group_hits hits = {.hour = database_number(s, 0),
			.group = database_text(s, 1, group),
			.action = action_column(s, 2),
			.hits = database_number(s, 3)};
		visit(context, &hits);
	}
	return database_end_query(&t->database, s, why);
}

int trends_traffics(struct trends *t, uint64_t first, uint64_t last,
	void (*visit)(void *context, const struct trends_traffic *traffic), void *context, struct why *why)
{
	sqlite3_stmt *s = hours_between(t,
		"SELECT hour, queries, blocked, logged, opted_out, unattributed, lost_minutes FROM traffic"
		" WHERE hour BETWEEN ? AND ? ORDER BY hour",
		first, last);
	while (database_next_row(&t->database, s)) {
		const struct trends_traffic traffic = {.hour = database_number(s, 0),
			.queries_known = sqlite3_column_type(s, 1) != SQLITE_NULL,
			.queries = database_number(s, 1),
			.blocked = database_number(s, 2),
			.logged = database_number(s, 3),
			.opted_out = database_number(s, 4),
			.unattributed = database_number(s, 5),
			.lost_minutes = database_number(s, 6)};
		visit(context, &traffic);
	}
	return database_end_query(&t->database, s, why);
}

int trends_counts(struct trends *t, const char *process, void (*visit)(void *context, const char *what, uint64_t count),
	void *context, struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database, "SELECT what, count FROM process_count WHERE process = ?");
	database_bind(&t->database, s, "t", process);
	while (database_next_row(&t->database, s)) {
		char what[DATABASE_TEXT];
		visit(context, database_text(s, 0, what), database_number(s, 1));
	}
	return database_end_query(&t->database, s, why);
}
