/* SPDX-License-Identifier: BSD-3-Clause */
/* Unbound's caches: keeping out of them, and taking out, what the table blocks (query.h: why). What an answer leads to is
 * looked at in targets.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module_env;
struct module_qstate;
struct query_info;
struct reply_info;
struct table;

/* Unbound keeps records apart from the messages that they are in, and puts new ones in the place of old ones: a message
 * that was looked at, or has expired and may yet be served (serve-expired), would come to hold them. So before records
 * that lead to a blocked name are stored, for whomever and in whatever section they are, those in their place are taken
 * out: what is put there then is another entry, which no message knows. */
void cache_displace(const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep);

/* Makes of a response one that nobody stores as a message, nor a chain of aliases that is made of it: the time for
 * which it, and its aliases, hold becomes 0. Its other records may be stored. Clients are not told those times but that
 * of each single record, which stays. */
void cache_make_transient(struct reply_info *rep);

/* Takes the query's own message out of the cache, if it is there. */
void cache_evict(struct module_qstate *qstate);

/* The iterator stores the end of a chain of aliases under its own name too, and a query for that name itself would be
 * answered with it. Takes out those names of the chain that the table blocks, or with `all` the whole chain: where the
 * answer is blocked for what it holds, so is each piece of it. Returns how many names that were. */
unsigned cache_evict_aliased(
	struct module_qstate *qstate, const struct table *table, const struct reply_info *rep, bool all);
