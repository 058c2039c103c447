/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

void database_note(struct database *d, int error)
{
	if (d->error == 0)
		d->error = error;
}

int database_result(struct database *d, struct why *why)
{
	int error = d->error;
	d->error = 0;
	if (error == 0)
		return 0;
	/* SQLite's own words for the last call are better, if they are about this error. */
	const char *text = sqlite3_extended_errcode(d->db) == error ? sqlite3_errmsg(d->db) : sqlite3_errstr(error);
	return why_set(why, (error & 0xff) == SQLITE_NOMEM ? -ENOMEM : -EIO, "%.150s: %s", d->path, text);
}

sqlite3_stmt *database_prepare(struct database *d, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int error = d->error ? SQLITE_OK : sqlite3_prepare_v2(d->db, sql, -1, &statement, NULL);
	database_note(d, error);
	return statement;
}

void database_execute(struct database *d, const char *sql)
{
	if (d->error == 0)
		database_note(d, sqlite3_exec(d->db, sql, NULL, NULL, NULL));
}

/* ---- opening ---- */

/* Creates the file with our mode; SQLite would choose another one. Its journal gets the same mode. */
static int create_database(const struct database *d, struct why *why)
{
	int fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE_PRIVATE);
	if (fd < 0)
		return errno == EEXIST ? 0 : why_set(why, -errno, "%.150s: %s", d->path, error_text(-errno));
	int status = fchmod(fd, MODE_PRIVATE) == 0 ? 0 : -errno;
	close(fd);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", d->path, error_text(status));
}

static int64_t read_schema_version(struct database *d)
{
	sqlite3_stmt *statement = database_prepare(d, "PRAGMA user_version");
	int64_t version = -1;
	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int64(statement, 0);
	if (statement)
		database_note(d, sqlite3_finalize(statement));
	return version;
}

static int check_schema_version(struct database *d, bool write, struct why *why)
{
	int64_t version = read_schema_version(d);
	if (version == 0 && write) {
		char set_version[64];
		snprintf(set_version, sizeof set_version, "PRAGMA user_version=%d", d->kind->version);
		database_execute(d, "BEGIN IMMEDIATE");
		if (read_schema_version(d) == 0) { /* nobody was faster */
			database_execute(d, d->kind->schema);
			database_execute(d, set_version);
		}
		database_execute(d, "COMMIT");
		version = read_schema_version(d);
	}
	int status = database_result(d, why);
	if (status == 0 && version == 0)
		return why_set(why, -ENOENT, "%.150s: empty", d->path);
	if (status == 0 && version != d->kind->version)
		return why_set(why, WEIR_EVERSION, "%.150s: version %lld, this feedsync knows %d", d->path,
			(long long)version, d->kind->version);
	return status;
}

/* Refuses anything but regular files: SQLite would wait for ever to read a FIFO, in the place of the file or of those
 * that may stand beside it. */
static int check_file_kinds(const struct database *d, struct why *why)
{
	static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
	for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++) {
		char path[4200];
		struct stat st;
		snprintf(path, sizeof path, "%s%s", d->path, endings[i]);
		bool there = lstat(path, &st) == 0;
		if (!there && (i == 0 || errno != ENOENT))
			return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
		if (there && !S_ISREG(st.st_mode))
			return why_set(why, -EBADMSG, "%.150s: not a regular file", path);
	}
	return 0;
}

/* It counts steps and not time, since a reader may take his time. */
static int count_step(void *database)
{
	struct database *d = database;
	return ++d->work > d->kind->max_work;
}

