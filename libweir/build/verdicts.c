/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/verdicts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/hash.h"

/* A set of numbered items behind a hash of their content: open addressing, at most half full. */
struct numbers {
	uint32_t *slot; /* number + 1, 0 = free */
	uint64_t *hash; /* of item i */
	size_t slots;   /* power of two */
	size_t count;
};

struct verdicts {
	struct numbers verdict_numbers, class_numbers;
	struct verdict *verdict; /* by number; [0] unused */
	struct class *class;
	uint64_t *uses; /* of class i */
};

static int numbers_grow(struct numbers *n)
{
	if (n->slots && n->count < n->slots / 2)
		return 0;
	size_t slots = n->slots ? n->slots * 2 : 64;
	uint32_t *slot = calloc(slots, sizeof *slot);
	uint64_t *hash = realloc(n->hash, slots / 2 * sizeof *hash);
	if (hash)
		n->hash = hash;
	if (!slot || !hash) {
		free(slot);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n->count; i++) {
		size_t at = n->hash[i] & (slots - 1);
		while (slot[at])
			at = (at + 1) & (slots - 1);
		slot[at] = (uint32_t)i + 1;
	}
	free(n->slot);
	n->slot = slot;
	n->slots = slots;
	return 0;
}

/* Finds the slot of the item with this hash for which equal() holds, or the free slot where it belongs. */
static uint32_t *numbers_find(struct numbers *n, uint64_t hash, bool (*equal)(const void *, size_t, const void *),
	const void *items, const void *item)
{
	size_t at = hash & (n->slots - 1);
	while (n->slot[at] && !(n->hash[n->slot[at] - 1] == hash && equal(items, n->slot[at] - 1, item)))
		at = (at + 1) & (n->slots - 1);
	return &n->slot[at];
}

static uint32_t numbers_add(struct numbers *n, uint32_t *slot, uint64_t hash)
{
	n->hash[n->count] = hash;
	*slot = (uint32_t)++n->count;
	return *slot - 1;
}

/* Room for an item more behind `count`: it doubles. Returns NULL when out of memory; then the items are as they were. */
static void *with_room(void *items, size_t count, size_t size)
{
	return count & (count - 1) ? items : realloc(items, (count ? count * 2 : 1) * size);
}

struct verdicts *verdicts_new(void)
{
	return calloc(1, sizeof(struct verdicts));
}

void verdicts_free(struct verdicts *verdicts)
{
	if (!verdicts)
		return;
	for (size_t i = 1; i <= verdicts->verdict_numbers.count; i++) {
		free((void *)verdicts->verdict[i].own);
		free((void *)verdicts->verdict[i].effective);
	}
	free(verdicts->verdict);
	free(verdicts->class);
	free(verdicts->uses);
	free(verdicts->verdict_numbers.slot);
	free(verdicts->verdict_numbers.hash);
	free(verdicts->class_numbers.slot);
	free(verdicts->class_numbers.hash);
	free(verdicts);
}

