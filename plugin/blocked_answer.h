/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes what the client gets from a ruling. All memory is from the query's region.
 *
 * A negative answer carries a SOA (RFC 2308). Its owner is the matched rule's name, or the query name where a target
 * decided. Its mailbox is the operator's contact, if the table has one. Its serial is the table's generation. Its refresh
 * timer is the time at which the table was made, in seconds since 1970.
 *
 * Only clients that sent EDNS get the Extended DNS Error (RFC 8914). Where the error would make an answer longer than
 * the client can take, it goes without its text, or not at all.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "plugin/core/decide.h"

struct mesh_reply;
struct module_qstate;
struct reply_info;
struct table;

/* What remains to be done. */
enum answer {
	ANSWER_COMPLETE, /* message or return code are set */
	ANSWER_RESOLVE,  /* the query goes on as if it were not blocked: over TCP clients get the true answer */
	ANSWER_WAIT,     /* for the redirect target's records: answer_merge comes next */
	ANSWER_FAILED,   /* no memory; the state is untouched */
};

/* Puts the blocked answer into the query state. `answered`: the state holds a true answer already. */
must_check enum answer answer_blocked(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table, bool answered);

/* Turns an answer, which Unbound is about to send to one client, or (NULL) to all that wait, into a blocked one. `rep` is the
 * query's own copy. Actions that take more than a message are done as far as one message can: `drop` refuses, `redirect`
 * gives the CNAME alone, `truncate` tells the clients to ask over TCP if all of them asked over UDP. Returns false when
 * there is no memory. */
must_check bool answer_at_once(struct module_qstate *qstate, const struct mesh_reply *client,
	const struct ruling *ruling, const struct table *table, struct reply_info *rep);

/* Adds the redirect target's records to a redirected query's answer. `found` is the query for them, which has ended. */
void answer_merge(struct module_qstate *qstate, const struct module_qstate *found);
