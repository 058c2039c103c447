/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/nameset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/hash.h"

/* ---- keys ---- */

void namekey_of(struct namekey *key, const uint8_t *wire, size_t length)
{
	/* Written from the end: the first label of the name is the last of the key. */
	size_t at = key->length = length - 1;
	key->text[at] = '\0';
	for (const uint8_t *label = wire; *label > 0; label += *label + 1) {
		key->text[--at] = '.';
		at -= *label;
		memcpy(key->text + at, label + 1, *label);
	}
}

bool namekey_up(struct namekey *key)
{
	if (key->length == 0)
		return false;
	do
		key->text[--key->length] = '\0';
	while (key->length > 0 && key->text[key->length - 1] != '.');
	return key->length > 0;
}

static const char *key_of(const struct nameset *set, const struct nameset_entry *entry)
{
	return set->text + entry->offset;
}

/* ---- filling ---- */

/* Makes room for `more` items of `size` octets behind `used`. Returns false without memory. */
static bool reserve(void **list, size_t used, size_t more, size_t *room, size_t size)
{
	if (used + more <= *room)
		return true;
	size_t larger = *room > 0 ? *room * 2 : 4096;
	void *moved = realloc(*list, larger * size);
	if (!moved)
		return false;
	*list = moved;
	*room = larger;
	return true;
}

int nameset_add(struct nameset *set, const struct namekey *key, uint32_t mark)
{
	void *text = set->text, *entry = set->entry;
	bool fits = reserve(&text, set->used, key->length + 1, &set->room, 1);
	set->text = text;
	fits = fits && reserve(&entry, set->count, 1, &set->entry_room, sizeof *set->entry);
	set->entry = entry;
	if (!fits || set->used > UINT32_MAX)
		return -ENOMEM;
	memcpy(set->text + set->used, key->text, key->length + 1);
	set->entry[set->count++] = (struct nameset_entry){(uint32_t)set->used, mark};
	set->used += key->length + 1;
	return 0;
}

/* ---- the filter ---- */

/* One bit for each key, of 32 or more bits for each name. So some four of a hundred names that are not there are sought
 * in vain. */
enum { FILTER_BITS = 32 };

static uint64_t *filter_word(const struct nameset *set, const char *key, size_t length, uint64_t *bit)
{
	uint64_t hash = name_key((const uint8_t *)key, length, 0);
	*bit = UINT64_C(1) << (hash & 63);
	return &set->filter[hash >> 6 & set->filter_mask];
}

static bool filter_has(const struct nameset *set, const struct namekey *key)
{
	if (!set->filter)
		return true;
	uint64_t bit;
	const uint64_t *word = filter_word(set, key->text, key->length, &bit);
	return *word & bit;
}

/* The filter knows each name, and each name above it. */
static void make_filter(struct nameset *set)
{
	uint64_t words = 1;
	while (words * 64 < set->count * FILTER_BITS)
		words *= 2;
	free(set->filter);
	set->filter = calloc(words, sizeof *set->filter);
	set->filter_mask = words - 1;
	for (size_t i = 0; set->filter && i < set->count; i++) {
		const char *key = key_of(set, &set->entry[i]);
		for (const char *dot = key; (dot = strchr(dot, '.')); dot++) {
			uint64_t bit;
			uint64_t *word = filter_word(set, key, (size_t)(dot + 1 - key), &bit);
			*word |= bit;
		}
	}
}

/* ---- sorting ---- */

static int compare_entries(const void *a, const void *b, void *text)
{
	const struct nameset_entry *x = a, *y = b;
	int order = strcmp((const char *)text + x->offset, (const char *)text + y->offset);
	return order != 0 ? order : x->mark < y->mark ? -1 : x->mark > y->mark;
}

void nameset_sort(struct nameset *set)
{
	if (set->count == 0)
		return;
	qsort_r(set->entry, set->count, sizeof *set->entry, compare_entries, set->text);
	size_t kept = 1;
	for (size_t i = 1; i < set->count; i++)
		if (strcmp(set->text + set->entry[kept - 1].offset, set->text + set->entry[i].offset) != 0)
			set->entry[kept++] = set->entry[i];
	set->count = kept;
	make_filter(set);
}

void nameset_free(struct nameset *set)
{
	free(set->text);
	free(set->entry);
	free(set->filter);
	*set = (struct nameset){0};
}

/* ---- questions ---- */

/* The first entry whose key is not less than this one, or NULL. It may also be NULL where neither this key is there nor
 * one that begins with it. */
static const struct nameset_entry *find_first(const struct nameset *set, const struct namekey *key)
{
	if (!filter_has(set, key))
		return NULL;
	size_t first = 0, end = set->count;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (strcmp(key_of(set, &set->entry[middle]), key->text) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first < set->count ? &set->entry[first] : NULL;
}

const struct nameset_entry *nameset_at(const struct nameset *set, const struct namekey *key)
{
	const struct nameset_entry *entry = find_first(set, key);
	return entry && strcmp(key_of(set, entry), key->text) == 0 ? entry : NULL;
}

const struct nameset_entry *nameset_below(const struct nameset *set, const struct namekey *key)
{
	const struct nameset_entry *entry = find_first(set, key);
	return entry && strncmp(key_of(set, entry), key->text, key->length) == 0 ? entry : NULL;
}

const struct nameset_entry *nameset_above(const struct nameset *set, const struct namekey *key)
{
	if (set->count == 0)
		return NULL;
	struct namekey up = *key;
	const struct nameset_entry *entry = nameset_at(set, &up);
	while (!entry && namekey_up(&up))
		entry = nameset_at(set, &up);
	return entry;
}

size_t nameset_text(const struct nameset *set, const struct nameset_entry *entry, char text[NAME_MAX_WIRE + 1])
{
	const char *key = key_of(set, entry);
	size_t length = strlen(key), at = length;
	for (size_t label; *key; key += label) {
		label = strcspn(key, ".") + 1;
		at -= label;
		memcpy(text + at, key, label);
	}
	text[length - 1] = '\0'; /* the dot behind the last label */
	return length - 1;
}
