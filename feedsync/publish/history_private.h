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
