/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts what was decided: in the live counters, in the hits by feed, category and action, and in the cells by rule. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "plugin/core/current_table.h"
#include "plugin/core/decide.h"

struct sockaddr_storage;

/* What is counted of a query beside the ruling. */
struct counted_query {
	uint16_t qtype;
	uint16_t group;                        /* of the client */
	const struct sockaddr_storage *client; /* NULL: not known */
	time_t now;
};

/* Counts a ruling for a query. A ruling that says nothing is not counted. Any worker, with the table held; the slot is its
 * own. */
void count_ruling(const struct current_table *table, struct current_slot *slot, const struct ruling *ruling,
	const struct counted_query *query);
