/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/rule_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

enum { FIRST_SLOTS = 1024 };

static uint64_t hash_news(const struct cell_news *n)
{
	uint64_t salt = (uint64_t)n->scope | (uint64_t)n->action << 8 | n->day << 16;
	salt ^= XXH3_64bits(n->category, strlen(n->category)) + 3 * XXH3_64bits(n->group, strlen(n->group));
	return XXH3_64bits_withSeed(n->rule, n->rule_length, salt);
}

static bool is_of_news(const struct rule_count *c, uint64_t hash, const struct cell_news *n, const char *name)
{
	return c->hash == hash && c->day == n->day && c->scope == n->scope && c->action == n->action &&
	       strcmp(c->name, name) == 0 && strcmp(c->category, n->category) == 0 && strcmp(c->group, n->group) == 0;
}

/* Makes room before the lists get long. */
static int enlarge_counts(struct rule_counts *counts)
{
	size_t slots = counts->slots ? 2 * counts->slots : FIRST_SLOTS;
	struct rule_count **slot = calloc(slots, sizeof(struct rule_count *));
	if (!slot)
		return -ENOMEM;
	for (size_t i = 0; i < counts->slots; i++)
		for (struct rule_count *c = counts->slot[i], *next; c; c = next) {
			next = c->next;
			c->next = slot[c->hash % slots];
			slot[c->hash % slots] = c;
		}
	free(counts->slot);
	counts->slot = slot;
	counts->slots = slots;
	return 0;
}

/* A count with its texts behind it, in one piece. */
static struct rule_count *new_count(uint64_t hash, const struct cell_news *n, const char *name)
{
	size_t name_room = strlen(name) + 1, category_room = strlen(n->category) + 1, group_room = strlen(n->group) + 1;
	struct rule_count *c = calloc(1, sizeof *c + name_room + category_room + group_room);
	if (!c)
		return NULL;
	char *text = (char *)(c + 1);
	c->hash = hash;
	c->day = n->day;
	c->scope = n->scope;
	c->action = n->action;
	c->name = memcpy(text, name, name_room);
	c->category = memcpy(text + name_room, n->category, category_room);
	c->group = memcpy(text + name_room + category_room, n->group, group_room);
	return c;
}

int rule_counts_add(struct rule_counts *counts, const struct cell_news *news)
{
	char name[NAME_MAX_TEXT];
	uint64_t hash = hash_news(news);
	if (counts->count >= counts->slots && enlarge_counts(counts) != 0)
		return -ENOMEM;
	name_to_text(news->rule, news->rule_length, name);
	struct rule_count *c = counts->slot[hash % counts->slots];
	while (c && !is_of_news(c, hash, news, name))
		c = c->next;
	if (!c && counts->count >= MAX_RULE_COUNTS)
		return WEIR_ELIMIT;
	if (!c) {
		c = new_count(hash, news, name);
		if (!c)
			return -ENOMEM;
		c->next = counts->slot[hash % counts->slots];
		counts->slot[hash % counts->slots] = c;
		counts->count++;
	}
	c->hits += news->hits;
	client_set_unite(&c->clients, &news->clients);
	return 0;
}

void rule_counts_clear(struct rule_counts *counts)
{
	for (size_t i = 0; i < counts->slots; i++)
		for (struct rule_count *c = counts->slot[i], *next; c; c = next) {
			next = c->next;
			free(c);
		}
	free(counts->slot);
	*counts = (struct rule_counts){0};
}
