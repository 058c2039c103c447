/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer that differs for some of the clients that share a query.
 *
 * Unbound encodes the one message of a query for each client in turn. Before that it calls the modules
 * (inplace_cb_reply). So the message in the query is one that may be changed from client to client, and what was found
 * is kept beside it. But Unbound looks at the message's security status before that call: it sets AD, or turns a bogus
 * answer into SERVFAIL. So after each client the status is set for the next one.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct module_qstate;
struct reply_info;

/* Puts such a message in the place of what was found, in the query's region. `blocked`: the first client's answer will
 * be blocked. Returns false without memory; then nothing is changed. */
must_check bool differing_begin(struct module_qstate *qstate, bool blocked);

/* What was found. It is a message even if it was a failure. */
const struct reply_info *differing_found(const struct module_qstate *qstate);

/* Prepares the message for the next client, before one client's answer is made of it. `blocked`: the next client's
 * answer will be blocked. */
void differing_expect(const struct module_qstate *qstate, struct reply_info *rep, bool blocked);
