/* SPDX-License-Identifier: BSD-3-Clause */
/* Settling: the rules as they were added become a sorted list without duplicates, and without what was taken back. Few
 * rules that come later are merged into many that are settled. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/build/build_private.h"
#include "libweir/build/fold.h"

static int compare_records(const void *context, const struct record *a, const struct record *b)
{
	const uint8_t *x = (const uint8_t *)context + a->text, *y = (const uint8_t *)context + b->text;
	size_t shorter = x[0] < y[0] ? x[0] : y[0];
	int order = memcmp(x + 1, y + 1, shorter);
	if (order == 0)
		order = (int)x[0] - (int)y[0];
	if (order == 0 && a->meta != b->meta)
		order = a->meta < b->meta ? -1 : 1;
	return order;
}

bool build_is_before(const struct build *b, const struct record *x, const struct record *y)
{
	return x->key != y->key ? x->key < y->key : compare_records(b->texts, x, y) < 0;
}

/* Merges the sorted records behind those that are settled into them, from the end on. */
static int merge(struct build *b)
{
	size_t late = b->count - b->settled, early = b->settled;
	struct record *copy = malloc((late + 1) * sizeof *copy);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, b->records + early, late * sizeof *copy);
	for (size_t to = b->count; late > 0;) {
		bool is_early = early > 0 && build_is_before(b, &copy[late - 1], &b->records[early - 1]);
		b->records[--to] = is_early ? b->records[--early] : copy[--late];
	}
	free(copy);
	return 0;
}

static void drop_duplicates(struct build *b)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->count; i++)
		if (kept == 0 || build_is_before(b, &b->records[kept - 1], &b->records[i]))
			b->records[kept++] = b->records[i];
	b->count = kept;
}

static bool shares_name(const struct build *b, size_t one, size_t other)
{
	const uint8_t *x = b->texts + b->records[one].text, *y = b->texts + b->records[other].text;
	return b->records[one].key == b->records[other].key && x[0] == y[0] && memcmp(x, y, x[0] + 1u) == 0;
}

/* Whether a rule is taken back. Of the sorted records what does so stands behind the rule, among those of its source. */
static bool is_cancelled(const struct build *b, size_t rule)
{
	uint32_t meta = b->records[rule].meta, cancel = META(META_SOURCE(meta), RULE_CANCEL, META_SCOPE(meta));
	if (META_KIND(meta) == RULE_EXCEPT)
		return false;
	for (size_t i = rule;
		i < b->count && META_SOURCE(b->records[i].meta) == META_SOURCE(meta) && shares_name(b, rule, i); i++)
		if (b->records[i].meta == cancel)
			return true;
	return false;
}

/* Drops the rules that are taken back, and what takes them back. */
static void drop_cancelled(struct build *b)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->count; i++)
		if (!is_cancelled(b, i))
			b->records[kept++] = b->records[i];
	b->count = kept;
}

int build_settle(struct build *b)
{
	if (b->settled == b->count)
		return 0;
	sort_records(b->records + b->settled, b->count - b->settled, compare_records, b->texts);
	int status = b->settled > 0 ? merge(b) : 0;
	if (status != 0)
		return status;
	drop_duplicates(b);
	if (b->cancels)
		drop_cancelled(b);
	b->cancels = false; /* none is left */
	b->settled = b->count;
	return 0;
}