static int compare_numbers(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static uint32_t source_number(struct source source)
{
	return (uint32_t)source.feed << 16 | source.category;
}

/* A total order of verdicts by content. */
static int compare_verdicts(const struct verdict *a, const struct verdict *b)
{
	int order = compare_numbers(a->decision, b->decision);
	for (unsigned i = 0; order == 0 && i < a->own_count && i < b->own_count; i++) {
		order = compare_numbers(source_number(a->own[i].source), source_number(b->own[i].source));
		if (order == 0)
			order = compare_numbers(a->own[i].kind, b->own[i].kind);
	}
	if (order == 0)
		order = compare_numbers(a->own_count, b->own_count);
	for (unsigned i = 0; order == 0 && i < a->effective_count && i < b->effective_count; i++)
		order = compare_numbers(source_number(a->effective[i]), source_number(b->effective[i]));
	return order ? order : compare_numbers(a->effective_count, b->effective_count);
}

static bool verdict_equal(const void *items, size_t index, const void *item)
{
	const struct verdict *verdicts = items;
	return compare_verdicts(&verdicts[index + 1], item) == 0;
}

static bool class_equal(const void *items, size_t index, const void *item)
{
	const struct class *classes = items, *class = item;
	return classes[index].exact == class->exact && classes[index].subtree == class->subtree;
}

static void *copy_of(const void *data, size_t length)
{
	void *copy = malloc(length + 1);
	if (copy)
		memcpy(copy, data, length);
	return copy;
}

static uint64_t verdict_hash(const struct verdict *v)
{
	uint64_t hash = XXH3_64bits_withSeed(v->effective, v->effective_count * sizeof *v->effective, v->decision);
	for (size_t i = 0; i < v->own_count; i++)
		hash = (hash ^ source_number(v->own[i].source) ^ (uint64_t)v->own[i].kind << 32) *
		       UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

uint32_t verdicts_intern(struct verdicts *verdicts, enum decision decision, const struct own_source *own,
	size_t own_count, const struct source *effective, size_t effective_count)
{
	struct numbers *n = &verdicts->verdict_numbers;
	if (own_count > UINT16_MAX || effective_count > UINT16_MAX || numbers_grow(n) != 0)
		return 0;
	const struct verdict new = {.decision = decision,
		.own = own,
		.own_count = (uint16_t)own_count,
		.effective = effective,
		.effective_count = (uint16_t)effective_count};
	uint64_t hash = verdict_hash(&new);
	uint32_t *slot = numbers_find(n, hash, verdict_equal, verdicts->verdict, &new);
	if (*slot)
		return *slot;
	struct verdict *grown = with_room(verdicts->verdict, n->count + 1, sizeof *grown);
	if (!grown)
		return 0;
	verdicts->verdict = grown;
	struct verdict *v = &grown[n->count + 1];
	*v = new;
	v->own = copy_of(own, own_count * sizeof *own);
	v->effective = copy_of(effective, effective_count * sizeof *effective);
	if (!v->own || !v->effective) {
		free((void *)v->own);
		free((void *)v->effective);
		return 0;
	}
	return numbers_add(n, slot, hash) + 1;
}

uint32_t verdicts_intern_class(struct verdicts *verdicts, struct class class)
{
	struct numbers *n = &verdicts->class_numbers;
	if (numbers_grow(n) != 0)
		return UINT32_MAX;
	uint64_t hash = XXH3_64bits(&class, sizeof class);
	uint32_t *slot = numbers_find(n, hash, class_equal, verdicts->class, &class);
	if (*slot) {
		verdicts->uses[*slot - 1]++;
		return *slot - 1;
	}
	struct class *grown = with_room(verdicts->class, n->count, sizeof *grown);
	if (grown)
		verdicts->class = grown;
	uint64_t *uses = with_room(verdicts->uses, n->count, sizeof *uses);
	if (uses)
		verdicts->uses = uses;
	if (!grown || !uses)
		return UINT32_MAX;
	grown[n->count] = class;
	uses[n->count] = 1;
	return numbers_add(n, slot, hash);
}

void verdicts_use_class(struct verdicts *verdicts, uint32_t class)
{
	verdicts->uses[class]++;
}

/* Sorting numbers by what they stand for. */
struct ranked {
	const struct verdict *verdict;
	struct class class;
	uint64_t uses;
	uint32_t number;
};

static int by_content(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return compare_verdicts(x->verdict, y->verdict);
}

static int by_use(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->uses != y->uses)
		return x->uses > y->uses ? -1 : 1;
	int order = compare_numbers(x->class.exact, y->class.exact);
	return order ? order : compare_numbers(x->class.subtree, y->class.subtree);
}

/* Everything verdicts_finish works with. */
struct finish {
	struct ranked *ranked;
	uint32_t *new_verdict; /* by old number */
	uint32_t *new_class;
	struct verdict *verdict; /* in their final order */
	struct class *class;
	size_t verdict_count, class_count;
};

static void number_verdicts(struct finish *f, const struct verdicts *verdicts, const struct policy *policy)
{
	for (uint32_t i = 0; i < f->verdict_count; i++)
		f->ranked[i] = (struct ranked){.verdict = &verdicts->verdict[i + 1], .number = i + 1};
	qsort(f->ranked, f->verdict_count, sizeof *f->ranked, by_content);
	for (uint32_t i = 0; i < f->verdict_count; i++) {
		f->verdict[i + 1] = *f->ranked[i].verdict;
		verdict_settle(&f->verdict[i + 1], policy);
		f->new_verdict[f->ranked[i].number] = i + 1;
	}
}

/* Our number (+ 1) for a verdict or a class of the base; 0 if we have none. Feeds and categories are compared by their
 * index: where that has changed, every verdict has changed. Both are asked only where we have a class. */
static uint32_t our_verdict(struct verdicts *verdicts, const struct verdict *theirs)
{
	return *numbers_find(
		&verdicts->verdict_numbers, verdict_hash(theirs), verdict_equal, verdicts->verdict, theirs);
}

static uint32_t our_class(struct verdicts *verdicts, const struct policy *base, struct class theirs)
{
	struct class ours = {0};
	if (theirs.exact)
		ours.exact = our_verdict(verdicts, &base->verdicts[theirs.exact]);
	if (theirs.subtree)
		ours.subtree = our_verdict(verdicts, &base->verdicts[theirs.subtree]);
	if ((theirs.exact && !ours.exact) || (theirs.subtree && !ours.subtree))
		return 0;
	return *numbers_find(
		&verdicts->class_numbers, XXH3_64bits(&ours, sizeof ours), class_equal, verdicts->class, &ours);
}

static void number_class(struct finish *f, uint32_t old, struct class class, uint32_t number)
{
	f->new_class[old] = number;
	f->class[number] = (struct class){f->new_verdict[class.exact], f->new_verdict[class.subtree]};
}

static bool number_taken(const struct finish *f, uint32_t number)
{
	return (f->class[number].exact | f->class[number].subtree) != 0;
}

/* Those that keep their number come first. The others get the numbers that are left. */
static void number_classes(struct finish *f, struct verdicts *verdicts, const struct policy *base)
{
	for (uint32_t i = 0; i < f->class_count; i++)
		f->new_class[i] = UINT32_MAX;
	for (uint32_t i = 0; base && i < base->class_count && i < f->class_count; i++) {
		uint32_t ours = our_class(verdicts, base, base->classes[i]);
		if (ours && f->new_class[ours - 1] == UINT32_MAX)
			number_class(f, ours - 1, verdicts->class[ours - 1], i);
	}
	for (uint32_t i = 0; i < f->class_count; i++) {
		struct class old = verdicts->class[i];
		f->ranked[i] = (struct ranked){.class = {f->new_verdict[old.exact], f->new_verdict[old.subtree]},
			.uses = verdicts->uses[i],
			.number = i};
	}
	qsort(f->ranked, f->class_count, sizeof *f->ranked, by_use);
	for (uint32_t i = 0, next = 0; i < f->class_count; i++) {
		uint32_t old = f->ranked[i].number;
		if (f->new_class[old] != UINT32_MAX)
			continue;
		while (number_taken(f, next))
			next++;
		number_class(f, old, verdicts->class[old], next);
	}
}

int verdicts_finish(struct verdicts *verdicts, struct policy *policy, const struct policy *base, uint32_t **new_number)
{
	struct finish f = {
		.verdict_count = verdicts->verdict_numbers.count, .class_count = verdicts->class_numbers.count};
	size_t most = f.verdict_count > f.class_count ? f.verdict_count : f.class_count;
	f.ranked = calloc(most + 1, sizeof *f.ranked);
	f.new_verdict = calloc(f.verdict_count + 1, sizeof *f.new_verdict);
	f.new_class = calloc(f.class_count + 1, sizeof *f.new_class);
	f.verdict = calloc(f.verdict_count + 1, sizeof *f.verdict);
	f.class = calloc(f.class_count + 1, sizeof *f.class);
	int status = f.ranked && f.new_verdict && f.new_class && f.verdict && f.class ? 0 : -ENOMEM;
	if (status == 0 && most > POLICY_MAX_VERDICTS)
		status = WEIR_ELIMIT;
	if (status == 0) {
		number_verdicts(&f, verdicts, policy);
		number_classes(&f, verdicts, base);
	}
	free(f.ranked);
	free(f.new_verdict);
	if (status != 0) {
		free(f.new_class);
		free(f.verdict);
		free(f.class);
		return status;
	}
	free(verdicts->verdict);
	free(verdicts->class);
	policy->verdicts = verdicts->verdict = f.verdict;
	policy->verdict_count = (uint32_t)f.verdict_count + 1;
	policy->classes = verdicts->class = f.class;
	policy->class_count = (uint32_t)f.class_count;
	*new_number = f.new_class;
	return 0;
}

void verdicts_drop_classes(struct verdicts *verdicts, struct policy *policy, uint32_t *number)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < policy->class_count; i++) {
		if (number[i] == 0)
			continue;
		verdicts->class[kept] = verdicts->class[i];
		number[i] = kept++;
	}
	policy->class_count = kept;
}
