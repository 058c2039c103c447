/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of SQLite's in the state directory: opening one whatever has been done to it, and the steps that every statement
 * takes. Its users add schema and statements. Only they and this file know SQLite.
 *
 * The first error of SQLite's is noted and the calls that follow do nothing, so that a sequence of them is judged once, at
 * its end (database_result). The work on a file is bounded: a table in it may be a view of something that never ends.
 *
 * The journal is SQLite's classic one, and each commit is synced. Unlike a write-ahead log it lets those read who may
 * only read the state directory. One thread at a time. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* What file it is. */
struct database_kind {
	const char *name;   /* in the state directory */
	const char *schema; /* statements that make it */
	int version;        /* of the schema; the file has it as its user_version */
	uint64_t max_work;  /* steps of DATABASE_STEP that may be spent between database_open or _begin and the end */
};

struct database {
	const struct database_kind *kind;
	sqlite3 *db;
	char path[4096];
	uint64_t work; /* steps of DATABASE_STEP */
	int error;     /* SQLite's first error, 0 = none */
};

/* Opens a file; `write` creates it where it is missing. Returns 0, or a negative code with the reason: -ENOENT where there
 * is none to read, -EBADMSG for what is no regular file, WEIR_EVERSION for another schema, -EIO for SQLite's errors.
 * database_close must follow in each case. */
must_check int database_open(
	struct database *database, const struct database_kind *kind, const char *state, bool write, struct why *why);

/* Closes it; what was not committed is lost. All statements must be finalized before. */
void database_close(struct database *database);

/* Prepares a statement; NULL with the error noted. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql);

/* Runs statements, unless an error is noted; notes the error. */
void database_execute(struct database *database, const char *sql);

/* Binds values to a statement: "i" a uint64_t, "t" a text (NULL is NULL), "b" octets and their number as size_t. Texts and
 * octets must last until the statement is reset. */
void database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* Binds likewise, runs the statement and resets it. */
void database_run(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* The next row of a query; false at its end or at an error, which is noted. */
must_check bool database_next_row(struct database *database, sqlite3_stmt *statement);

uint64_t database_number(sqlite3_stmt *row, int column);

/* A text of the row at hand, in the caller's buffer, cleaned for a terminal (clean.h). */
enum { DATABASE_TEXT = 1024 };
const char *database_text(sqlite3_stmt *row, int column, char text[DATABASE_TEXT]);

/* Octets of the row at hand and their number, valid until its next column or row is asked for; NULL and 0 for none. */
const uint8_t *database_octets(sqlite3_stmt *row, int column, size_t *length);

/* Notes an error of SQLite's unless one is noted already. */
void database_note(struct database *database, int error);

/* The error noted, if any, as a code with its reason; forgets it. */
must_check int database_result(struct database *database, struct why *why);

/* Finalizes a query and returns as database_result. */
must_check int database_end_query(struct database *database, sqlite3_stmt *statement, struct why *why);

/* A transaction. After an error nothing of it stays. */
void database_begin(struct database *database);
must_check int database_commit(struct database *database, struct why *why);
