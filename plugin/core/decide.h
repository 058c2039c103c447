/* SPDX-License-Identifier: BSD-3-Clause */
/* What is decided for a query. Pure logic over a table: knows nothing of Unbound. Any thread. */
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
	bool target; /* decided by a name in the answer, not by the query name */
};

/* Decides by a name, for a client of a group (policy.h). */
struct ruling decide_name(const struct table *table, const uint8_t *name, size_t length, uint16_t group);

/* Decides by a question: its name, and its type (IANA's number).
 *
 * The types of the chain of trust, DS and DNSKEY, are not for who visits a name, but for who validates what is there and
 * below (RFC 4035 section 5): whoever is refused them takes all that is below for forged, and answers SERVFAIL. DS
 * records, or the proof that there are none, are the data of the zone above (RFC 4035 section 2.4), so a rule of the name
 * itself says nothing of them; DNSKEY records are those of a whole zone, so an exact rule of its name does not either.
 * What covers more than the name, a subtree rule, counts; but not where something below it is listed on its own: that
 * may be allowed. */
struct ruling decide_question(
	const struct table *table, const uint8_t *qname, size_t length, uint16_t qtype, uint16_t group);

/* Whether a question is one whose answer may lead its client somewhere: to the targets in it. DS and DNSKEY do not, and
 * whoever validates what is below an alias of a listed name needs to be told that there is no other zone. */
bool question_leads(uint16_t qtype);

/* Decides by a name that an answer leads to: the target of an alias or of a service record. Only rules of feeds that
 * check targets count, and an allow rule for the target decides nothing for the query. */
struct ruling decide_target(const struct table *table, const uint8_t *target, size_t length, uint16_t group);

/* Whether the ruling keeps the answer from the client, or (truncate) from being given as it is. */
bool ruling_blocks(const struct ruling *ruling);

/* The same for the client for whom it is worst. */
bool ruling_blocks_anyone(const struct ruling *ruling);

/* The one with the stronger action; a ruling that says nothing is the weakest. Of equals the first. */
struct ruling ruling_stronger(struct ruling a, struct ruling b);
