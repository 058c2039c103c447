/* SPDX-License-Identifier: BSD-3-Clause */
/* Puts nodes into the lines of an index (format.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/sort.h"
#include "libweir/format.h"

struct index {
	struct weir_line *lines; /* malloc'ed by index_build; names not filled in */
	uint64_t *filter;        /* likewise */
	uint32_t homes;
	uint32_t count;   /* lines */
	uint64_t marks;   /* nodes without a rule */
	uint32_t crowded; /* after WEIR_ELIMIT: the line that is home to too many; 0 homes: there are too many in all */
};

/* How many home lines suit so many nodes. The numbers are steps of a geometric row, so tables of nearly the same size
 * have the same geometry and differ in few octets. */
uint32_t index_homes(uint64_t nodes);

/* Whether a table with so many homes may keep them for so many nodes. */
bool index_homes_fit(uint32_t homes, uint64_t nodes);

void index_free(struct index *index);

/* Builds an index of rules (records sorted by key) and marks (sorted keys of names with rules below them; a mark with a
 * rule's key only sets that rule's MORE). Returns 0, -ENOMEM, or WEIR_ELIMIT when a node would lie more than
 * WEIR_MAX_REACH lines from home. index_free must follow in each case. */
must_check int index_build(struct index *index, uint32_t homes, const struct record *rules, size_t rule_count,
	const uint64_t *marks, size_t mark_count);
