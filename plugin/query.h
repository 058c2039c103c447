/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to a query in the module. Each function is called in a worker's thread. A function that is given the
 * table in force is called with that table held.
 *
 * The invariant is: no message in Unbound's caches is one that the current table would block. Unbound answers from its
 * cache before any module is asked. Thanks to the invariant those answers are checked already. Four places keep it:
 *
 *   entry     A query that the cache did not answer comes here first. It is answered here, and nothing is stored, if
 *             its name is blocked, or if records in the cache make it an alias of a blocked name.
 *   response  A server's response is looked at before the iterator stores it. What the table blocks, for its name or
 *             for where it leads, is not stored. That covers names that nobody asked for: the steps of QNAME
 *             minimisation, the ends of alias chains, early refreshes. Single records of it may be stored all the same;
 *             they do not get into a message that is there already.
 *   exit      What the resolver found comes back through here. Targets are checked. The name is checked again if the
 *             table changed meanwhile or if the query was never seen at entry. What is blocked is replaced. It is also
 *             removed from the cache, where the iterator may have put it before the table changed. An expired answer
 *             of another module (cachedb), which is given out before the query ends, is treated alike.
 *   change    When a new table is in force the cache is walked (table_change.h). A query under way meets the new table
 *             at its exit, since the table is in force before the walk begins.
 *
 * The resolver makes queries for itself: priming, DNSSEC chains, addresses of name servers, the sources of its
 * authority zones. They are never answered here. What they leave in the cache under a blocked name is treated like
 * anything else. A query that only another module waits for is not replaced at exit either: what that module makes of
 * it comes through here as well. A query that a part of Unbound asks for itself is made unshareable. If it joins a
 * client's query whose answer turns out to be blocked, it is told the same, and asks again later.
 *
 * What happens may depend on who asks (groups), and the cache does not know who asks. So the cache may hold only what
 * is blocked for nobody: for the cache the decision is that of GROUP_ANYONE. What is blocked for some clients only lies
 * in the module's own store (stored_answer.h). It is looked for at entry, and decided upon for whoever asks: no cache
 * holds what the client that is answered from it must not see.
 *
 * Nor does a query that several clients share know who asks. A query whose name is blocked for some clients is made
 * unshareable at entry. Where several have come to share one whose target is blocked for some of them, each gets its own
 * answer (differing_answer.h).
 */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "libweir/attributes.h"

struct comm_reply;
struct dns_msg;
struct module_qstate;
struct query_env;
struct query_info;
struct reply_info;

void query_entry(const struct query_env *env, struct module_qstate *qstate, int id);
void query_exit(const struct query_env *env, struct module_qstate *qstate, int id);

/* Looks at a server's response before it is stored. `response` is NULL where the server did not answer. */
void query_response(const struct query_env *env, struct module_qstate *qstate, int id, struct dns_msg *response);

/* Decides about an expired answer that waiting clients are given before the query has ended. `rep` is the query's own
 * copy; it is changed into what they are to get, or into a failure where there is no memory for that. */
void query_early(const struct query_env *env, struct module_qstate *qstate, int id, struct reply_info *rep);

/* Whether `rep` is a message that each client of a query gets in another form; then query_reply must be called for each. */
bool query_differs(const struct module_qstate *qstate, int id, const struct reply_info *rep);

/* Changes `rep`, which is about to be sent to a client, into that client's own answer; into a failure where there is no memory
 * for that, or Unbound has taken the answer for another (differing_reset). Here the table may be NULL: none is in force any more. */
void query_reply(const struct query_env *env, struct module_qstate *qstate, int id, struct reply_info *rep,
	const struct comm_reply *to);

/* Goes on with a query that waited for a redirect's target. Returns whether the query is such a one. */
bool query_resume(struct module_qstate *qstate, int id);

/* Tells a query that waits for a redirect's target what was found. Does nothing for other queries. */
void query_inform(struct module_qstate *qstate, int id, const struct module_qstate *found);

/* Counts a query that Unbound answers from its cache, where the action is only to count. */
void query_cached(
	const struct query_env *env, const struct query_info *question, const struct comm_reply *client, time_t now);
