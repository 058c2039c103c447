/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/scrub.h"

#include <stddef.h>
#include <string.h>

#include "plugin/compat.h"
#include "plugin/targets.h"

enum { SLICE_BINS = 32, BATCH = 16, CACHE_LINE = 64 };

/* ---- calling for memory ---- */

/* A walk would wait for memory nearly all the time: a dozen times a message, one wait after the other. So the memory that
 * a slice needs is called for in some steps before the slice is walked, each step for all of its messages at once. The
 * steps are hints: a message that comes or goes meanwhile costs a wait and nothing else.
 *
 * Each step reads under the slab's lock. Whoever adds, replaces or removes a message holds that lock, and what is read
 * here of a message does not change while the message is in its bin. */

static void call_for(const void *at, size_t length)
{
	for (size_t i = 0; i < length; i += CACHE_LINE)
		__builtin_prefetch((const char *)at + i);
}

/* Calls for a message without reading it. */
static void call_for_message(const struct lruhash_entry *entry)
{
	if (entry)
		call_for((const char *)entry - offsetof(struct msgreply_entry, entry), sizeof(struct msgreply_entry));
}

/* Begins a slice: calls for the first message of each of its bins. Returns how many bins from round.bin on it has. */
static size_t call_for_bins(struct lruhash *hash, struct scrub *scrub, size_t slabs)
{
	const struct lruhash_entry *first[SLICE_BINS];
	lock_quick_lock(&hash->lock);
	size_t bins = scrub_round_step(&scrub->round, slabs, hash->size, SLICE_BINS);
	for (size_t i = 0; i < bins; i++)
		first[i] = hash->array[scrub->round.bin + i].overflow_list;
	lock_quick_unlock(&hash->lock);
	for (size_t i = 0; i < bins; i++)
		call_for_message(first[i]);
	return bins;
}

/* Calls for the further messages of a bin, and for names and answers of all. */
static void call_for_contents(struct lruhash *hash, size_t number)
{
	lock_quick_lock(&hash->lock);
	for (const struct lruhash_entry *e = hash->array[number].overflow_list; e; e = e->overflow_next) {
		const struct msgreply_entry *message = e->key;
		call_for_message(e->overflow_next);
		call_for(message->key.qname, 1);
		call_for(e->data, sizeof(struct reply_info));
	}
	lock_quick_unlock(&hash->lock);
}

/* Calls for the RRsets of a bin's answers, and for what the table's lookup of their names begins with. */
static void call_for_answers(struct lruhash *hash, size_t number, const struct table *table)
{
	lock_quick_lock(&hash->lock);
	for (const struct lruhash_entry *e = hash->array[number].overflow_list; e; e = e->overflow_next) {
		const struct msgreply_entry *message = e->key;
		const struct reply_info *rep = e->data;
		table_prefetch(table, message->key.qname, message->key.qname_len);
		for (size_t i = 0; i < rep->an_numrrsets; i++)
			call_for(rep->rrsets[i], sizeof *rep->rrsets[i]);
	}
	lock_quick_unlock(&hash->lock);
}

/* ---- the walk ---- */

/* Keys of messages found in a bin, to be removed once its lock is released. */
struct batch {
	struct {
		hashvalue_type hash;
		struct query_info qinfo;
		uint8_t qname[LDNS_MAX_DOMAINLEN + 1];
	} key[BATCH];
	unsigned count;
};

/* Whether an RRset of an answer leads to a blocked name. RRsets are entries of another cache and may have been replaced. A
 * message with a replaced RRset is no longer answered from the cache, so it needs no look. */
static bool rrset_blocked(const struct table *table, struct reply_info *rep, const struct ub_packed_rrset_key *rrset)
{
	struct ruling ruling = {0};
	size_t i = 0;
	while (i < rep->rrset_count && rep->ref[i].key != rrset)
		i++;
	if (i == rep->rrset_count || !rrset_array_lock(&rep->ref[i], 1, 0))
		return false;
	targets_decide_rrset(table, rrset, GROUP_ANYONE, &ruling);
	rrset_array_unlock(&rep->ref[i], 1);
	return ruling_blocks(&ruling);
}

