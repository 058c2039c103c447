/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/stored_answer.h"

#include "libweir/name.h"
#include "plugin/core/store.h"
#include "plugin/validation.h"

enum {
	FAILURE_TTL = 5, /* seconds; Unbound's NORR_TTL */
	FETCH_TIME = 5,  /* seconds within which it should be fetched again, before that is tried anew */
	LIMIT_SHARE = 4, /* of msg-cache-size */
};

/* An entry of the store: this, behind it each RRset as a `stored_rrset`, and behind those why it is bogus, in words. Pointers
 * in it mean nothing. */
struct stored {
	time_t since;         /* its TTLs count from then, seconds since 1970 */
	time_t until;         /* it expires then */
	time_t last;          /* serve-expired ends then; only with serve-expired-ttl */
	time_t due;           /* it should be fetched again from then on */
	uint32_t octets;      /* behind this structure */
	uint32_t text_octets; /* of these for the words and the 0 that ends them; 0: there are none */
	uint32_t answers, authorities, additionals; /* RRsets */
	uint16_t flags;
	uint8_t authoritative;
	enum sec_status security;
	sldns_ede_code reason_bogus;
};

/* Behind it lie the owner's name and Unbound's own form of the records, each at a multiple of 8. */
struct stored_rrset {
	uint16_t type, class; /* in network order */
	uint32_t flags;
	uint32_t owner_length, data_length;
	hashvalue_type hash;
};

static bool has_expired(const struct stored *stored, time_t now)
{
	return compat_is_expired(stored->until, now);
}

static size_t padded(size_t length)
{
	return (length + 7) / 8 * 8;
}

/* ---- the key ---- */

struct store_key {
	uint8_t octets[NAME_MAX_WIRE + 5];
	size_t length;
};

/* Makes the key as Unbound's cache does. The key of AAAA depends on whether validation is wanted, since dns64 makes
 * some of those answers. */
static void make_question_key(struct store_key *key, const struct module_qstate *qstate)
{
	const struct query_info *q = &qstate->qinfo;
	uint8_t *end = key->octets + q->qname_len;
	name_lower(key->octets, q->qname, q->qname_len);
	sldns_write_uint16(end, q->qtype);
	sldns_write_uint16(end + 2, q->qclass);
	end[4] = q->qtype == LDNS_RR_TYPE_AAAA && (qstate->query_flags & BIT_CD);
	key->length = q->qname_len + 5;
}

/* ---- into the store ---- */

/* The TTL of an RRset. It is 0 where the RRset was only to be kept out of Unbound's cache (cache_make_transient). */
static time_t rrset_ttl(const struct packed_rrset_data *data)
{
	if (data->ttl > 0 || data->count == 0)
		return data->ttl;
	time_t least = data->rr_ttl[0];
	for (size_t i = 1; i < data->count + data->rrsig_count; i++)
		if (data->rr_ttl[i] < least)
			least = data->rr_ttl[i];
	return least;
}

static time_t reply_ttl(const struct reply_info *rep)
{
	time_t least = rep->ttl > 0 || rep->rrset_count > 0 ? rep->ttl : FAILURE_TTL;
	for (size_t i = 0; i < rep->rrset_count; i++) {
		time_t ttl = rrset_ttl(rep->rrsets[i]->entry.data);
		if ((i == 0 && least == 0) || ttl < least)
			least = ttl;
	}
	return least;
}

static size_t rrsets_size(const struct reply_info *rep)
{
	size_t size = 0;
	for (size_t i = 0; i < rep->rrset_count; i++)
		size += padded(sizeof(struct stored_rrset)) + padded(rep->rrsets[i]->rk.dname_len) +
			padded(packed_rrset_sizeof(rep->rrsets[i]->entry.data));
	return size;
}