static int open_database(
	struct database *d, const struct database_kind *kind, const char *state, bool write, struct why *why)
{
	*d = (struct database){.kind = kind};
	snprintf(d->path, sizeof d->path, "%s/%s", state, kind->name);
	int status = write ? create_database(d, why) : 0;
	if (status == 0)
		status = check_file_kinds(d, why);
	if (status != 0)
		return status;
	int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOFOLLOW |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	database_note(d, sqlite3_open_v2(d->path, &d->db, flags, NULL));
	if (d->error == 0) {
		sqlite3_busy_timeout(d->db, DATABASE_WAIT_MS);
		sqlite3_progress_handler(d->db, DATABASE_STEP, count_step, d);
		/* The file is data, whatever has been done to it. */
		sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		database_execute(d, "PRAGMA cell_size_check=1");
		if (write)
			database_execute(d, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
	}
	status = database_result(d, why);
	return status == 0 ? check_schema_version(d, write, why) : status;
}

/* Rolls back what a writer left that was ended in the midst of a commit; for who may write. */
static void recover_database(struct database *d)
{
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(d->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, DATABASE_WAIT_MS);
		sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
	}
	sqlite3_close(db);
}

int database_open(
	struct database *database, const struct database_kind *kind, const char *state, bool write, struct why *why)
{
	int status = open_database(database, kind, state, write, why);
	if (status == 0 || write || sqlite3_extended_errcode(database->db) != SQLITE_READONLY_ROLLBACK)
		return status;
	recover_database(database);
	database_close(database);
	return open_database(database, kind, state, write, why);
}

void database_close(struct database *database)
{
	sqlite3_close(database->db);
	database->db = NULL;
}

/* ---- statements ---- */

static void bind_values(struct database *d, sqlite3_stmt *statement, const char *types, va_list args)
{
	for (int i = 0; statement && d->error == 0 && types[i]; i++) {
		if (types[i] == 'i') {
			database_note(d, sqlite3_bind_int64(statement, i + 1, (int64_t)va_arg(args, uint64_t)));
		} else if (types[i] == 't') {
			const char *text = va_arg(args, const char *);
			database_note(d, sqlite3_bind_text(statement, i + 1, text, -1, SQLITE_STATIC));
		} else {
			const void *octets = va_arg(args, const void *);
			size_t length = va_arg(args, size_t);
			database_note(d, sqlite3_bind_blob64(statement, i + 1, octets, length, SQLITE_STATIC));
		}
	}
}

void database_bind(struct database *d, sqlite3_stmt *statement, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	bind_values(d, statement, types, args);
	va_end(args);
}

void database_run(struct database *d, sqlite3_stmt *statement, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	bind_values(d, statement, types, args);
	va_end(args);
	if (!statement || d->error)
		return;
	int error = sqlite3_step(statement);
	database_note(d, error == SQLITE_DONE ? SQLITE_OK : error);
	sqlite3_reset(statement);
}

bool database_next_row(struct database *d, sqlite3_stmt *statement)
{
	int step = statement && d->error == 0 ? sqlite3_step(statement) : SQLITE_DONE;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		database_note(d, step);
	return step == SQLITE_ROW;
}

uint64_t database_number(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

const char *database_text(sqlite3_stmt *row, int column, char text[DATABASE_TEXT])
{
	const unsigned char *value = sqlite3_column_text(row, column);
	clean_text(text, DATABASE_TEXT, value ? (const char *)value : "");
	return text;
}

const uint8_t *database_octets(sqlite3_stmt *row, int column, size_t *length)
{
	const uint8_t *octets = sqlite3_column_blob(row, column);
	*length = octets ? (size_t)sqlite3_column_bytes(row, column) : 0;
	return octets;
}

int database_end_query(struct database *d, sqlite3_stmt *statement, struct why *why)
{
	int status = database_result(d, why);
	sqlite3_finalize(statement);
	return status;
}

void database_begin(struct database *d)
{
	d->work = 0;
	database_execute(d, "BEGIN IMMEDIATE");
}

int database_commit(struct database *d, struct why *why)
{
	database_execute(d, "COMMIT");
	int status = database_result(d, why);
	if (status != 0 && sqlite3_get_autocommit(d->db) == 0)
		sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
