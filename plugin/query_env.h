/* SPDX-License-Identifier: BSD-3-Clause */
/* What a query is checked with. */
#pragma once

#include <stdbool.h>

struct current_slot;
struct current_table;
struct store;

struct query_env {
	const struct current_table *table; /* the one in force */
	struct current_slot *slot;         /* the worker's */
	struct store *store;               /* NULL: there is none */
	bool tells_apart;                  /* query_reply will be called for each client of a query that differs */
};
