#include "verdicts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

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
	if (copy && length > 0)
		memcpy(copy, data, length);
	return copy;
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
	uint64_t hash = XXH3_64bits_withSeed(effective, effective_count * sizeof *effective, decision);
	for (size_t i = 0; i < own_count; i++)
		hash = (hash ^ source_number(own[i].source) ^ (uint64_t)own[i].kind << 32) *
		       UINT64_C(0x9e3779b97f4a7c15);
	hash ^= hash >> 32;
	uint32_t *slot = numbers_find(n, hash, verdict_equal, verdicts->verdict, &new);
	if (*slot)
		return *slot;
	struct verdict *grown = realloc(verdicts->verdict, (n->count + 2) * sizeof *grown);
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
	struct class *grown = realloc(verdicts->class, (n->count + 1) * sizeof *grown);
	if (grown)
		verdicts->class = grown;
	uint64_t *uses = realloc(verdicts->uses, (n->count + 1) * sizeof *uses);
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

int verdicts_finish(struct verdicts *verdicts, struct policy *policy, uint32_t **new_number)
{
	size_t verdict_count = verdicts->verdict_numbers.count, class_count = verdicts->class_numbers.count;
	size_t most = (verdict_count > class_count ? verdict_count : class_count) + 1;
	struct ranked *ranked = calloc(most, sizeof *ranked);
	uint32_t *new_verdict = calloc(verdict_count + 1, sizeof *new_verdict);
	uint32_t *new_class = calloc(class_count + 1, sizeof *new_class);
	struct verdict *verdict = calloc(verdict_count + 1, sizeof *verdict);
	struct class *class = calloc(class_count + 1, sizeof *class);
	int status = ranked && new_verdict && new_class && verdict && class ? 0 : -ENOMEM;
	if (status != 0) {
		free(verdict);
		free(class);
		free(new_class);
		goto out;
	}
	for (uint32_t i = 0; i < verdict_count; i++)
		ranked[i] = (struct ranked){.verdict = &verdicts->verdict[i + 1], .number = i + 1};
	qsort(ranked, verdict_count, sizeof *ranked, by_content);
	for (uint32_t i = 0; i < verdict_count; i++) {
		verdict[i + 1] = *ranked[i].verdict;
		verdict_settle(&verdict[i + 1], policy);
		new_verdict[ranked[i].number] = i + 1;
	}
	for (uint32_t i = 0; i < class_count; i++) {
		struct class old = verdicts->class[i];
		ranked[i] = (struct ranked){.class = {new_verdict[old.exact], new_verdict[old.subtree]},
			.uses = verdicts->uses[i],
			.number = i};
	}
	qsort(ranked, class_count, sizeof *ranked, by_use);
	for (uint32_t i = 0; i < class_count; i++) {
		class[i] = ranked[i].class;
		new_class[ranked[i].number] = i;
	}
	free(verdicts->verdict);
	free(verdicts->class);
	verdicts->verdict = verdict;
	verdicts->class = class;
	policy->verdicts = verdict;
	policy->verdict_count = (uint32_t)verdict_count + 1;
	policy->classes = class;
	policy->class_count = (uint32_t)class_count;
	*new_number = new_class;
out:
	free(new_verdict);
	free(ranked);
	return status;
}
