/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/blocked_answer.h"

#include <string.h>

#include "plugin/clients.h"
#include "plugin/compat.h"
#include "plugin/validation.h"

/* An RRset of one record, in one piece of the region. It is never stored, so it needs no hash. From `data` to the record's
 * octets it is as Unbound packs one. */
struct single_rrset {
	struct ub_packed_rrset_key key;
	struct packed_rrset_data data;
	size_t length;
	uint8_t *record;
	time_t ttl;
	uint8_t octets[]; /* of the record; behind them is the owner's name */
};

static struct ub_packed_rrset_key *make_rrset(struct regional *region, const uint8_t *owner, size_t owner_length,
	uint16_t type, uint32_t ttl, size_t rdata_length)
{
	size_t length = 2 + rdata_length;
	struct single_rrset *rrset = regional_alloc(region, sizeof *rrset + length + owner_length);
	if (!rrset)
		return NULL;
	memset(rrset, 0, sizeof *rrset);
	rrset->length = length;
	rrset->record = rrset->octets;
	rrset->ttl = ttl;
	sldns_write_uint16(rrset->octets, (uint16_t)rdata_length);
	rrset->data.ttl = ttl;
	rrset->data.count = 1;
	rrset->data.trust = rrset_trust_none;
	rrset->data.security = sec_status_insecure;
	rrset->data.rr_len = &rrset->length;
	rrset->data.rr_data = &rrset->record;
	rrset->data.rr_ttl = &rrset->ttl;
	rrset->key.entry.key = &rrset->key;
	rrset->key.entry.data = &rrset->data;
	rrset->key.rk.dname = memcpy(rrset->octets + length, owner, owner_length);
	rrset->key.rk.dname_len = owner_length;
	rrset->key.rk.type = htons(type);
	rrset->key.rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	return &rrset->key;
}

static uint8_t *rdata_of(struct ub_packed_rrset_key *rrset)
{
	return ((struct packed_rrset_data *)rrset->entry.data)->rr_data[0] + 2;
}

/* A record owned by the query name, with these octets as its RDATA. */
static struct ub_packed_rrset_key *make_record(
	struct module_qstate *qstate, uint16_t type, uint32_t ttl, const void *rdata, size_t length)
{
	struct ub_packed_rrset_key *rrset =
		make_rrset(qstate->region, qstate->qinfo.qname, qstate->qinfo.qname_len, type, ttl, length);
	if (rrset)
		memcpy(rdata_of(rrset), rdata, length);
	return rrset;
}

static struct dns_msg *make_message(
	struct module_qstate *qstate, int rcode, uint32_t ttl, unsigned answers, unsigned authorities)
{
	struct dns_msg *message = regional_alloc_zero(qstate->region, sizeof *message);
	if (!message)
		return NULL;
	message->qinfo = qstate->qinfo;
	message->rep = compat_new_reply(qstate->region, (uint16_t)(BIT_QR | BIT_RA | rcode), ttl, answers, authorities,
		0, answers + authorities);
	return message->rep ? message : NULL;
}

/* A SOA record. Its RDATA (RFC 1035 section 3.3.13): MNAME "localhost.", RNAME the operator's contact, or "nobody.invalid.",
 * then five numbers. The serial is the table's generation. Nobody transfers this zone, so nobody uses the timers; the first
 * one tells when the table was made. The last number is the negative TTL. */
static struct ub_packed_rrset_key *make_soa(
	struct regional *region, const uint8_t *owner, size_t owner_length, const struct table *table, uint32_t ttl)
{
	static const uint8_t mname[] = "\011localhost", nobody[] = "\006nobody\007invalid";
	const struct weir_header *header = table_header(table);
	const struct policy *policy = table_policy(table);
	const uint32_t numbers[] = {(uint32_t)header->generation, (uint32_t)header->created, 1200, 604800, ttl};
	const uint8_t *rname = policy->contact ? policy->contact : nobody;
	size_t rname_length = policy->contact ? policy->contact_length : sizeof nobody;
	struct ub_packed_rrset_key *soa = make_rrset(
		region, owner, owner_length, LDNS_RR_TYPE_SOA, ttl, sizeof mname + rname_length + sizeof numbers);
	if (!soa)
		return NULL;
	uint8_t *rdata = rdata_of(soa), *at = rdata + sizeof mname + rname_length;
	memcpy(rdata, mname, sizeof mname);
	memcpy(rdata + sizeof mname, rname, rname_length);
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sldns_write_uint32(at + 4 * i, numbers[i]);
	return soa;
}

