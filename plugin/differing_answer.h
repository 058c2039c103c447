/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer that is different for some of the clients that share a query.
 *
 * Unbound encodes the one message of a query for each client in turn, and before that calls the modules (inplace_cb_reply).
 * So the message is one that may be changed from client to client, and what was found is kept beside it.
 *
 * Unbound looks at the message's security status before it calls: it sets AD, or makes SERVFAIL of what is bogus. So
 * each time that status is that of the client who comes next.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct module_qstate;
struct reply_info;

/* Puts such a message into the place of what was found, in the query's region. `blocked`: for the first client it will be
 * blocked. Returns false when there is no memory; then nothing is changed. */
must_check bool differing_begin(struct module_qstate *qstate, bool blocked);

/* What was found: a message also where it was a failure. */
const struct reply_info *differing_found(const struct module_qstate *qstate);

/* Prepares the message, of which one client's answer is about to be made, for the next client: `blocked` for that one. */
void differing_expect(const struct module_qstate *qstate, struct reply_info *rep, bool blocked);