static uint8_t *pack_rrset(uint8_t *to, const struct ub_packed_rrset_key *rrset)
{
	struct packed_rrset_data *data = rrset->entry.data;
	struct stored_rrset head = {
		.type = rrset->rk.type,
		.class = rrset->rk.rrset_class,
		.flags = rrset->rk.flags,
		.owner_length = (uint32_t)rrset->rk.dname_len,
		.data_length = (uint32_t)packed_rrset_sizeof(data),
		.hash = rrset->entry.hash,
	};
	memcpy(to, &head, sizeof head);
	to += padded(sizeof head);
	memcpy(to, rrset->rk.dname, head.owner_length);
	to += padded(head.owner_length);
	memcpy(to, data, head.data_length);
	return to + padded(head.data_length);
}

static bool put(struct store *store, const struct store_key *key, const struct module_qstate *qstate,
	const struct reply_info *rep, time_t ttl)
{
	const char *text = compat_bogus_text(rep);
	size_t text_octets = text ? strlen(text) + 1 : 0, octets = rrsets_size(rep) + text_octets;
	time_t now = *qstate->env->now;
	struct stored *stored = regional_alloc(qstate->region, padded(sizeof *stored) + octets);
	if (!stored)
		return false;
	*stored = (struct stored){
		.since = now,
		.until = now + ttl,
		.last = now + ttl + qstate->env->cfg->serve_expired_ttl,
		.due = now + ttl - ttl / 10,
		.octets = (uint32_t)octets,
		.text_octets = (uint32_t)text_octets,
		.answers = (uint32_t)rep->an_numrrsets,
		.authorities = (uint32_t)rep->ns_numrrsets,
		.additionals = (uint32_t)rep->ar_numrrsets,
		.flags = rep->flags,
		.authoritative = rep->authoritative,
		.security = rep->security,
		.reason_bogus = rep->reason_bogus,
	};
	uint8_t *to = (uint8_t *)stored + padded(sizeof *stored);
	for (size_t i = 0; i < rep->rrset_count; i++)
		to = pack_rrset(to, rep->rrsets[i]);
	if (text)
		memcpy(to, text, text_octets);
	store_put(store, key->octets, key->length, stored, padded(sizeof *stored) + octets);
	return true;
}

static bool is_failure(uint16_t flags)
{
	unsigned code = FLAGS_GET_RCODE(flags);
	return code != LDNS_RCODE_NOERROR && code != LDNS_RCODE_NXDOMAIN && code != LDNS_RCODE_YXDOMAIN;
}

/* The entry that would replace the one that is there. */
struct newcomer {
	const struct module_env *env;
	bool failure, unchecked;
	bool unwanted; /* out */
};

/* As in Unbound, a failure or an answer that nobody has validated does not replace an answer that may still be given
 * out. If it came from an attempt to fetch that answer again, the next attempt is made in a while. With
 * serve-expired-ttl-reset the answer may then be given out for longer. */
static bool yield_to(void *context, void *data, size_t length)
{
	struct newcomer *newcomer = context;
	struct stored *stored = data;
	const struct config_file *cfg = newcomer->env->cfg;
	time_t now = *newcomer->env->now, last = now + cfg->serve_expired_ttl;
	(void)length;
	bool good = !is_failure(stored->flags) && (!has_expired(stored, now) || cfg->serve_expired);
	newcomer->unwanted =
		good && (newcomer->failure || (newcomer->unchecked && stored->security != sec_status_unchecked &&
						      !has_expired(stored, now)));
	if (newcomer->unwanted && newcomer->failure && stored->due <= now)
		stored->due = now + FETCH_TIME;
	if (newcomer->unwanted && newcomer->failure && cfg->serve_expired_ttl_reset && stored->last < last)
		stored->last = last;
	return true;
}

/* How long Unbound keeps the failure of this query in its cache; 0: not at all. */
static time_t failure_ttl(const struct module_qstate *qstate)
{
	const struct query_info *q = &qstate->qinfo;
	struct module_env *env = qstate->env;
	time_t ttl = 0, now = *env->now;
	struct msgreply_entry *found =
		msg_cache_lookup(env, q->qname, q->qname_len, q->qtype, q->qclass, qstate->query_flags, now, 0);
	if (!found)
		return 0;
	const struct reply_info *rep = found->entry.data;
	if (FLAGS_GET_RCODE(rep->flags) == LDNS_RCODE_SERVFAIL && rep->ttl > now)
		ttl = rep->ttl - now;
	lock_rw_unlock(&found->entry.lock);
	return ttl;
}

