#include "answer.h"

#include <string.h>

#include "compat.h"

/* SOA RDATA: MNAME "localhost.", RNAME "nobody.invalid.", then five numbers (RFC 1035 section 3.3.13). The timers are
 * never used, nobody transfers this zone; the last one is the negative TTL. */
static const uint8_t soa_names[] = "\011localhost\000\006nobody\007invalid";
enum { SOA_NUMBERS = 5 * 4, SOA_RDATA = sizeof soa_names + SOA_NUMBERS };

static void write_soa(uint8_t *to, uint32_t serial, uint32_t ttl)
{
	const uint32_t numbers[] = {serial, 3600, 1200, 604800, ttl};
	sldns_write_uint16(to, SOA_RDATA);
	memcpy(to + 2, soa_names, sizeof soa_names);
	for (unsigned i = 0; i < 5; i++)
		sldns_write_uint32(to + 2 + sizeof soa_names + 4 * i, numbers[i]);
}

/* An RRset of one record in one piece of the region. */
static struct ub_packed_rrset_key *make_soa(
	struct regional *region, const uint8_t *owner, size_t owner_length, uint32_t serial, uint32_t ttl)
{
	struct packed_rrset_data *data = regional_alloc_zero(
		region, sizeof *data + sizeof(size_t) + sizeof(time_t) + sizeof(uint8_t *) + 2 + SOA_RDATA);
	struct ub_packed_rrset_key *key = regional_alloc_zero(region, sizeof *key);
	uint8_t *name = regional_alloc_init(region, owner, owner_length);
	if (!data || !key || !name)
		return NULL;
	data->ttl = ttl;
	data->count = 1;
	data->trust = rrset_trust_none;
	data->security = sec_status_insecure;
	data->rr_len = (size_t *)(data + 1);
	data->rr_data = (uint8_t **)(data->rr_len + 1);
	data->rr_ttl = (time_t *)(data->rr_data + 1);
	data->rr_data[0] = (uint8_t *)(data->rr_ttl + 1);
	data->rr_len[0] = 2 + SOA_RDATA;
	data->rr_ttl[0] = ttl;
	write_soa(data->rr_data[0], serial, ttl);
	key->entry.key = key;
	key->entry.data = data;
	key->rk.dname = name;
	key->rk.dname_len = owner_length;
	key->rk.type = htons(LDNS_RR_TYPE_SOA);
	key->rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	key->entry.hash = rrset_key_hash(&key->rk);
	return key;
}

/* A message without an answer section: NXDOMAIN or NODATA. */
static struct dns_msg *make_negative(
	struct module_qstate *qstate, const struct ruling *ruling, int rcode, uint64_t generation)
{
	size_t offset = ruling->target ? 0 : ruling->rule_offset;
	uint32_t ttl = ruling->category->ttl_s;
	struct ub_packed_rrset_key *soa = make_soa(qstate->region, qstate->qinfo.qname + offset,
		qstate->qinfo.qname_len - offset, (uint32_t)generation, ttl);
	struct dns_msg *message = regional_alloc_zero(qstate->region, sizeof *message);
	if (!soa || !message)
		return NULL;
	message->qinfo = qstate->qinfo;
	message->rep = compat_new_reply(qstate->region, (uint16_t)(BIT_QR | BIT_RA | rcode), ttl, 0, 1, 0, 1);
	if (!message->rep)
		return NULL;
	message->rep->rrsets[0] = soa;
	return message;
}

static bool add_ede(struct module_qstate *qstate, const struct category_policy *category)
{
	if (category->ede == 0)
		return true;
	return edns_opt_list_append_ede(&qstate->edns_opts_front_out, qstate->region, (sldns_ede_code)category->ede,
		category->text[0] ? category->text : NULL);
}

bool answer_blocked(struct module_qstate *qstate, const struct ruling *ruling, uint64_t generation)
{
	struct dns_msg *message = NULL;
	switch (ruling->action) {
	case ACTION_DROP:
		qstate->is_drop = 1;
		qstate->return_msg = NULL; /* internal askers do not know of dropping: they get a failure */
		return true;
	case ACTION_REFUSED: break;
	case ACTION_NODATA: message = make_negative(qstate, ruling, LDNS_RCODE_NOERROR, generation); break;
	default: message = make_negative(qstate, ruling, LDNS_RCODE_NXDOMAIN, generation); break;
	}
	if ((!message && ruling->action != ACTION_REFUSED) || !add_ede(qstate, ruling->category))
		return false;
	qstate->return_msg = message;
	qstate->return_rcode = message ? LDNS_RCODE_NOERROR : LDNS_RCODE_REFUSED;
	return true;
}
