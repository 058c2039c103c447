/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening the log and writing to it. See history.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/maxima.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/history_private.h"
#include "libweir/errors.h"

/* The schema's version is the file's user_version. */
#define VERSION 1
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
	"CREATE INDEX change_name ON change(name);"
	"PRAGMA user_version=" TEXT_OF(VERSION) ";";

void history_note(struct history *h, int error)
{
	if (h->error == 0)
		h->error = error;
}

int history_result(struct history *h, struct why *why)
{
	int error = h->error;
	h->error = 0;
	if (error == 0)
		return 0;
	/* SQLite's own words for the last call are better, if they are about this error. */
	const char *text = sqlite3_extended_errcode(h->db) == error ? sqlite3_errmsg(h->db) : sqlite3_errstr(error);
	return why_set(why, (error & 0xff) == SQLITE_NOMEM ? -ENOMEM : -EIO, "%.150s: %s", h->path, text);
}

sqlite3_stmt *history_prepare(struct history *h, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int error = h->error ? SQLITE_OK : sqlite3_prepare_v2(h->db, sql, -1, &statement, NULL);
	history_note(h, error);
	return statement;
}

void history_execute(struct history *h, const char *sql)
{
	if (h->error == 0)
		history_note(h, sqlite3_exec(h->db, sql, NULL, NULL, NULL));
}

/* ---- opening ---- */

/* Creates the file with our mode; SQLite would choose another one. Its journal gets the same mode. */
static int create(const struct history *h, struct why *why)
{
	int fd = open(h->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE_PRIVATE);
	if (fd < 0)
		return errno == EEXIST ? 0 : why_set(why, -errno, "%.150s: %s", h->path, error_text(-errno));
	int status = fchmod(fd, MODE_PRIVATE) == 0 ? 0 : -errno;
	close(fd);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", h->path, error_text(status));
}

static int64_t read_version(struct history *h)
{
	sqlite3_stmt *statement = history_prepare(h, "PRAGMA user_version");
	int64_t version = -1;
	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int64(statement, 0);
	if (statement)
		history_note(h, sqlite3_finalize(statement));
	return version;
}

static bool has_error_class(struct history *h)
{
	sqlite3_stmt *statement =
		history_prepare(h, "SELECT 1 FROM pragma_table_info('feed') WHERE name = 'error_class'");
	bool found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (statement)
		history_note(h, sqlite3_finalize(statement));
	return found;
}

/* Adds what came later to a file of an older version. */
static int add_columns(struct history *h, bool write, struct why *why)
{
	h->has_error_class = has_error_class(h);
	if (write && !h->has_error_class) {
		history_execute(h, "BEGIN IMMEDIATE");
		if (!has_error_class(h)) /* nobody was faster */
			history_execute(h, ADD_ERROR_CLASS);
		history_execute(h, "COMMIT");
		h->has_error_class = has_error_class(h);
	}
	return history_result(h, why);
}

static int check_version(struct history *h, bool write, struct why *why)
{
	int64_t version = read_version(h);
	if (version == 0 && write) {
		history_execute(h, "BEGIN IMMEDIATE");
		if (read_version(h) == 0) /* nobody was faster */
			history_execute(h, schema);
		history_execute(h, "COMMIT");
		version = read_version(h);
	}
	int status = history_result(h, why);
	if (status == 0 && version == 0)
		return why_set(why, -ENOENT, "%.150s: empty", h->path);
	if (status == 0 && version != VERSION)
		return why_set(why, WEIR_EVERSION, "%.150s: version %lld, this feedsync knows %d", h->path,
			(long long)version, VERSION);
	return status;
}

/* Refuses anything but regular files: SQLite would wait for ever to read a FIFO, in the place of the file or of those
 * that may stand beside it. */
static int check_kinds(const struct history *h, struct why *why)
{
	static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
	for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++) {
		char path[4200];
		struct stat st;
		snprintf(path, sizeof path, "%s%s", h->path, endings[i]);
		bool there = lstat(path, &st) == 0;
		if (!there && (i == 0 || errno != ENOENT))
			return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
		if (there && !S_ISREG(st.st_mode))
			return why_set(why, -EBADMSG, "%.150s: not a regular file", path);
	}
	return 0;
}

/* Bounds the work on the file, whatever has been done to it: a table may be a view of something that never ends. It
 * counts steps and not time, since a reader may take his time. */
