/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to a query in the module. Each is called in a worker's thread; those that are given the table in force
 * with it held.
 *
 * The invariant is that no message in Unbound's caches is one that the current table would block; then what Unbound
 * answers from its cache, before any module is asked, is checked already. It is kept at four places:
 *
 *   entry     A query that the cache did not answer comes here first: if its name is blocked, or one that the records
 *             in the cache make it an alias of, it is answered here, and nothing is stored.
 *   response  Before the iterator stores what a server said, it is looked at here: what the table blocks, for its name
 *             or for where it leads, is not stored. That covers names that nobody asked for: the steps of QNAME
 *             minimisation, the ends of alias chains, early refreshes. What is stored all the same, as single records,
 *             gets into no message that is there already.
 *   exit      What the resolver found comes back through here: targets are checked, and the name again if the table
 *             changed meanwhile or the query was never seen at entry. What is blocked is replaced, and taken out of the
 *             cache, where the iterator may have put it before the table changed. So is an expired answer that another
 *             module (cachedb) has put there, and that is given out before the query ends.
 *   change    When a new table is in force the cache is walked (table_change.h). A query under way meets the new table at its
 *             exit, since the table is in force before the walk begins.
 *
 * Queries of the resolver for itself (priming, DNSSEC chains, addresses of name servers, where its authority zones come
 * from) are never answered here; what they leave in the cache under a blocked name is treated like anything else. Nor are
 * those that only another module waits for replaced at exit: what that module makes of them comes through here as well.
 * One that a part of Unbound asks for itself is made unshareable; if it joins a client's, whose answer then turns out to
 * be blocked, it is told the same, and asks again later.
 *
 * What happens may depend on who asks (groups). The cache does not know: it may hold only what is blocked for nobody,
 * so for the cache the decision is that of GROUP_ANYONE. Nor do clients that share a query: one whose name is blocked
 * for some, but not answered at once, is made unshareable; where several have come to share one whose target is
 * blocked, the strongest action is for all of them.
 */
#pragma once

#include "libweir/attributes.h"
#include "plugin/core/current_table.h"

struct comm_reply;
struct dns_msg;
struct module_qstate;
struct query_info;
struct reply_info;

void query_entry(
	const struct current_table *table, struct module_qstate *qstate, int id, const struct current_slot *slot);
void query_exit(
	const struct current_table *table, struct module_qstate *qstate, int id, const struct current_slot *slot);

/* `response` may be NULL: a server did not answer. */
void query_response(const struct current_table *table, struct module_qstate *qstate, int id, struct dns_msg *response);

/* Decides by the query's own copy of an expired answer, which those who wait are given before the query has ended, and
 * changes it into what they are to get. Returns false when there is no memory for that: they must not get it. */
must_check bool query_early(const struct current_table *table, struct module_qstate *qstate, int id,
	struct reply_info *rep, const struct current_slot *slot);

/* Goes on with a query that waited for a redirect's target. Returns whether it is one. */
bool query_resume(struct module_qstate *qstate, int id);

/* Tells a query that waits for a redirect's target what was found; others do not care. */
void query_inform(struct module_qstate *qstate, int id, const struct module_qstate *found);

/* Counts a query that Unbound answers from its cache, and that is only to be counted. */
void query_cached(const struct current_table *table, const struct query_info *question, const struct comm_reply *client,
	const struct current_slot *slot);
