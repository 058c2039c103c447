/* SPDX-License-Identifier: BSD-3-Clause */
/* What an answer leads to: the targets of the CNAME, SVCB and HTTPS records in it are checked as the name itself is. All
 * functions are called by a worker, for its own query. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plugin/core/decide.h"

struct module_qstate;
struct query_info;
struct reply_info;
struct table;
struct ub_packed_rrset_key;

/* Decides by what a message leads to: the targets of CNAME, SVCB and HTTPS records in its answer section; of several the
 * strongest action. A DNAME leads nobody to its target: it stands with the CNAME that it makes (RFC 6672 section 2.3). The
 * message's RRsets must be the caller's own or locked. */
struct ruling targets_decide(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* The same by the question first, which if anything is said about it decides alone. `rep` may be NULL. */
struct ruling targets_decide_message(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group);

/* The iterator makes an answer from the records in the cache where a chain of aliases leads through them, and stores it
 * before anybody sees it: other workers would give it out until it is taken out at the query's exit. So such a chain is
 * followed beforehand, from a name on, or from where a server's response ends. Decides by the first name in it that is
 * blocked. DNAMEs are not followed: to look for one above each name that is asked for would cost every query, and Unbound
 * uses those only that are validated. */
struct ruling targets_decide_chain(const struct module_qstate *qstate, const struct table *table, const uint8_t *name,
	size_t length, uint16_t group);
struct ruling targets_decide_beyond(
	const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep);

/* Whether the records in the cache make the query's name an alias: then an answer may come from them alone, without a
 * response. */
bool targets_begin_with_alias(const struct module_qstate *qstate);

/* Brings `strongest` up to date with the targets of one RRset. */
void targets_decide_rrset(
	const struct table *table, const struct ub_packed_rrset_key *rrset, uint16_t group, struct ruling *strongest);

/* What an RRset makes its owner an alias of; NULL unless it is a CNAME. In an answer a DNAME stands with the CNAME that
 * it makes. */
const uint8_t *targets_alias(const struct ub_packed_rrset_key *rrset, size_t *length);