static int count_step(void *history)
{
	return ++((struct history *)history)->work > HISTORY_WORK;
}

static int open_file(struct history *h, bool write, struct why *why)
{
	int status = write ? create(h, why) : 0;
	if (status == 0)
		status = check_kinds(h, why);
	if (status != 0)
		return status;
	int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOFOLLOW |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	history_note(h, sqlite3_open_v2(h->path, &h->db, flags, NULL));
	if (h->error == 0) {
		sqlite3_busy_timeout(h->db, HISTORY_WAIT_MS);
		sqlite3_progress_handler(h->db, HISTORY_STEP, count_step, h);
		/* The file is data, whatever has been done to it. */
		sqlite3_db_config(h->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(h->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		history_execute(h, "PRAGMA cell_size_check=1");
		if (write)
			history_execute(h, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
	}
	status = history_result(h, why);
	if (status == 0)
		status = check_version(h, write, why);
	return status == 0 ? add_columns(h, write, why) : status;
}

int history_open(struct history **history, const char *state, bool write, struct why *why)
{
	struct history *h = calloc(1, sizeof *h);
	if (!h)
		return why_set(why, -ENOMEM, "out of memory");
	snprintf(h->path, sizeof h->path, "%s/history.sqlite", state);
	int status = open_file(h, write, why);
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
	sqlite3_close(h->db);
	free(h);
}

/* ---- writing ---- */

void history_run(struct history *h, sqlite3_stmt *statement, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	for (int i = 0; statement && h->error == 0 && types[i]; i++)
		history_note(h, types[i] == 'i' ? sqlite3_bind_int64(statement, i + 1, (int64_t)va_arg(args, uint64_t))
						: sqlite3_bind_text(statement, i + 1, va_arg(args, const char *), -1,
							  SQLITE_STATIC));
	va_end(args);
	if (!statement || h->error)
		return;
	int error = sqlite3_step(statement);
	history_note(h, error == SQLITE_DONE ? SQLITE_OK : error);
	sqlite3_reset(statement);
}

void history_begin(struct history *h)
{
	h->kept_added = h->kept_removed = 0;
	history_execute(h, "BEGIN IMMEDIATE");
	if (!h->change)
		h->change = history_prepare(h, "INSERT INTO change(generation,added,name,scope,kind,feed,category)"
					       " VALUES(?,?,?,?,?,?,?)");
}

void history_add_change(struct history *h, uint64_t generation, const struct table_change *change)
{
	uint64_t *kept = change->added ? &h->kept_added : &h->kept_removed;
	if (*kept == HISTORY_CHANGES)
		return;
	++*kept;
	history_run(h, h->change, "iitiitt", generation, (uint64_t)change->added, change->name, (uint64_t)change->scope,
		(uint64_t)change->kind, change->feed, change->category);
}

void history_add_feed(struct history *h, uint64_t generation, const struct history_feed *feed)
{
	sqlite3_stmt *statement =
		history_prepare(h, "INSERT INTO feed(generation,name,result,entries,rejected,added,removed,error_class)"
				   " VALUES(?,?,?,?,?,?,?,?)");
	history_run(h, statement, "ittiiiit", generation, feed->name, feed->result, feed->entries, feed->rejected,
		feed->added, feed->removed, feed->error_class);
	sqlite3_finalize(statement);
}

/* Removes the oldest details: rows are numbered in the order in which they came. */
static void forget_oldest(struct history *h)
{
	history_execute(h, "DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - " TEXT_OF(HISTORY_ROWS));
	history_execute(h, "DELETE FROM feed WHERE id <= (SELECT max(id) FROM feed) - " TEXT_OF(HISTORY_ROWS));
}

void history_add_publish(struct history *h, const struct history_publish *p)
{
	sqlite3_stmt *statement = history_prepare(h, "INSERT INTO publish VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	history_run(h, statement, "iittiiiiiiiiiiii", p->generation, p->time, p->cause, p->user, p->content_of,
		p->rules, p->entries, p->octets, p->sum, p->fetch_ms, p->compile_ms, p->publish_ms,
		(uint64_t)p->policy_changed, (uint64_t)p->counted, p->added, p->removed);
	sqlite3_finalize(statement);
	forget_oldest(h);
}

int history_commit(struct history *h, struct why *why)
{
	history_execute(h, "COMMIT");
	int status = history_result(h, why);
	if (status != 0 && sqlite3_get_autocommit(h->db) == 0)
		sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