/* NXDOMAIN or NODATA. */
static struct dns_msg *make_negative(
	struct module_qstate *qstate, const struct ruling *ruling, int rcode, const struct table *table)
{
	const uint8_t *owner = ruling->target ? qstate->qinfo.qname : ruling->rule;
	size_t owner_length = ruling->target ? qstate->qinfo.qname_len : ruling->rule_length;
	uint32_t ttl = ruling->effect.category->ttl_s;
	struct ub_packed_rrset_key *soa = make_soa(qstate->region, owner, owner_length, table, ttl);
	struct dns_msg *message = make_message(qstate, rcode, ttl, 0, 1);
	if (!soa || !message)
		return NULL;
	message->rep->rrsets[0] = soa;
	return message;
}

static struct dns_msg *make_nxdomain(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table)
{
	return make_negative(qstate, ruling, LDNS_RCODE_NXDOMAIN, table);
}

static struct dns_msg *make_nodata(struct module_qstate *qstate, const struct ruling *ruling, const struct table *table)
{
	return make_negative(qstate, ruling, LDNS_RCODE_NOERROR, table);
}

/* The category's addresses of the type that was asked for. NODATA if it has none of that type. */
static struct dns_msg *make_sinkhole(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table)
{
	const struct category_policy *category = ruling->effect.category;
	uint16_t type = qstate->qinfo.qtype;
	bool ipv4 = category->has_ipv4 && (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_ANY);
	bool ipv6 = category->has_ipv6 && (type == LDNS_RR_TYPE_AAAA || type == LDNS_RR_TYPE_ANY);
	if (!ipv4 && !ipv6)
		return make_nodata(qstate, ruling, table);
	struct dns_msg *message = make_message(qstate, LDNS_RCODE_NOERROR, category->ttl_s, ipv4 + ipv6, 0);
	if (!message)
		return NULL;
	struct ub_packed_rrset_key **to = message->rep->rrsets;
	if (ipv4)
		*to++ = make_record(qstate, LDNS_RR_TYPE_A, category->ttl_s, category->ipv4, sizeof category->ipv4);
	if (ipv6)
		*to = make_record(qstate, LDNS_RR_TYPE_AAAA, category->ttl_s, category->ipv6, sizeof category->ipv6);
	return message->rep->rrsets[0] && message->rep->rrsets[message->rep->rrset_count - 1] ? message : NULL;
}

/* ---- the error for those who understand it ---- */

/* An upper bound of the answer's size in octets: as if no name in it were compressed. */
static size_t message_size(const struct module_qstate *qstate, const struct reply_info *rep)
{
	enum { HEADER = 12, QUESTION = 4, RECORD = 10, OPT = 11 };
	size_t size = HEADER + qstate->qinfo.qname_len + QUESTION + OPT;
	for (size_t i = 0; rep && i < rep->rrset_count; i++) {
		const struct packed_rrset_data *data = rep->rrsets[i]->entry.data;
		for (size_t r = 0; r < data->count; r++)
			size += rep->rrsets[i]->rk.dname_len + RECORD - 2 + data->rr_len[r];
	}
	return size;
}

/* For one client; NULL: for all that wait. */
static bool add_ede(struct module_qstate *qstate, const struct mesh_reply *client,
	const struct category_policy *category, const struct dns_msg *message)
{
	size_t size = message_size(qstate, message ? message->rep : NULL);
	if (category->ede == 0)
		return true;
	return client ? client_tell(qstate, client, size, category->ede, category->text)
		      : clients_tell(qstate, size, category->ede, category->text);
}

/* ---- actions that take more than a message ---- */

