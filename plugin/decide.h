/* What is decided for a query. Pure logic over a table: knows nothing of Unbound. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table.h"

struct ruling {
	enum decision kind;   /* DECISION_PASS where no rule says anything */
	struct effect effect; /* when kind is DECISION_BLOCK: what the client gets; ALLOW and LOG let the answer pass */
	const struct verdict *verdict; /* NULL where no rule says anything */
	const uint8_t *rule; /* the matched rule's name: the end of the name that was decided upon, and as long valid */
	size_t rule_length;
	bool target; /* decided by a name in the answer, not by the query name */
};

/* Decides by the query name, for a client of a group (policy.h). */
struct ruling decide_name(const struct table *table, const uint8_t *qname, size_t length, uint16_t group);

/* Decides by a name that an answer leads to: the target of an alias or of a service record. Only rules of feeds that
 * check targets count, and an allow rule for the target decides nothing for the query. */
struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length, uint16_t group);

/* Whether the ruling keeps the answer from the client, or (truncate) from being given as it is. */
bool ruling_blocks(const struct ruling *ruling);

/* The same for the client for whom it is worst. */
bool ruling_blocks_anyone(const struct ruling *ruling);

/* The one with the stronger action; a ruling that says nothing is the weakest. Of equals the first. */
struct ruling ruling_stronger(struct ruling a, struct ruling b);
