/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/targets.h"

#include <string.h>

#include "plugin/compat.h"

/* The target name of a record, in its RDATA: a CNAME holds nothing else (RFC 1035), SVCB and HTTPS have two octets of
 * priority before it (RFC 9460). Unbound stores RDATA uncompressed behind two octets of length. */
static const uint8_t *target_of(uint16_t type, const uint8_t *rdata, size_t length, size_t *target_length)
{
	size_t skip = type == LDNS_RR_TYPE_SVCB || type == LDNS_RR_TYPE_HTTPS ? 4 : 2;
	if (length <= skip)
		return NULL;
	*target_length = dname_valid((uint8_t *)rdata + skip, length - skip);
	return *target_length > 0 ? rdata + skip : NULL;
}

static bool has_targets(uint16_t type)
{
	return type == LDNS_RR_TYPE_CNAME || type == LDNS_RR_TYPE_SVCB || type == LDNS_RR_TYPE_HTTPS;
}

const uint8_t *targets_alias(const struct ub_packed_rrset_key *rrset, size_t *length)
{
	const struct packed_rrset_data *data = rrset->entry.data;
	if (rrset->rk.type != htons(LDNS_RR_TYPE_CNAME) || data->count < 1)
		return NULL;
	return target_of(LDNS_RR_TYPE_CNAME, data->rr_data[0], data->rr_len[0], length);
}

enum { MOST_ALIASES = 32 }; /* in a chain: the iterator follows 11, or max-query-restarts */

void targets_decide_rrset(
	const struct table *table, const struct ub_packed_rrset_key *rrset, uint16_t group, struct ruling *strongest)
{
	uint16_t type = ntohs(rrset->rk.type);
	const struct packed_rrset_data *data = rrset->entry.data;
	if (!has_targets(type) || !data)
		return;
	for (size_t i = 0; i < data->count; i++) {
		size_t length;
		const uint8_t *target = target_of(type, data->rr_data[i], data->rr_len[i], &length);
		if (target)
			*strongest = ruling_stronger(*strongest, decide_target(table, target, length, group));
	}
}

struct ruling targets_decide(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group)
{
	struct ruling strongest = {0};
	for (size_t i = 0; i < rep->an_numrrsets && question_leads(question->qtype); i++)
		if (rep->rrsets[i])
			targets_decide_rrset(table, rep->rrsets[i], group, &strongest);
	return strongest;
}

struct ruling targets_decide_message(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group)
{
	struct ruling ruling = decide_question(table, question->qname, question->qname_len, question->qtype, group);
	if (ruling.kind == DECISION_ALLOW || ruling_blocks(&ruling) || !rep)
		return ruling;
	return ruling_stronger(ruling, targets_decide(table, question, rep, group));
}

struct ruling targets_decide_found(const struct table *table, const struct query_info *question,
	const struct reply_info *rep, bool named, uint16_t group)
{
	if (named)
		return rep ? targets_decide(table, question, rep, group) : (struct ruling){0};
	return targets_decide_message(table, question, rep, group);
}

/* Replaces `name` by the name that it is an alias of. Returns false if the cache knows of none. */
static bool follow_alias(const struct module_qstate *qstate, const struct table *table,
	uint8_t name[LDNS_MAX_DOMAINLEN + 1], size_t *length, uint16_t group, struct ruling *ruling)
{
	const struct module_env *env = qstate->env;
	struct ub_packed_rrset_key *alias = rrset_cache_lookup(
		env->rrset_cache, name, *length, LDNS_RR_TYPE_CNAME, qstate->qinfo.qclass, 0, *env->now, 0);
	if (!alias)
		return false;
	const uint8_t *target = targets_alias(alias, length);
	if (target) {
		memcpy(name, target, *length);
		*ruling = decide_target(table, name, *length, group);
	}
	lock_rw_unlock(&alias->entry.lock);
	return target;
}

struct ruling targets_decide_chain(const struct module_qstate *qstate, const struct table *table, const uint8_t *name,
	size_t length, uint16_t group)
{
	uint8_t at[LDNS_MAX_DOMAINLEN + 1];
	struct ruling ruling = {0};
	uint16_t type = qstate->qinfo.qtype;
	if (type == LDNS_RR_TYPE_CNAME || type == LDNS_RR_TYPE_ANY || !question_leads(type) || length > sizeof at)
		return ruling;
	memcpy(at, name, length);
	for (unsigned steps = 0; steps < MOST_ALIASES && follow_alias(qstate, table, at, &length, group, &ruling);
		steps++) {
		if (!ruling_blocks(&ruling))
			continue;
		/* The rule's name must live as long as the query. */
		ruling.rule = regional_alloc_init(qstate->region, ruling.rule, ruling.rule_length);
		ruling.rule_length = ruling.rule ? ruling.rule_length : 0;
		return ruling;
	}
	return (struct ruling){0};
}

struct ruling targets_decide_beyond(
	const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep)
{
	const uint8_t *last = NULL;
	size_t length = 0;
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		size_t own;
		const uint8_t *target = targets_alias(rep->rrsets[i], &own);
		if (target) {
			last = target;
			length = own;
		}
	}
	return last ? targets_decide_chain(qstate, table, last, length, GROUP_ANYONE) : (struct ruling){0};
}

static bool has_record(const struct module_qstate *qstate, uint8_t *owner, size_t length, uint16_t type)
{
	const struct module_env *env = qstate->env;
	struct ub_packed_rrset_key *found =
		rrset_cache_lookup(env->rrset_cache, owner, length, type, qstate->qinfo.qclass, 0, *env->now, 0);
	if (found) {
		lock_rw_unlock(&found->entry.lock);
	}
	return found;
}

bool targets_begin_with_alias(const struct module_qstate *qstate)
{
	uint8_t *name = qstate->qinfo.qname;
	size_t length = qstate->qinfo.qname_len;
	if (has_record(qstate, name, length, LDNS_RR_TYPE_CNAME))
		return true;
	while (!dname_is_root(name)) {
		dname_remove_label(&name, &length);
		if (has_record(qstate, name, length, LDNS_RR_TYPE_DNAME))
			return true;
	}
	return false;
}
