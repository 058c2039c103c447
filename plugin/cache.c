/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/cache.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/compat.h"

/* ---- names in a message ---- */

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

/* What an RRset makes its owner an alias of; NULL unless it is a CNAME. In an answer a DNAME stands with the CNAME that
 * it makes. */
static const uint8_t *alias_of(const struct ub_packed_rrset_key *rrset, size_t *length)
{
	const struct packed_rrset_data *data = rrset->entry.data;
	if (rrset->rk.type != htons(LDNS_RR_TYPE_CNAME) || data->count < 1)
		return NULL;
	return target_of(LDNS_RR_TYPE_CNAME, data->rr_data[0], data->rr_len[0], length);
}

enum { MOST_ALIASES = 32 }; /* in a chain: the iterator follows 11, or max-query-restarts */

/* Brings `strongest` up to date with the targets of one RRset. */
static void decide_rrset(
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

struct ruling cache_decide_targets(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group)
{
	struct ruling strongest = {0};
	for (size_t i = 0; i < rep->an_numrrsets && question_leads(question->qtype); i++)
		if (rep->rrsets[i])
			decide_rrset(table, rep->rrsets[i], group, &strongest);
	return strongest;
}

struct ruling cache_decide_message(
	const struct table *table, const struct query_info *question, const struct reply_info *rep, uint16_t group)
{
	struct ruling ruling = decide_question(table, question->qname, question->qname_len, question->qtype, group);
	if (ruling.kind == DECISION_ALLOW || ruling_blocks(&ruling) || !rep)
		return ruling;
	return ruling_stronger(ruling, cache_decide_targets(table, question, rep, group));
}

/* Replaces `name` by what it is an alias of. Returns false if the cache knows of none. */
static bool follow_alias(const struct module_qstate *qstate, const struct table *table,
	uint8_t name[LDNS_MAX_DOMAINLEN + 1], size_t *length, uint16_t group, struct ruling *ruling)
{
	const struct module_env *env = qstate->env;
	struct ub_packed_rrset_key *alias = rrset_cache_lookup(
		env->rrset_cache, name, *length, LDNS_RR_TYPE_CNAME, qstate->qinfo.qclass, 0, *env->now, 0);
	if (!alias)
		return false;
	const uint8_t *target = alias_of(alias, length);
	if (target) {
		memcpy(name, target, *length);
		*ruling = decide_target(table, name, *length, group);
	}
	lock_rw_unlock(&alias->entry.lock);
	return target;
}

struct ruling cache_decide_chain(const struct module_qstate *qstate, const struct table *table, const uint8_t *name,
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

struct ruling cache_decide_beyond(
	const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep)
{
	const uint8_t *last = NULL;
	size_t length = 0;
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		size_t own;
		const uint8_t *target = alias_of(rep->rrsets[i], &own);
		if (target) {
			last = target;
			length = own;
		}
	}
	return last ? cache_decide_chain(qstate, table, last, length, GROUP_ANYONE) : (struct ruling){0};
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

bool cache_has_alias(const struct module_qstate *qstate)
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

void cache_displace(const struct module_qstate *qstate, const struct table *table, const struct reply_info *rep)
{
	for (size_t i = 0; i < rep->rrset_count; i++) {
		struct ub_packed_rrset_key *rrset = rep->rrsets[i];
		struct ruling ruling = {0};
		if (!rrset)
			continue;
		decide_rrset(table, rrset, GROUP_ANYONE, &ruling);
		if (ruling_blocks(&ruling))
			rrset_cache_remove(qstate->env->rrset_cache, rrset->rk.dname, rrset->rk.dname_len,
				ntohs(rrset->rk.type), ntohs(rrset->rk.rrset_class), rrset->rk.flags);
	}
}

void cache_make_transient(struct reply_info *rep)
{
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		size_t length;
		if (alias_of(rep->rrsets[i], &length))
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
		const uint8_t *target = alias_of(rep->rrsets[i], &length);
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

/* ---- the walk ---- */

enum { SLICE_BINS = 16, BATCH = 16 };

/* Keys of messages found in a bin, to be removed once its lock is released. */
struct batch {
	struct {
		hashvalue_type hash;
		struct query_info qinfo;
		uint8_t qname[LDNS_MAX_DOMAINLEN + 1];
	} key[BATCH];
	unsigned count;
};

/* The message's own name decides first, as for a query; only if nothing is said about it do its targets count. The
 * caller holds the entry's lock. RRsets are other entries, of another cache, that may have been replaced: such a
 * message is no longer answered from the cache, so it needs no look. */
static bool message_blocked(const struct table *table, const struct msgreply_entry *entry)
{
	const struct query_info *question = &entry->key;
	struct ruling ruling = cache_decide_message(table, question, NULL, GROUP_ANYONE);
	struct reply_info *rep = entry->entry.data;
	if (ruling_blocks(&ruling))
		return true;
	if (ruling.kind == DECISION_ALLOW || rep->an_numrrsets == 0 || !rrset_array_lock(rep->ref, rep->rrset_count, 0))
		return false;
	ruling = cache_decide_targets(table, question, rep, GROUP_ANYONE);
	rrset_array_unlock(rep->ref, rep->rrset_count);
	return ruling_blocks(&ruling);
}

static void note_key(struct batch *batch, const struct msgreply_entry *entry)
{
	if (entry->key.qname_len > sizeof batch->key->qname)
		return;
	unsigned n = batch->count++;
	batch->key[n].hash = entry->entry.hash;
	batch->key[n].qinfo = entry->key;
	batch->key[n].qinfo.local_alias = NULL;
	memcpy(batch->key[n].qname, entry->key.qname, entry->key.qname_len);
	batch->key[n].qinfo.qname = batch->key[n].qname;
}

/* No answer is made of it any more, not even an expired one: its time is over, and its records are others now. */
static void make_unfit(struct reply_info *rep)
{
	rep->ttl = rep->prefetch_ttl = rep->serve_expired_ttl = 0;
	for (size_t i = 0; i < rep->rrset_count; i++)
		rep->ref[i].id = 0;
}

/* Looks at a bin's messages. The bin is locked. */
static void walk_messages(
	const struct lruhash_bin *bin, const struct table *table, struct batch *batch, struct scrub *scrub)
{
	for (struct lruhash_entry *e = bin->overflow_list; e && batch->count < BATCH; e = e->overflow_next) {
		lock_rw_rdlock(&e->lock);
		scrub->walked++;
		if (message_blocked(table, e->key)) {
			if (e->data == scrub->busy)
				make_unfit(e->data);
			else
				note_key(batch, e->key);
		}
		lock_rw_unlock(&e->lock);
	}
}

/* Looks at one bin. The order of locks is that of lruhash_lookup: table, bin (then the table's is released), entry. */
static size_t walk_bin(
	struct lruhash *hash, size_t number, const struct table *table, struct batch *batch, struct scrub *scrub)
{
	lock_quick_lock(&hash->lock);
	size_t bins = hash->size;
	if (number >= bins) {
		lock_quick_unlock(&hash->lock);
		return bins;
	}
	struct lruhash_bin *bin = &hash->array[number];
	lock_quick_lock(&bin->lock);
	lock_quick_unlock(&hash->lock);
	walk_messages(bin, table, batch, scrub);
	lock_quick_unlock(&bin->lock);
	return bins;
}

static void remove_batch(struct slabhash *cache, struct batch *batch, struct scrub *scrub)
{
	for (unsigned i = 0; i < batch->count; i++)
		slabhash_remove(cache, batch->key[i].hash, &batch->key[i].qinfo);
	scrub->evicted += batch->count;
	batch->count = 0;
}

void cache_scrub_begin(struct scrub *scrub)
{
	scrub->slabs_left = SCRUB_ALL;
	scrub->walked = scrub->evicted = 0;
}

/* A slab may grow during the walk: a bin's messages then move to this bin and to one in the new half, which comes
 * later, so none is missed. A full batch may have left messages of its bin unseen: that bin is walked again. */
void cache_scrub(struct module_env *env, const struct table *table, struct scrub *scrub)
{
	struct slabhash *cache = env->msg_cache;
	struct batch batch = {.count = 0};
	/* The cache may have become a smaller one. A slab that is under way must be seen from its start as well. */
	if (scrub->slab >= cache->size)
		scrub->slab = scrub->bin = 0;
	if (scrub->slabs_left == SCRUB_ALL)
		scrub->slabs_left = cache->size + (scrub->bin > 0);
	for (unsigned done = 0; done < SLICE_BINS && scrub->slabs_left > 0; done++) {
		size_t bins = walk_bin(cache->array[scrub->slab], scrub->bin, table, &batch, scrub);
		if (batch.count < BATCH)
			scrub->bin++;
		remove_batch(cache, &batch, scrub);
		if (scrub->bin >= bins) {
			scrub->bin = 0;
			scrub->slab = (scrub->slab + 1) % cache->size;
			scrub->slabs_left--;
		}
	}
}