bool stored_answer_keep(struct store *store, const struct module_qstate *qstate)
{
	const struct reply_info failure = {
		.flags = BIT_QR | BIT_RA | LDNS_RCODE_SERVFAIL, .security = sec_status_indeterminate};
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	bool failed = !rep || is_failure(rep->flags);
	struct store_key key;
	if (!(qstate->query_flags & BIT_RD) || qstate->no_cache_lookup)
		return false;
	if (failed)
		rep = &failure;
	struct newcomer newcomer = {
		.env = qstate->env, .failure = failed, .unchecked = rep->security == sec_status_unchecked};
	time_t ttl = failed ? failure_ttl(qstate) : reply_ttl(rep);
	make_question_key(&key, qstate);
	store_visit(store, key.octets, key.length, yield_to, &newcomer);
	return ttl > 0 && !newcomer.unwanted && put(store, &key, qstate, rep, ttl);
}

/* ---- out of the store ---- */

/* What is left of a TTL. What is expired gets the TTL that Unbound tells then. */
static time_t ttl_left(time_t ttl, time_t age, const struct config_file *cfg)
{
	return compat_is_expired(ttl, age) ? compat_expired_ttl(cfg, ttl) : ttl - age;
}

/* Sets the TTLs to what is left of them. */
static void age_rrset(struct packed_rrset_data *data, time_t age, const struct config_file *cfg)
{
	if (cfg->serve_original_ttl)
		return;
	data->ttl = rrset_ttl(data);
	for (size_t i = 0; i < data->count + data->rrsig_count; i++)
		data->rr_ttl[i] = ttl_left(data->rr_ttl[i], age, cfg);
	data->ttl = ttl_left(data->ttl, age, cfg);
}

static uint8_t *unpack_rrset(struct ub_packed_rrset_key *rrset, uint8_t *from)
{
	const struct stored_rrset *head = (const struct stored_rrset *)from;
	rrset->rk.type = head->type;
	rrset->rk.rrset_class = head->class;
	rrset->rk.flags = head->flags;
	rrset->rk.dname_len = head->owner_length;
	rrset->entry.hash = head->hash;
	rrset->entry.key = rrset;
	rrset->rk.dname = from + padded(sizeof *head);
	rrset->entry.data = rrset->rk.dname + padded(head->owner_length);
	packed_rrset_ptr_fixup(rrset->entry.data);
	return (uint8_t *)rrset->entry.data + padded(head->data_length);
}

static struct dns_msg *unpack(const struct module_qstate *qstate, const struct stored *stored)
{
	const struct config_file *cfg = qstate->env->cfg;
	struct regional *region = qstate->region;
	time_t now = *qstate->env->now, age = now > stored->since ? now - stored->since : 0;
	time_t left = ttl_left(stored->until - stored->since, age, cfg);
	size_t count = (size_t)stored->answers + stored->authorities + stored->additionals;
	struct dns_msg *message = regional_alloc_zero(region, sizeof *message);
	struct ub_packed_rrset_key *rrsets = regional_alloc_zero(region, count * sizeof *rrsets);
	uint8_t *octets = regional_alloc_init(region, (const uint8_t *)stored + padded(sizeof *stored), stored->octets);
	if (!message || !rrsets || !octets)
		return NULL;
	message->qinfo = qstate->qinfo;
	message->rep = compat_new_reply(
		region, stored->flags, left, stored->answers, stored->authorities, stored->additionals, count);
	if (!message->rep)
		return NULL;
	message->rep->security = stored->security;
	message->rep->reason_bogus = stored->reason_bogus;
	message->rep->authoritative = stored->authoritative;
	for (size_t i = 0; i < count; i++) {
		octets = unpack_rrset(&rrsets[i], octets);
		age_rrset(rrsets[i].entry.data, age, cfg);
		message->rep->rrsets[i] = &rrsets[i];
	}
	if (stored->text_octets > 0)
		compat_set_bogus_text(message->rep, (char *)octets);
	return message;
}

