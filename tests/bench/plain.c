/* SPDX-License-Identifier: BSD-3-Clause */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/name.h"
#include "libweir/table.h"

struct plain {
	uint64_t *slots; /* keys, 0 = free; the last one always is */
	size_t homes;    /* where a key may begin to look; as many again as there are rules */
	size_t count;    /* of slots: homes, and room for the last ones to overflow into */
	uint64_t key;
};

enum { OVERFLOW = 4096 };

static size_t home_of(const struct plain *p, uint64_t key)
{
	return (size_t)(((unsigned __int128)key * p->homes) >> 64);
}

static int add_rule(void *context, const struct table_rule *rule)
{
	struct plain *p = context;
	name_storage wire;
	struct name_labels labels;
	size_t length = name_from_plain((const uint8_t *)rule->text, rule->length, wire, &labels);
	uint64_t key = name_key(wire, length, p->key) | 1;
	size_t at = home_of(p, key);
	while (p->slots[at] != 0 && p->slots[at] != key)
		at++;
	p->slots[at] = key;
	return at + 1 < p->count ? 0 : WEIR_ELIMIT;
}

struct plain *plain_new(const struct table *table)
{
	struct plain *p = calloc(1, sizeof *p);
	struct why why = {.text = "out of memory"};
	if (p) {
		p->homes = 2 * (size_t)table_header(table)->rules;
		p->count = p->homes + OVERFLOW;
		p->key = table_header(table)->key;
		/* On huge pages where there are such, as the table is. */
		p->slots = mmap(NULL, plain_octets(p), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (!p || p->slots == MAP_FAILED || (madvise(p->slots, plain_octets(p), MADV_HUGEPAGE), false) ||
		table_each(table, add_rule, p, &why) != 0) {
		fprintf(stderr, "the plain table: %s\n", why.text);
		exit(2);
	}
	return p;
}

void plain_free(struct plain **plain)
{
	if (*plain)
		munmap((*plain)->slots, plain_octets(*plain));
	free(*plain);
	*plain = NULL;
}

bool plain_lookup(const struct plain *p, const uint8_t *qname, size_t length)
{
	struct name_labels labels;
	if (name_split(qname, length, &labels) != 0 || labels.count < 2)
		return false;
	name_storage wire;
	name_lower(wire, qname, length);
	for (unsigned first = labels.count - 1u; first-- > 0;) {
		uint8_t offset = labels.offset[first];
		uint64_t key = name_key(wire + offset, length - offset, p->key) | 1;
		for (size_t at = home_of(p, key); p->slots[at] != 0; at++)
			if (p->slots[at] == key)
				return true;
	}
	return false;
}

size_t plain_octets(const struct plain *p)
{
	return p->count * sizeof *p->slots;
}
