/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/cache.h"

#include "plugin/compat.h"
#include "plugin/targets.h"

void cache_displace(const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep)
{
	for (size_t i = 0; i < rep->rrset_count; i++) {
		struct ub_packed_rrset_key *rrset = rep->rrsets[i];
		struct ruling ruling = {0};
		if (!rrset)
			continue;
		targets_decide_rrset(table, rrset, GROUP_ANYONE, &ruling);
		if (ruling_blocks(&ruling))
			rrset_cache_remove(qstate->env->rrset_cache, rrset->rk.dname, rrset->rk.dname_len,
				ntohs(rrset->rk.type), ntohs(rrset->rk.rrset_class), rrset->rk.flags);
	}
}

void cache_make_transient(struct reply_info *rep)
{
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		size_t length;
		if (targets_alias(rep->rrsets[i], &length))
			((struct packed_rrset_data *)rep->rrsets[i]->entry.data)->ttl = 0;
	}
	rep->ttl = 0;
}

static void evict(struct module_qstate *qstate, const uint8_t *name, size_t length)
{
	const struct query_info *q = &qstate->qinfo;
	/* The key of an AAAA message depends on CD (query_info_hash): both may be there. */
	msg_cache_remove(qstate->env, (uint8_t *)name, length, q->qtype, q->qclass, 0);
	if (q->qtype == LDNS_RR_TYPE_AAAA)
		msg_cache_remove(qstate->env, (uint8_t *)name, length, q->qtype, q->qclass, BIT_CD);
}

void cache_evict(struct module_qstate *qstate)
{
	evict(qstate, qstate->qinfo.qname, qstate->qinfo.qname_len);
}

unsigned cache_evict_aliased(
	struct module_qstate *qstate, const struct table *table, const struct reply_info *rep, bool all)
{
	unsigned evicted = 0;
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		size_t length = 0;
		const uint8_t *target = targets_alias(rep->rrsets[i], &length);
		struct ruling ruling = {0};
		if (target && !all)
			ruling = decide_question(table, target, length, qstate->qinfo.qtype, GROUP_ANYONE);
		if (target && (all || ruling_blocks(&ruling))) {
			evict(qstate, target, length);
			evicted++;
		}
	}
	return evicted;
}
