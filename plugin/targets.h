/* SPDX-License-Identifier: BSD-3-Clause */
/* What an answer leads to. The targets of its CNAME, SVCB and HTTPS records are checked like the name itself. Each
 * function is called by a worker, for its own query. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plugin/core/decide.h"

struct module_qstate;
struct query_info;
struct reply_info;
struct table;
struct ub_packed_rrset_key;

/* Decides by the targets of the CNAME, SVCB and HTTPS records in a message's answer section; the strongest action wins.
 * A DNAME needs no look: it stands with the CNAME that it makes (RFC 6672 section 2.3). The message's RRsets must be
 * the caller's own or locked. */
struct ruling targets_decide(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* Decides by the question; only if nothing is said about it, by the targets as above. `rep` may be NULL. */
struct ruling targets_decide_message(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* Decides by what was found for a query: `rep`, or NULL for a failure. `named`: the name was decided upon already, and let
 * pass. */
struct ruling targets_decide_found(const struct table *table, const struct query_info *question,
	const struct reply_info *rep, bool named, uint16_t group);

/* Decides by the first blocked name of a chain of aliases in the cache. `targets_decide_chain` follows it from a name,
 * `targets_decide_beyond` from where a server's response ends.
 *
 * Why: where such a chain exists the iterator makes an answer from it and stores that answer before the module sees it.
 * Other workers would give it out until it is removed at the query's exit. So the chain is followed beforehand. DNAMEs
 * are not followed: to look for one above each name would cost every query, and Unbound uses only those that are
 * validated. */
struct ruling targets_decide_chain(const struct module_qstate *qstate, const struct table *table, const uint8_t *name,
	size_t length, uint16_t group);
struct ruling targets_decide_beyond(
	const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep);

/* Whether records in the cache make the query's name an alias. Then an answer may come from them alone, without a
 * response. */
bool targets_begin_with_alias(const struct module_qstate *qstate);

/* Raises `*strongest` to the ruling on one RRset's targets, if that one is stronger. */
void targets_decide_rrset(
	const struct table *table, const struct ub_packed_rrset_key *rrset, uint16_t group, struct ruling *strongest);

/* The name that an RRset makes its owner an alias of, or NULL unless it is a CNAME. In an answer a DNAME stands with
 * the CNAME that it makes. */
const uint8_t *targets_alias(const struct ub_packed_rrset_key *rrset, size_t *length);
