/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/current_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libweir/errors.h"
#include "libweir/live/client_key_file.h"

int current_init(
	struct current *current, unsigned workers, struct counters *counters, struct hits *hits, const char *run)
{
	size_t count = CURRENT_MIN_SLOTS;
	unsigned shift = 64 - 6;
	for (; count < 2 * (size_t)workers; count *= 2)
		shift--;
	*current = (struct current){
		.slot_count = 2 * count + 1, .counters = counters, .hits = hits, .run = run, .workers = workers};
	current->slots = aligned_alloc(_Alignof(struct current_slot), current->slot_count * sizeof *current->slots);
	if (!current->slots)
		return -ENOMEM;
	memset(current->slots, 0, current->slot_count * sizeof *current->slots);
	current->worker = (struct current_slots){current->slots, shift};
	current->cached = (struct current_slots){current->slots + count, shift};
	pthread_mutex_init(&current->crowd, NULL);
	return 0;
}

static void take_parts(struct current *current, struct current_slot *slot)
{
	atomic_store_explicit(&slot->counters, counters_worker(current->counters), memory_order_relaxed);
	atomic_store_explicit(&slot->hits, hits_worker(current->hits), memory_order_relaxed);
	atomic_store_explicit(&current->served, true, memory_order_relaxed);
}

/* Looks beyond the slot that a worker's address leads to, and takes one if the worker has none yet. */
static never_inline struct current_slot *search_slot(
	struct current *current, const struct current_slots *slots, const void *worker, size_t first)
{
	size_t count = (size_t)1 << (64 - slots->shift);
	for (size_t i = 0; i < count; i++) {
		struct current_slot *slot = &slots->slot[(first + i) % count];
		const void *owner = atomic_load_explicit(&slot->owner, memory_order_relaxed);
		if (owner == worker)
			return slot;
		if (owner == NULL && atomic_compare_exchange_strong(&slot->owner, &owner, worker)) {
			take_parts(current, slot);
			return slot;
		}
	}
	return NULL;
}

static inline struct current_slot *find_slot(
	struct current *current, const struct current_slots *slots, const void *worker)
{
	size_t first = (size_t)((uint64_t)(uintptr_t)worker * UINT64_C(0x9e3779b97f4a7c15) >> slots->shift);
	struct current_slot *slot = &slots->slot[first];
	if (likely(atomic_load_explicit(&slot->owner, memory_order_relaxed) == worker))
		return slot;
	return search_slot(current, slots, worker, first);
}

struct current_slot *current_worker(struct current *current, const void *worker)
{
	return find_slot(current, &current->worker, worker);
}

struct current_slot *current_cached_worker(struct current *current, const void *worker)
{
	return find_slot(current, &current->cached, worker);
}

struct current_slot *current_crowd_enter(struct current *current)
{
	struct current_slot *slot = &current->slots[current->slot_count - 1];
	pthread_mutex_lock(&current->crowd);
	if (!current_counters(slot)) {
		take_parts(current, slot);
		/* Many workers share this slot, and nobody knows which of them is about to store something: it always
		 * counts as storing. */
		atomic_store_explicit(&slot->looked, CURRENT_NONE, memory_order_relaxed);
	}
	return slot;
}

void current_crowd_leave(struct current *current)
{
	pthread_mutex_unlock(&current->crowd);
}

const struct current_table *current_enter(struct current *current, struct current_slot *slot)
{
	struct current_table *table = atomic_load_explicit(&current->in_force, memory_order_acquire);
	for (;;) {
		/* Whoever replaces the table must see this store before the pointer is read again here. So both are
		 * sequentially consistent. If the pointer is still the same then, the replacing thread will find the
		 * slot. */
		atomic_store_explicit(&slot->hazard, table, memory_order_seq_cst);
		struct current_table *again = atomic_load_explicit(&current->in_force, memory_order_seq_cst);
		if (likely(again == table))
			return table;
		table = again;
	}
}

void current_leave(struct current_slot *slot)
{
	atomic_store_explicit(&slot->hazard, NULL, memory_order_release);
}

static bool is_held(struct current *current, const struct current_table *table)
{
	for (size_t i = 0; i < current->slot_count; i++)
		if (atomic_load_explicit(&current->slots[i].hazard, memory_order_seq_cst) == table)
			return true;
	return false;
}

bool current_storing(struct current *current)
{
	const struct current_table *table = current_get(current);
	bool storing = false;
	for (size_t i = 0; i < current->slot_count; i++) {
		uint64_t looked = atomic_load_explicit(&current->slots[i].looked, memory_order_relaxed);
		storing |= looked != 0 && table && looked != table->number;
	}
	return storing;
}

static void free_table(struct current_table *table)
{
	if (table) {
		table_close(&table->table);
		free(table->hits_source);
	}
	free(table);
}

/* Counts the effective sources of all verdicts. They lie in one row that begins at verdict 0. */
static size_t count_sources(const struct policy *policy)
{
	size_t count = 0;
	for (uint32_t v = 1; v < policy->verdict_count; v++)
		count += policy->verdicts[v].effective_count;
	return count;
}

/* The numbers that were found already, by feed. A feed almost always has one category. */
struct known {
	bool set;
	uint16_t category, number;
};

