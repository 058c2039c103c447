/* SPDX-License-Identifier: BSD-3-Clause */
/* Unbound's message cache: looking at messages the way a client would get them, and taking them out (query.h: why). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "plugin/core/decide.h"

struct module_env;
struct module_qstate;
struct query_info;
struct reply_info;
struct table;

/* Decides by what a message leads to: the targets of CNAME, SVCB and HTTPS records in its answer section; of several the
 * strongest action. A DNAME leads nobody to its target: it stands with the CNAME that it makes (RFC 6672 section 2.3). The
 * message's RRsets must be the caller's own or locked. */
struct ruling cache_decide_targets(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* The same by the question first, which if anything is said about it decides alone. `rep` may be NULL. */
struct ruling cache_decide_message(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* The iterator makes an answer from the records in the cache where a chain of aliases leads through them, and stores it
 * before anybody sees it: other workers would give it out until it is taken out at the query's exit. So such a chain is
 * followed beforehand, from a name on, or from where a server's response ends. Decides by the first name in it that is
 * blocked. DNAMEs are not followed: to look for one above each name that is asked for would cost every query, and Unbound
 * uses those only that are validated. */
struct ruling cache_decide_chain(const struct module_qstate *qstate, const struct table *table, const uint8_t *name,
	size_t length, uint16_t group);
struct ruling cache_decide_beyond(
	const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep);

/* Whether the records in the cache make the query's name an alias: then an answer may come from them alone, without a
 * response. */
bool cache_has_alias(const struct module_qstate *qstate);

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

/* A walk over the whole message cache that takes out every message the table would block. It runs beside the workers,
 * in slices: no lock is held for longer than one bin takes. It goes round: begun anew with another table it goes on
 * from where it is, so that tables in quick succession cannot keep it from ever reaching the last bins. */
struct scrub {
	uint64_t walked; /* messages so far */
	uint64_t evicted;
	size_t slab, bin;  /* where the next slice begins */
	size_t slabs_left; /* until the round is complete; 0 = nothing to do, SCRUB_ALL = a round is to begin */
	/* a message that the caller is just being answered from, or NULL: it is not taken out but made to be no answer the
	 * next time. Only where nothing runs beside the caller. */
	const struct reply_info *busy;
};

#define SCRUB_ALL SIZE_MAX

/* Begins a round; counts start from zero. Does not touch the cache. */
void cache_scrub_begin(struct scrub *scrub);

/* Walks one slice, a few bins: some microseconds. The cache must exist meanwhile. */
void cache_scrub(struct module_env *env, const struct table *table, struct scrub *scrub);
