/* SPDX-License-Identifier: BSD-3-Clause */
/* What history.c and history_read.c share. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct why;

struct history {
	sqlite3 *db;
	char path[4096];
	uint64_t work;        /* steps of HISTORY_STEP */
	bool has_error_class; /* the column feed.error_class is there: files of older versions have none */
	int error;            /* SQLite's first error of this transaction, 0 = none */
	sqlite3_stmt *change; /* the statement that is used thousands of times */
	uint64_t kept_added, kept_removed;
};

/* Prepares a statement; NULL with the error noted. */
sqlite3_stmt *history_prepare(struct history *history, const char *sql);

/* Runs statements, unless an error is noted; notes the error. */
void history_execute(struct history *history, const char *sql);

/* Likewise binds values to a statement and runs it: "i" a uint64_t, "t" a text. */
void history_run(struct history *history, sqlite3_stmt *statement, const char *types, ...);

/* Notes an error of SQLite's unless one is noted already. */
void history_note(struct history *history, int error);

/* The error noted, if any, as a code with its reason; forgets it. */
int history_result(struct history *history, struct why *why);
