/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/differing_answer.h"

#include <stdlib.h>

#include "plugin/clients.h"
#include "plugin/validation.h"

/* Stands in the query's state for its message. */
struct differing_answer {
	struct dns_msg message; /* must be the first member */
	struct reply_info found;
	struct reply_info sent; /* changed from client to client */
};

static struct differing_answer *differing_of(const struct module_qstate *qstate)
{
	return (struct differing_answer *)qstate->return_msg;
}

bool differing_begin(struct module_qstate *qstate, bool blocked)
{
	struct differing_answer *differing = regional_alloc_zero(qstate->region, sizeof *differing);
	if (!differing)
		return false;
	differing->message.qinfo = qstate->qinfo;
	if (qstate->return_msg && qstate->return_msg->rep)
		differing->found = *qstate->return_msg->rep;
	else
		differing->found = (struct reply_info){.flags = (uint16_t)(BIT_QR | BIT_RA | qstate->return_rcode),
			.qdcount = 1,
			.security = sec_status_indeterminate};
	differing->sent = differing->found;
	differing->message.rep = &differing->sent;
	qstate->return_msg = &differing->message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	differing_expect(qstate, blocked);
	return true;
}

const struct reply_info *differing_found(const struct module_qstate *qstate)
{
	return &differing_of(qstate)->found;
}

bool differing_is_sent(const struct module_qstate *qstate, const struct reply_info *rep)
{
	return rep == &differing_of(qstate)->sent;
}

/* What a client's answer is taken for: a blocked one is nobody's but ours. */
static enum sec_status expected_status(const struct module_qstate *qstate, bool blocked)
{
	return blocked ? sec_status_insecure : differing_found(qstate)->security;
}

/* Whether Unbound does the same with answers of both statuses: it turns what is bogus into SERVFAIL, and says of what is secure that
 * it is. */
static bool is_taken_alike(const struct module_qstate *qstate, enum sec_status a, enum sec_status b)
{
	bool same = !wants_validation(qstate) || is_bogus(a) == is_bogus(b);
	return same && (a == sec_status_secure) == (b == sec_status_secure);
}

bool differing_reset(struct module_qstate *qstate, bool blocked)
{
	struct differing_answer *differing = differing_of(qstate);
	bool expected = is_taken_alike(qstate, differing->sent.security, expected_status(qstate, blocked));
	differing->message.rep = &differing->found;
	differing->sent = differing->found;
	return expected;
}

#if UNBOUND_RELEASE < 118

void differing_tell_bogus(struct module_qstate *qstate, const struct mesh_reply *client)
{
	enum { HEADER = 12, QUESTION = 4, OPT = 11 };
	const struct config_file *cfg = qstate->env->cfg;
	const struct reply_info *sent = &differing_of(qstate)->sent;
	if (!cfg->ede || !is_bogus(sent->security) || !wants_validation(qstate))
		return;
	sldns_ede_code code = errinf_to_reason_bogus(qstate);
	if (code == LDNS_EDE_NONE || (code == LDNS_EDE_DNSSEC_BOGUS && sent->reason_bogus != LDNS_EDE_NONE))
		code = sent->reason_bogus;
	if (code == LDNS_EDE_NONE)
		return;
	char *text = cfg->val_log_level >= 2 ? errinf_to_str_bogus(qstate) : NULL;
	if (!client_tell(qstate, client, HEADER + qstate->qinfo.qname_len + QUESTION + OPT, (uint16_t)code,
		    text ? text : ""))
		log_err("weir: out of memory; a client is not told why an answer is bogus");
	free(text);
}

#else

void differing_tell_bogus(struct module_qstate *qstate, const struct mesh_reply *client)
{
	(void)qstate, (void)client;
}

#endif

void differing_expect(const struct module_qstate *qstate, bool blocked)
{
	differing_of(qstate)->sent.security = expected_status(qstate, blocked);
}