struct search {
	const struct module_qstate *qstate;
	bool expired; /* will do */
	struct stored_answer found;
};

static bool look_at(void *context, void *data, size_t length)
{
	struct search *search = context;
	struct stored *stored = data;
	const struct config_file *cfg = search->qstate->env->cfg;
	time_t now = *search->qstate->env->now;
	(void)length;
	if (has_expired(stored, now)) {
		bool over = cfg->serve_expired_ttl > 0 && compat_is_expired(stored->last, now);
		if (!cfg->serve_expired || is_failure(stored->flags) || (over && !cfg->serve_expired_ttl_reset))
			return false;
		if (!search->expired || over)
			return true;
	}
	if (stored->security == sec_status_unchecked && wants_validation(search->qstate))
		return true;
	search->found.message = unpack(search->qstate, stored);
	search->found.expired = has_expired(stored, now);
	search->found.left = stored->until - now;
	search->found.due = stored->due <= now && (cfg->prefetch || search->found.expired);
	if (search->found.due)
		stored->due = now + FETCH_TIME; /* so that others do not fetch it too */
	return true;
}

struct stored_answer stored_answer_find(struct store *store, const struct module_qstate *qstate, bool expired)
{
	struct search search = {.qstate = qstate, .expired = expired};
	struct store_key key;
	if (!(qstate->query_flags & BIT_RD) || qstate->no_cache_lookup ||
		edns_bypass_cache_stage(qstate->edns_opts_front_in, qstate->env))
		return search.found;
	make_question_key(&key, qstate);
	store_visit(store, key.octets, key.length, look_at, &search);
	return search.found;
}

static bool refuse_entry(void *context, void *data, size_t length)
{
	(void)context, (void)data, (void)length;
	return false;
}

void stored_answer_drop(struct store *store, const struct module_qstate *qstate)
{
	struct store_key key;
	make_question_key(&key, qstate);
	store_visit(store, key.octets, key.length, refuse_entry, NULL);
}

/* ---- the store ---- */

/* Whether a module's answers do not depend on who asks, or it tells (query.c) when they do. */
static bool is_known_module(const char *name, size_t length)
{
	static const char *const known[] = {
		"dynlib", "validator", "iterator", "dns64", "subnetcache", "cachedb", "ipsecmod", "ipset"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i]) == length && memcmp(known[i], name, length) == 0)
			return true;
	return false;
}

/* Of the modules that are called dynlib one is this. Who knows what another does? */
static bool modules_are_known(const char *modules)
{
	static const char own[] = "dynlib";
	unsigned own_count = 0;
	for (const char *at = modules; *at;) {
		size_t length = strcspn(at, " \t");
		own_count += length == strlen(own) && memcmp(at, own, length) == 0;
		if (length > 0 && (own_count > 1 || !is_known_module(at, length))) {
			log_info("weir: answers that only some clients may see are not cached, since %.*s in "
				 "module-config may answer each client in another way",
				(int)length, at);
			return false;
		}
		at += length + strspn(at + length, " \t");
	}
	return true;
}

struct store *stored_answer_store(const struct module_env *env, const char *limit)
{
	size_t octets = env->cfg->msg_cache_size / LIMIT_SHARE, wanted;
	if (limit && cfg_parse_memsize(limit, &wanted))
		octets = wanted;
	else if (limit)
		log_err("weir: WEIR_STORE is no size such as 64m: \"%s\"; the store has %zu octets", limit, octets);
	if (octets == 0 || !modules_are_known(env->cfg->module_conf))
		return NULL;
	struct store *store = store_new(octets);
	if (!store)
		log_err("weir: out of memory; answers that only some clients may see are not cached");
	return store;
}
