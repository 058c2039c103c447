/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the store share. */
#pragma once

#include "feedsync/publish/database.h"
#include "libweir/live/client_set.h"

enum {
	TRENDS_HOURS = 24,
	KEYED_SET_OCTETS = 8 + CLIENT_SET_OCTETS, /* a key, and what it tells of clients (trends_store.c) */
};

/* Statements that are used thousands of times in a transaction. */
enum trends_statement { FIND_RULE, PUT_RULE, PUT_FEED, PUT_GROUP, PUT_COUNT, TRENDS_STATEMENTS };

struct trends {
	struct database database;
	sqlite3_stmt *statement[TRENDS_STATEMENTS];
	uint64_t day; /* that the table `day` is known to have */
};
