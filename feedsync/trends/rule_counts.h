/* SPDX-License-Identifier: BSD-3-Clause */
/* What has come of each rule since the last commit: cells' news summed up in memory. One thread at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/live/cells.h"

struct rule_count {
	struct rule_count *next; /* of those with the same place in the table; private */
	uint64_t hash;           /* private */
	uint64_t hits;
	uint64_t day; /* of the clients */
	struct client_set clients;
	enum scope scope;
	enum action action;
	const char *category, *group;
	const char *name; /* as name_to_text writes it */
};

struct rule_counts {
	struct rule_count **slot; /* a hash table of lists */
	size_t slots, count;
};

/* Adds news. Returns 0, or -ENOMEM or WEIR_ELIMIT (MAX_RULE_COUNTS) with nothing added. */
must_check int rule_counts_add(struct rule_counts *counts, const struct cell_news *news);

/* Frees all; a zeroed structure is fine. */
void rule_counts_clear(struct rule_counts *counts);
