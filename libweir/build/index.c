/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/key.h"

/* The share of its tags that a fresh table fills lies between these. A table that keeps its geometry may go a bit
 * further. */
#define FRESH_FULL 0.80
#define KEEP_EMPTY 0.55
#define KEEP_FULL 0.86

uint32_t index_homes(uint64_t nodes)
{
	/* Steps of 1/8: 8, 9, ... 15, 16, 18, ... 30, 32, 36 ... */
	uint64_t need = (uint64_t)((double)nodes / (WEIR_LINE_TAGS * FRESH_FULL)) + 1;
	unsigned shift = 0;
	while ((need - 1) >> shift >= 16)
		shift++;
	uint64_t homes = (((need - 1) >> shift) + 1) << shift;
	return homes > UINT32_MAX - WEIR_MAX_REACH ? 0 : (uint32_t)homes;
}

bool index_homes_fit(uint32_t homes, uint64_t nodes)
{
	double full = (double)nodes / ((double)homes * WEIR_LINE_TAGS);
	return full <= KEEP_FULL && (full >= KEEP_EMPTY || homes == index_homes(nodes));
}

struct placing {
	struct index *index;
	uint64_t next; /* free slot: line * WEIR_LINE_TAGS + tag */
};

/* Nodes come in the order of their keys. */
static int index_put(struct placing *p, uint64_t key, uint16_t flags)
{
	struct index *index = p->index;
	uint32_t home = key_home(key, index->homes);
	uint64_t first = (uint64_t)home * WEIR_LINE_TAGS;
	if (p->next < first)
		p->next = first;
	uint64_t line = p->next / WEIR_LINE_TAGS;
	if (line - home > WEIR_MAX_REACH) {
		index->crowded = home;
		return WEIR_ELIMIT;
	}
	index->filter[key_word(key, index->homes)] |= key_bits(key);
	index->lines[line].tag[p->next % WEIR_LINE_TAGS] = (uint16_t)(key_check(key) | flags);
	index->lines[home].reach = (uint16_t)(line - home);
	if (line >= index->count)
		index->count = (uint32_t)line + 1;
	p->next++;
	return 0;
}

void index_free(struct index *index)
{
	free(index->lines);
	free(index->filter);
	index->lines = NULL;
	index->filter = NULL;
}

int index_build(struct index *index, uint32_t homes, const struct record *rules, size_t rule_count,
	const uint64_t *marks, size_t mark_count)
{
	*index = (struct index){.homes = homes, .count = homes};
	if (homes == 0)
		return WEIR_ELIMIT;
	index->lines = calloc((size_t)homes + WEIR_MAX_REACH, sizeof *index->lines);
	index->filter = calloc((size_t)homes * WEIR_FILTER_WORDS, sizeof *index->filter);
	struct placing p = {.index = index};
	int status = index->lines && index->filter ? 0 : -ENOMEM;
	for (size_t r = 0, m = 0; status == 0 && (r < rule_count || m < mark_count);) {
		if (r == rule_count || (m < mark_count && marks[m] < rules[r].key)) {
			status = index_put(&p, marks[m++], WEIR_TAG_MORE);
			index->marks++;
			continue;
		}
		/* Two rules may share a key: both get the mark. */
		bool more = m < mark_count && marks[m] == rules[r].key;
		status = index_put(&p, rules[r].key, more ? WEIR_TAG_RULE | WEIR_TAG_MORE : WEIR_TAG_RULE);
		r++;
		if (more && (r == rule_count || rules[r].key != marks[m]))
			m++;
	}
	if (status != 0)
		index_free(index);
	return status;
}
