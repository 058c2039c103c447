/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/differing_answer.h"

/* Stands in the query's state for its message. */
struct differing_answer {
	struct dns_msg message; /* must be the first member */
	struct reply_info found;
};

bool differing_begin(struct module_qstate *qstate, bool blocked)
{
	struct differing_answer *differing = regional_alloc_zero(qstate->region, sizeof *differing);
	struct reply_info *rep = regional_alloc_zero(qstate->region, sizeof *rep);
	if (!differing || !rep)
		return false;
	differing->message.qinfo = qstate->qinfo;
	differing->message.rep = rep;
	if (qstate->return_msg && qstate->return_msg->rep)
		differing->found = *qstate->return_msg->rep;
	else
		differing->found = (struct reply_info){.flags = (uint16_t)(BIT_QR | BIT_RA | qstate->return_rcode),
			.qdcount = 1,
			.security = sec_status_indeterminate};
	*rep = differing->found;
	qstate->return_msg = &differing->message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	differing_expect(qstate, rep, blocked);
	return true;
}

const struct reply_info *differing_found(const struct module_qstate *qstate)
{
	return &((const struct differing_answer *)qstate->return_msg)->found;
}

void differing_expect(const struct module_qstate *qstate, struct reply_info *rep, bool blocked)
{
	rep->security = blocked ? sec_status_insecure : differing_found(qstate)->security;
}
