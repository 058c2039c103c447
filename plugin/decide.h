/* What is decided for a query. Pure logic over a table: knows nothing of Unbound. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"

struct ruling {
	enum decision kind; /* DECISION_PASS where no rule says anything */
	enum action action; /* when kind is DECISION_BLOCK: what the client gets; ACTION_LOG lets the answer pass */
	const struct verdict *verdict;          /* NULL where no rule says anything */
	const struct category_policy *category; /* of that action; NULL unless blocked */
	size_t rule_offset;                     /* octets into the name at which the rule's name begins */
	bool target;                            /* decided by a name in the answer, not by the query name */
};

/* Decides by the query name. */
struct ruling decide_name(const struct table *table, const uint8_t *qname, size_t length);

/* Decides by a name that an answer leads to: the target of an alias or of a service record. Only rules of feeds that
 * check targets count, and an allow rule for the target decides nothing for the query. */
struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length);

/* Whether the ruling keeps the answer from the client. */
bool ruling_blocks(const struct ruling *ruling);