static uint16_t find_hits_source(
	struct hits *hits, const struct policy *policy, struct source source, struct known *known)
{
	if (!known[source.feed].set || known[source.feed].category != source.category) {
		uint16_t number =
			hits_source(hits, policy->feeds[source.feed].name, policy->categories[source.category].name);
		known[source.feed] = (struct known){true, source.category, number};
	}
	return known[source.feed].number;
}

/* Sets the first `bits` of a mask of zeros, in the order of a socket's octets. It has as many as the policy may want. */
static void set_prefix_mask(void *mask, unsigned bits)
{
	uint8_t *octets = mask;
	for (unsigned bit = 0; bit < bits; bit++)
		octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* Makes the cells, with the secret that the table wants or, where that cannot be read, without. */
static bool make_cells(struct current *current, const char *client_key)
{
	uint8_t secret[CLIENT_SECRET];
	struct why why;
	bool shares = client_key[0] && client_secret_read(secret, client_key, &why) == 0;
	if (client_key[0] && !shares)
		why_set(&current->key_trouble, 0, "%.190s; clients are counted for this process alone", why.text);
	/* Each worker has two slots, and the crowd has one. Where its file cannot be made it is tried again later. */
	int status = cells_create(&current->cells, current->run, 2 * current->workers + 1, shares ? secret : NULL);
	explicit_bzero(secret, sizeof secret);
	if (shares && current->cells)
		memcpy(current->client_key, client_key, sizeof current->client_key);
	return status != -ENOMEM;
}

/* Gives a table whose rules are counted the cells, which are made for the first such table. Without memory for them they are
 * not counted. Sets of two secrets must not be mixed, so the first table's stays until the process ends. */
static void take_cells(struct current *current, struct current_table *new)
{
	const struct policy *policy = table_policy(new->table);
	const char *client_key = policy->hits.client_key;
	current->key_trouble.text[0] = '\0';
	if (!policy->hits.rules || (!current->cells && !make_cells(current, client_key)))
		return;
	if (strcmp(client_key, current->client_key) != 0 && !current->key_trouble.text[0])
		why_set(&current->key_trouble, 0, "%s",
			"it is read when counting begins: reload or restart the resolver");
	new->cells = current->cells;
	for (uint32_t c = 0; c < policy->category_count; c++)
		new->cells_category[c] = cells_category(new->cells, policy->categories[c].name);
	for (uint32_t g = 0; g < policy->group_count; g++)
		new->cells_group[g + 1] = cells_group(new->cells, policy->groups[g].name);
	new->client_key = cells_client_key(new->cells);
	set_prefix_mask(&new->client_ipv4, policy->hits.client_ipv4_bits);
	set_prefix_mask(&new->client_ipv6, policy->hits.client_ipv6_bits);
}

int current_cells_appear(struct current *current)
{
	return current->cells ? cells_appear(current->cells) : 0;
}

static struct current_table *new_table(struct current *current, struct table *table)
{
	const struct policy *policy = table_policy(table);
	const struct source *sources = policy->verdicts[0].effective;
	size_t count = count_sources(policy);
	struct current_table *new = calloc(1, sizeof *new);
	struct known *known = calloc(policy->feed_count + 1, sizeof *known);
	uint16_t *numbers = calloc(count + 1, sizeof *numbers);
	if (!new || !known || !numbers) {
		free(new);
		free(known);
		free(numbers);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		numbers[i] = find_hits_source(current->hits, policy, sources[i], known);
	for (uint32_t g = 0; g < policy->group_count; g++)
		new->hits_group[g + 1] = hits_group(current->hits, policy->groups[g].name);
	free(known);
	new->table = table;
	new->number = ++current->last_number;
	new->hits_source = numbers;
	take_cells(current, new);
	return new;
}

/* Workers see the loaded table, or none. */
static void put_in_force(struct current *current)
{
	struct current_table *table = current->suspended ? NULL : current->loaded;
	atomic_exchange_explicit(&current->in_force, table, memory_order_seq_cst);
	atomic_store_explicit(&current->logs, table && table_policy(table->table)->logs, memory_order_relaxed);
}

int current_replace(struct current *current, struct table *table)
{
	struct current_table *new = NULL, *old = current->loaded;
	if (table && !(new = new_table(current, table)))
		return -ENOMEM;
	current->loaded = new;
	put_in_force(current);
	atomic_store_explicit(&current->octets, table ? table_octets(table) : 0, memory_order_relaxed);
	while (old && is_held(current, old)) {
		const struct timespec pause = {.tv_nsec = 100000};
		nanosleep(&pause, NULL);
	}
	free_table(old);
	return 0;
}

void current_suspend(struct current *current, bool suspended)
{
	current->suspended = suspended;
	put_in_force(current);
}

const struct current_table *current_get(struct current *current)
{
	return atomic_load_explicit(&current->in_force, memory_order_acquire);
}

const struct current_table *current_loaded(const struct current *current)
{
	return current->loaded;
}

void current_end(struct current *current)
{
	atomic_store_explicit(&current->in_force, NULL, memory_order_release);
	free_table(current->loaded);
	current->loaded = NULL;
	cells_remove(&current->cells);
	pthread_mutex_destroy(&current->crowd);
	free(current->slots);
	current->slots = NULL;
}
