/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts what was decided: in the live counters, and in the hits by feed, category and action. */
#pragma once

#include <stdint.h>

#include "plugin/core/current_table.h"
#include "plugin/core/decide.h"

struct sockaddr_storage;

/* Counts a ruling for a query of a client, who may be NULL. A ruling that says nothing is not counted. Any worker, with the
 * table held. */
void count_ruling(const struct current_table *table, const struct current_slot *slot, const struct ruling *ruling,
	uint16_t qtype, uint16_t group, const struct sockaddr_storage *client);
