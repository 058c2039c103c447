/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/scrub.h"

#include <string.h>

#include "plugin/compat.h"
#include "plugin/targets.h"

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

/* Whether the table blocks this message. The caller holds the entry's lock.
 *
 * The message's own name decides first, as for a query; only if nothing is said about it do its targets count. RRsets
 * are entries of another cache and may have been replaced. A message with a replaced RRset is no longer answered from
 * the cache, so it needs no look. */
static bool message_blocked(const struct table *table, const struct msgreply_entry *entry)
{
	const struct query_info *question = &entry->key;
	struct ruling ruling = targets_decide_message(table, question, NULL, GROUP_ANYONE);
	struct reply_info *rep = entry->entry.data;
	if (ruling_blocks(&ruling))
		return true;
	if (ruling.kind == DECISION_ALLOW || rep->an_numrrsets == 0 || !rrset_array_lock(rep->ref, rep->rrset_count, 0))
		return false;
	ruling = targets_decide(table, question, rep, GROUP_ANYONE);
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

/* After this no answer is made of the message, not even an expired one: its time is over, and its records count as
 * replaced. */
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

void scrub_begin(struct scrub *scrub)
{
	scrub->slabs_left = SCRUB_ALL;
	scrub->walked = scrub->evicted = 0;
}

/* A slab may grow during the walk: a bin's messages then move to this bin and to one in the new half, which comes
 * later, so none is missed. A full batch may have left messages of its bin unseen: that bin is walked again. */
void scrub_walk(struct module_env *env, const struct table *table, struct scrub *scrub)
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
