/* SPDX-License-Identifier: BSD-3-Clause */
/* From a ruling to what the client gets. All memory is from the query's region.
 *
 * A negative answer carries a SOA (RFC 2308) whose owner is the matched rule's name, or the query name where a target
 * decided, with the table's generation as its serial and the time at which the table was made (seconds since 1970) as
 * its refresh timer. The Extended DNS Error (RFC 8914) goes to those clients only that sent EDNS; where it would make an
 * answer longer than a client can take, that one gets it without its text, or not at all.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "plugin/core/decide.h"

struct module_qstate;
struct reply_info;
struct weir_header;

/* What remains to be done. */
enum answer {
	ANSWER_COMPLETE, /* message or return code are set */
	ANSWER_RESOLVE,  /* the query goes on as if it were not blocked: over TCP clients get the true answer */
	ANSWER_WAIT,     /* for the redirect target's records: answer_merge comes next */
	ANSWER_FAILED,   /* no memory; the state is untouched */
};

/* Puts the blocked answer into the query state. `answered`: there is a true answer in it already. */
must_check enum answer answer_blocked(
	struct module_qstate *qstate, const struct ruling *ruling, const struct weir_header *header, bool answered);

/* Makes of the query's own copy of an expired answer, which Unbound is about to send to those who wait, one that is blocked.
 * What takes more than a message is done as far as one can: who is dropped is refused, a redirect is the CNAME alone, and
 * who is to ask over TCP is told so if all asked over UDP. Returns false when there is no memory. */
must_check bool answer_early(struct module_qstate *qstate, const struct ruling *ruling,
	const struct weir_header *header, struct reply_info *rep);

/* Adds to a redirected query's answer what its target has, `found`, whose query has ended. */
void answer_merge(struct module_qstate *qstate, const struct module_qstate *found);