/* Whether the table blocks this message. The caller holds the entry's lock. The message's own name decides first, as for a
 * query; only if nothing is said about it do its targets count. */
static bool message_blocked(const struct table *table, const struct msgreply_entry *message)
{
	const struct query_info *question = &message->key;
	struct reply_info *rep = message->entry.data;
	struct ruling ruling =
		decide_question(table, question->qname, question->qname_len, question->qtype, GROUP_ANYONE);
	bool blocked = ruling_blocks(&ruling);
	if (blocked || ruling.kind == DECISION_ALLOW || !question_leads(question->qtype))
		return blocked;
	for (size_t i = 0; i < rep->an_numrrsets && !blocked; i++)
		blocked = rrset_blocked(table, rep, rep->rrsets[i]);
	return blocked;
}

static void note_key(struct batch *batch, const struct msgreply_entry *message)
{
	if (message->key.qname_len > sizeof batch->key->qname)
		return;
	unsigned n = batch->count++;
	batch->key[n].hash = message->entry.hash;
	batch->key[n].qinfo = message->key;
	batch->key[n].qinfo.local_alias = NULL;
	memcpy(batch->key[n].qname, message->key.qname, message->key.qname_len);
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

/* Looks at a bin's messages, until the batch is full. Returns whether that was all of them. The bin is locked. */
static bool walk_messages(
	const struct lruhash_bin *bin, const struct table *table, struct batch *batch, struct scrub *scrub)
{
	struct lruhash_entry *e = bin->overflow_list;
	unsigned looked_at = 0;
	for (; e && batch->count < BATCH; e = e->overflow_next, looked_at++) {
		lock_rw_rdlock(&e->lock);
		if (message_blocked(table, e->key)) {
			if (e->data == scrub->busy)
				make_unfit(e->data);
			else
				note_key(batch, e->key);
		}
		lock_rw_unlock(&e->lock);
	}
	/* What passes is counted when its bin is walked to the end, so that it is counted once. */
	scrub->walked += e ? batch->count : looked_at;
	return !e;
}

/* Walks one bin. The order of locks is that of lruhash_lookup: table, bin (then the table's is released), entry. */
static bool walk_bin(
	struct lruhash *hash, size_t number, const struct table *table, struct batch *batch, struct scrub *scrub)
{
	lock_quick_lock(&hash->lock);
	struct lruhash_bin *bin = &hash->array[number];
	lock_quick_lock(&bin->lock);
	lock_quick_unlock(&hash->lock);
	bool all = walk_messages(bin, table, batch, scrub);
	lock_quick_unlock(&bin->lock);
	return all;
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
	scrub_round_begin(&scrub->round);
	scrub->walked = scrub->evicted = 0;
}

/* A bin whose messages fill the batch is walked again: there may be more of them. */
void scrub_walk(struct module_env *env, const struct table *table, struct scrub *scrub)
{
	struct slabhash *cache = env->msg_cache;
	struct lruhash *hash = cache->array[scrub_round_slab(&scrub->round, cache->size)];
	struct batch batch = {.count = 0};
	size_t bins = call_for_bins(hash, scrub, cache->size), end = scrub->round.bin + bins;
	for (size_t i = scrub->round.bin; i < end; i++)
		call_for_contents(hash, i);
	for (size_t i = scrub->round.bin; i < end; i++)
		call_for_answers(hash, i, table);
	for (unsigned done = 0; done < SLICE_BINS && scrub->round.bin < end; done++) {
		if (walk_bin(hash, scrub->round.bin, table, &batch, scrub))
			scrub->round.bin++;
		remove_batch(cache, &batch, scrub);
	}
}

bool scrub_is_done(const struct scrub *scrub)
{
	return scrub->round.parts_left == 0;
}

void scrub_give_up(struct scrub *scrub)
{
	scrub->round.parts_left = 0;
}