/* Whether the query asks for the redirect's target. The target may itself be listed, and who asks for it must reach
 * it. */
static bool is_redirect_target(
	const struct module_qstate *qstate, const struct mesh_reply *client, const struct category_policy *category)
{
	(void)client;
	return query_dname_compare(qstate->qinfo.qname, (uint8_t *)category->redirect) == 0;
}

/* The redirect's CNAME. */
static struct dns_msg *make_alias(struct module_qstate *qstate, const struct ruling *ruling, const struct table *table)
{
	const struct category_policy *category = ruling->effect.category;
	(void)table;
	struct dns_msg *message = make_message(qstate, LDNS_RCODE_NOERROR, category->ttl_s, 1, 0);
	struct ub_packed_rrset_key *cname =
		make_record(qstate, LDNS_RR_TYPE_CNAME, category->ttl_s, category->redirect, category->redirect_length);
	if (!message || !cname)
		return NULL;
	message->rep->rrsets[0] = cname;
	return message;
}

/* Asks for the records of the redirect's target. Where it cannot ask, or need not, the answer is the CNAME alone. */
static enum answer answer_redirect(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table, bool answered)
{
	(void)answered;
	const struct category_policy *category = ruling->effect.category;
	if (is_redirect_target(qstate, NULL, category))
		return ANSWER_RESOLVE;
	struct dns_msg *message = make_alias(qstate, ruling, table);
	uint8_t *target = regional_alloc_init(qstate->region, category->redirect, category->redirect_length);
	if (!message || !target)
		return ANSWER_FAILED;
	if (!add_ede(qstate, NULL, category, message))
		return ANSWER_FAILED;
	qstate->return_msg = message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	struct query_info question = qstate->qinfo;
	question.qname = target;
	question.qname_len = category->redirect_length;
	question.local_alias = NULL;
	struct module_qstate *asked = NULL;
	bool wanted = question.qtype != LDNS_RR_TYPE_CNAME && question.qtype != LDNS_RR_TYPE_ANY;
	return wanted && compat_attach_sub(qstate, &question, BIT_RD, &asked) ? ANSWER_WAIT : ANSWER_COMPLETE;
}

void answer_merge(struct module_qstate *qstate, const struct module_qstate *found)
{
	struct reply_info *rep = found->return_msg ? found->return_msg->rep : NULL;
	bool usable = rep && found->return_rcode == LDNS_RCODE_NOERROR &&
		      !(qstate->env->need_to_validate && is_bogus(rep->security));
	struct reply_info *copy = usable ? reply_info_copy(rep, NULL, qstate->region) : NULL;
	struct dns_msg *alone = qstate->return_msg;
	if (!alone || !copy || FLAGS_GET_RCODE(copy->flags) == LDNS_RCODE_SERVFAIL) {
		qstate->return_msg = NULL;
		qstate->return_rcode = LDNS_RCODE_SERVFAIL;
		return;
	}
	struct dns_msg *message = make_message(qstate, FLAGS_GET_RCODE(copy->flags), (uint32_t)alone->rep->ttl,
		(unsigned)copy->an_numrrsets + 1, (unsigned)copy->ns_numrrsets);
	if (!message)
		return; /* the CNAME alone is true too */
	if (copy->ttl < message->rep->ttl)
		message->rep->ttl = copy->ttl;
	message->rep->rrsets[0] = alone->rep->rrsets[0];
	for (size_t i = 0; i < copy->an_numrrsets + copy->ns_numrrsets; i++)
		message->rep->rrsets[1 + i] = copy->rrsets[i];
	qstate->return_msg = message;
	clients_fit(qstate, message_size(qstate, message->rep));
}

/* Uses Unbound's own way to answer "ask over TCP" to each client over UDP and the true answer to the others. Unbound
 * made it for its RPZ, and its statistics count it as RPZ. */
