/* SPDX-License-Identifier: BSD-3-Clause */
/* What is decided for a query. This is pure logic over a table, and knows nothing of Unbound. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/table.h"

struct ruling {
	enum decision kind;   /* DECISION_PASS where no rule says anything */
	struct effect effect; /* when kind is DECISION_BLOCK: what the client gets; ALLOW and LOG let the answer pass */
	const struct verdict *verdict; /* NULL where no rule says anything */
	const uint8_t *rule; /* the matched rule's name: the end of the name that was decided upon, and as long valid */
	size_t rule_length;
	uint64_t rule_key; /* keyed hash of it: another table may have another one for the same name */
	enum scope scope;  /* of that rule */
	bool target;       /* decided by a name in the answer, not by the query name */
};

/* Decides by a name, for a client of a group (policy.h). */
struct ruling decide_name(const struct table *table, const uint8_t *name, size_t length, uint16_t group);

/* Decides by a question: its name, and its type (IANA's number).
 *
 * DS and DNSKEY belong to the chain of trust. They do not serve who visits a name, but who validates what is at the
 * name and below it (RFC 4035 section 5). A validator that is refused them takes everything below for forged, and
 * answers SERVFAIL. DS records, or the proof that there are none, are data of the zone above (RFC 4035 section 2.4). So
 * a rule for the name itself says nothing about them. DNSKEY records belong to a whole zone, so an exact rule for its
 * name says nothing about them either. A subtree rule covers more than the name, and counts. But it does not count
 * where something below the name is listed on its own: that may be allowed. */
struct ruling decide_question(
	const struct table *table, const uint8_t *qname, size_t length, uint16_t qtype, uint16_t group);

/* Whether the answer to such a question may lead its client somewhere: to the targets in it. DS and DNSKEY do not.
 * Whoever validates what is below an alias of a listed name must be told that there is no other zone. */
bool question_leads(uint16_t qtype);

/* Decides by a name that an answer leads to: the target of an alias or of a service record. Only rules of feeds that
 * check targets count, and an allow rule for the target decides nothing for the query. */
struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length, uint16_t group);

/* Whether the ruling keeps the answer from the client, or (truncate) from being given as it is. */
bool ruling_blocks(const struct ruling *ruling);

/* The same for the client that is treated worst. */
bool ruling_blocks_anyone(const struct ruling *ruling);

/* The ruling with the stronger action. A ruling that says nothing is the weakest. If both are equal: the first. */
struct ruling ruling_stronger(struct ruling a, struct ruling b);
