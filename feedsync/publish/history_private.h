/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the log share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/publish/database.h"

struct history {
	struct database database;
	bool has_error_class; /* the column feed.error_class is there: files of older versions have none */
	sqlite3_stmt *change; /* the statement that is used thousands of times */
	uint64_t kept_added, kept_removed;
};

/* A query with up to two values in it, those that its text has places for. */
sqlite3_stmt *history_query(struct history *history, const char *sql, uint64_t first, uint64_t second);

/* Whether the log has a table: those for what is rare are made when the first of it is logged. */
bool history_has_table(struct history *history, const char *name);
