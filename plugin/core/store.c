/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "libweir/hash.h"

enum {
	MOST_PARTS = 64,
	LEAST_PART = 65536, /* octets */
	OCTETS_A_CHAIN = 1024,
	MALLOC_HEAD = 16 /* octets that malloc takes for itself */
};

/* The data begins at the next multiple of 16 behind the key. */
struct entry {
	struct entry *next;          /* in its chain */
	struct entry *newer, *older; /* by their last use */
	uint64_t hash;
	uint32_t key_length, length;
	_Alignas(16) uint8_t octets[];
};

struct part {
	_Alignas(64) pthread_mutex_t lock;
	struct entry **chains;
	struct entry *newest, *oldest;
	atomic_size_t octets;
};

struct store {
	uint64_t seed;
	size_t part_limit; /* octets */
	size_t chain_mask, part_count;
	struct part parts[];
};

static size_t data_at(size_t key_length)
{
	return (key_length + 15) / 16 * 16;
}

static size_t entry_size(const struct entry *entry)
{
	return sizeof *entry + data_at(entry->key_length) + entry->length + MALLOC_HEAD;
}

/* The largest power of two that is at most `number`, which is not 0. */
static size_t power_of_two(size_t number)
{
	size_t power = 1;
	while (power <= number / 2)
		power *= 2;
	return power;
}

static uint64_t random_seed(void)
{
	uint64_t seed;
	struct timespec now;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
		return seed;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u + (uint64_t)now.tv_sec;
}

struct store *store_new(size_t limit)
{
	size_t parts = power_of_two(limit > STORE_LEAST ? limit / LEAST_PART : 1);
	if (parts > MOST_PARTS)
		parts = MOST_PARTS;
	size_t size = sizeof(struct store) + parts * sizeof(struct part);
	struct store *store = aligned_alloc(_Alignof(struct store), size);
	if (!store)
		return NULL;
	memset(store, 0, size);
	store->seed = random_seed();
	store->part_limit = (limit > STORE_LEAST ? limit : STORE_LEAST) / parts;
	store->part_count = parts;
	size_t chains = power_of_two(store->part_limit / OCTETS_A_CHAIN);
	store->chain_mask = chains - 1;
	bool whole = true;
	for (size_t i = 0; i < parts; i++) {
		pthread_mutex_init(&store->parts[i].lock, NULL);
		store->parts[i].chains = calloc(chains, sizeof(struct entry *));
		atomic_init(&store->parts[i].octets, chains * sizeof(struct entry *) + sizeof(struct part));
		whole &= store->parts[i].chains != NULL;
	}
	if (!whole)
		store_free(&store);
	return store;
}

void store_free(struct store **store)
{
	struct store *s = *store;
	*store = NULL;
	if (!s)
		return;
	for (size_t i = 0; i < s->part_count; i++) {
		for (struct entry *entry = s->parts[i].oldest; entry;) {
			struct entry *newer = entry->newer;
			free(entry);
			entry = newer;
		}
		free(s->parts[i].chains);
		pthread_mutex_destroy(&s->parts[i].lock);
	}
	free(s);
}

/* ---- one part, which is locked ---- */

static void link_newest(struct part *part, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = part->newest;
	*(part->newest ? &part->newest->newer : &part->oldest) = entry;
	part->newest = entry;
}

static void unlink_entry(struct part *part, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &part->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &part->oldest) = entry->newer;
}

static struct entry **chain_of(const struct store *store, struct part *part, uint64_t hash)
{
	return &part->chains[hash & store->chain_mask];
}

/* The link that leads to the entry in its chain; the end of the chain if the entry is not there. */
static struct entry **find_link(
	const struct store *store, struct part *part, uint64_t hash, const void *key, size_t key_length)
{
	struct entry **link = chain_of(store, part, hash);
	for (; *link; link = &(*link)->next) {
		const struct entry *entry = *link;
		if (entry->hash == hash && entry->key_length == key_length &&
			memcmp(entry->octets, key, key_length) == 0)
			break;
	}
	return link;
}

static void remove_entry(struct part *part, struct entry **link)
{
	struct entry *entry = *link;
	*link = entry->next;
	unlink_entry(part, entry);
	atomic_fetch_sub_explicit(&part->octets, entry_size(entry), memory_order_relaxed);
	free(entry);
}

static void remove_oldest(const struct store *store, struct part *part)
{
	struct entry *entry = part->oldest, **link = chain_of(store, part, entry->hash);
	while (*link != entry)
		link = &(*link)->next;
	remove_entry(part, link);
}

/* Removes the oldest entry of a full chain: its last one was put there first. */
static void shorten_chain(struct part *part, struct entry **link)
{
	for (unsigned length = 0; *link; link = &(*link)->next)
		if (++length >= STORE_CHAIN) {
			remove_entry(part, link);
			return;
		}
}

static void insert_entry(const struct store *store, struct part *part, struct entry *entry)
{
	size_t size = entry_size(entry);
	while (part->oldest && atomic_load_explicit(&part->octets, memory_order_relaxed) + size > store->part_limit)
		remove_oldest(store, part);
	struct entry **link = chain_of(store, part, entry->hash);
	shorten_chain(part, link);
	entry->next = *link;
	*link = entry;
	link_newest(part, entry);
	atomic_fetch_add_explicit(&part->octets, size, memory_order_relaxed);
}

/* ---- */

/* The part of a key. The hash table uses the low bits of the hash, so this uses the high ones. */
static struct part *part_of(struct store *store, uint64_t hash)
{
	return &store->parts[(hash >> 32) & (store->part_count - 1)];
}

static struct entry *make_entry(uint64_t hash, const void *key, size_t key_length, const void *data, size_t length)
{
	struct entry *entry = malloc(sizeof *entry + data_at(key_length) + length);
	if (!entry)
		return NULL;
	entry->hash = hash;
	entry->key_length = (uint32_t)key_length;
	entry->length = (uint32_t)length;
	memcpy(entry->octets, key, key_length);
	memcpy(entry->octets + data_at(key_length), data, length);
	return entry;
}

void store_put(struct store *store, const void *key, size_t key_length, const void *data, size_t length)
{
	uint64_t hash = name_key(key, key_length, store->seed);
	struct part *part = part_of(store, hash);
	bool fits = key_length + length <= store->part_limit / 8;
	struct entry *entry = fits ? make_entry(hash, key, key_length, data, length) : NULL;
	pthread_mutex_lock(&part->lock);
	struct entry **same = find_link(store, part, hash, key, key_length);
	if (*same)
		remove_entry(part, same);
	if (entry)
		insert_entry(store, part, entry);
	pthread_mutex_unlock(&part->lock);
}

bool store_visit(struct store *store, const void *key, size_t key_length, store_visitor *visit, void *context)
{
	uint64_t hash = name_key(key, key_length, store->seed);
	struct part *part = part_of(store, hash);
	pthread_mutex_lock(&part->lock);
	struct entry **link = find_link(store, part, hash, key, key_length), *entry = *link;
	if (entry && visit(context, entry->octets + data_at(key_length), entry->length)) {
		if (part->newest != entry) {
			unlink_entry(part, entry);
			link_newest(part, entry);
		}
	} else if (entry) {
		remove_entry(part, link);
	}
	pthread_mutex_unlock(&part->lock);
	return entry;
}

size_t store_octets(const struct store *store)
{
	size_t octets = sizeof *store;
	for (size_t i = 0; i < store->part_count; i++)
		octets += atomic_load_explicit(&store->parts[i].octets, memory_order_relaxed);
	return octets;
}