static enum answer answer_truncated(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table, bool answered)
{
	struct respip_action_info *info = regional_alloc_zero(qstate->region, sizeof *info);
	bool at_once = !answered && clients_all_udp(qstate);
	struct dns_msg *message = at_once ? make_nodata(qstate, ruling, table) : NULL;
	if (!info || (at_once && !message) || !add_ede(qstate, NULL, ruling->effect.category, message))
		return ANSWER_FAILED;
	info->rpz_used = 1;
	info->action = respip_truncate;
	qstate->respip_action_info = info;
	if (!at_once)
		return ANSWER_RESOLVE;
	qstate->return_msg = message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	return ANSWER_COMPLETE;
}

/* Whether the client, or one of them, asked over TCP: that client gets the true answer. */
static bool is_asked_over_tcp(
	const struct module_qstate *qstate, const struct mesh_reply *client, const struct category_policy *category)
{
	(void)category;
	return client ? !client_is_udp(client) : !clients_all_udp(qstate);
}

/* A client on a stream is refused instead: no answer would end all its other queries on that stream. */
static enum answer answer_dropped(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table, bool answered)
{
	(void)table, (void)answered;
	clients_forget_udp(qstate);
	if (!add_ede(qstate, NULL, ruling->effect.category, NULL))
		return ANSWER_FAILED;
	qstate->return_msg = NULL;
	qstate->return_rcode = LDNS_RCODE_REFUSED;
	return ANSWER_COMPLETE;
}

/* ---- the actions ---- */

/* The answer for each action that blocks (libweir/action.h). */
static const struct answer_row {
	/* Makes the message that clients get; returns NULL when there is no memory. Without this function they are
	 * refused. */
	struct dns_msg *(*make)(struct module_qstate *, const struct ruling *, const struct table *);
	/* Does what takes more than a message. NULL: nothing more is needed. */
	enum answer (*answer)(struct module_qstate *, const struct ruling *, const struct table *, bool answered);
	/* Whether an expired answer goes out unchanged. NULL: never. */
	bool (*passes_at_once)(const struct module_qstate *, const struct mesh_reply *, const struct category_policy *);
	uint16_t flags_at_once; /* of what stands in for it */
} rows[ACTION_COUNT] = {
	[ACTION_REDIRECT] = {make_alias, answer_redirect, is_redirect_target, 0},
	[ACTION_SINKHOLE] = {make_sinkhole, NULL, NULL, 0},
	[ACTION_TRUNCATE] = {make_nodata, answer_truncated, is_asked_over_tcp, BIT_TC},
	[ACTION_NODATA] = {make_nodata, NULL, NULL, 0},
	[ACTION_NXDOMAIN] = {make_nxdomain, NULL, NULL, 0},
	[ACTION_REFUSED] = {NULL, NULL, NULL, 0},
	[ACTION_DROP] = {NULL, answer_dropped, NULL, 0},
};

enum answer answer_blocked(
	struct module_qstate *qstate, const struct ruling *ruling, const struct table *table, bool answered)
{
	const struct answer_row *row = &rows[ruling->effect.action];
	if (row->answer)
		return row->answer(qstate, ruling, table, answered);
	struct dns_msg *message = row->make ? row->make(qstate, ruling, table) : NULL;
	if ((row->make && !message) || !add_ede(qstate, NULL, ruling->effect.category, message))
		return ANSWER_FAILED;
	qstate->return_msg = message;
	qstate->return_rcode = message ? LDNS_RCODE_NOERROR : LDNS_RCODE_REFUSED;
	return ANSWER_COMPLETE;
}

bool answer_at_once(struct module_qstate *qstate, const struct mesh_reply *client, const struct ruling *ruling,
	const struct table *table, struct reply_info *rep)
{
	const struct category_policy *category = ruling->effect.category;
	const struct answer_row *row = &rows[ruling->effect.action];
	if (row->passes_at_once && row->passes_at_once(qstate, client, category))
		return true;
	struct dns_msg *message =
		row->make ? row->make(qstate, ruling, table) : make_message(qstate, LDNS_RCODE_REFUSED, 0, 0, 0);
	if (!message || !add_ede(qstate, client, category, message))
		return false;
	message->rep->flags |= row->flags_at_once;
	*rep = *message->rep;
	return true;
}
