/* SPDX-License-Identifier: BSD-3-Clause */
/* Keeps what the table blocks out of Unbound's caches, and takes it out of them. The head of query.h says why;
 * targets.h says what an answer leads to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module_env;
struct module_qstate;
struct query_info;
struct reply_info;
struct table;

/* Makes room for the records of a response that lead to a blocked name.
 *
 * Unbound stores records apart from the messages that hold them, and writes a new record over the old one. So a message
 * that was checked before would come to hold the new record. The same is true of an expired message that may still be
 * served (serve-expired). This function therefore removes the old records first, before the response is stored. The new
 * ones become other entries, which no stored message refers to. It does so in every section, whoever asked. */
void cache_displace(const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep);

/* Sets the lifetime of a response and of its aliases to 0. Then nobody stores it as a message, nor a chain that is made
 * of its aliases. Its other records may be stored. Clients do not see that lifetime: they are told the TTL of each
 * single record, which stays. */
void cache_make_transient(struct reply_info *rep);

/* Removes the query's own message from the cache, if it is there. */
void cache_evict(struct module_qstate *qstate);

/* Removes the messages that the iterator has stored for the names of a chain of aliases.
 *
 * The iterator stores the end of a chain under its own name too, and a query for that name would be answered with it.
 * With `all` each name of the chain is removed: where an answer is blocked for what it holds, each piece of it is
 * blocked too. Else only the names that the table blocks are removed. Returns how many names were removed. */
unsigned cache_evict_aliased(
	struct module_qstate *qstate, const struct table *table, const struct reply_info *rep, bool all);
