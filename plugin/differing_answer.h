/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer that differs for some of the clients that share a query, or from what another query is told that waits for this
 * one.
 *
 * Unbound encodes the one message of a query for each client in turn. Before that it calls the modules
 * (inplace_cb_reply). So the message in the query is one that may be changed from client to client, and what was found
 * is kept beside it. But Unbound looks at the message's security status before that call: it sets AD, or turns a bogus
 * answer into SERVFAIL. So after each client the status is set for the next one.
 *
 * Unbound takes the message out of the query before it encodes the first answer. From then on what was found stands there
 * again, for the queries that wait. They are told last.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct mesh_reply;
struct module_qstate;
struct reply_info;

/* Puts such a message in the place of what was found, in the query's region. `blocked`: the first client's answer will
 * be blocked. Returns false without memory; then nothing is changed. */
must_check bool differing_begin(struct module_qstate *qstate, bool blocked);

/* What was found. It is a message even if it was a failure. */
const struct reply_info *differing_found(const struct module_qstate *qstate);

/* Whether this is the message that changes. */
bool differing_is_sent(const struct module_qstate *qstate, const struct reply_info *rep);

/* Makes the message what was found, for the client that it is about to be sent to. `blocked`: its answer is to be blocked.
 * Returns false where Unbound has expected otherwise: it would take an answer for valid that is not. Another table may be in
 * force since it looked, or it left a client out that has waited for too long. */
must_check bool differing_reset(struct module_qstate *qstate, bool blocked);

/* Tells a client why the answer is bogus, if Unbound is to tell that and would not, since the next client's answer is blocked. Unbound
 * 1.17 looks at the message's status once more when it tells the reason. */
void differing_tell_bogus(struct module_qstate *qstate, const struct mesh_reply *client);

/* Prepares the message for the next client, before one client's answer is made of it. `blocked`: the next client's
 * answer will be blocked. */
void differing_expect(const struct module_qstate *qstate, bool blocked);
