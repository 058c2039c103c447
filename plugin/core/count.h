/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting what was decided: the live counters, and the hits by feed, category and action. */
#pragma once

#include <stdint.h>

#include "plugin/core/current_table.h"
#include "plugin/core/decide.h"

struct sockaddr_storage;

/* Counts a ruling for a query of a client; `client` may be NULL. What says nothing is not counted. */
void count_ruling(const struct current_table *table, const struct current_slot *slot, const struct ruling *ruling,
	uint16_t qtype, uint16_t group, const struct sockaddr_storage *client);
