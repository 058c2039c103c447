/* SPDX-License-Identifier: BSD-3-Clause */
/* Idea. The verdict of a name follows from the rules at the name and at its ancestors. So for each name walk from its
 * topmost possible ancestor (`least` labels) down, gather what the subtree rules there say, and put into the name's class
 * what holds at the name and below it. A rule whose verdict is the one it would inherit anyway is dropped. Most names
 * have one rule, and nothing above them: their class is remembered by that rule's meta.
 *
 * Invariant: verdicts depend on the rules as given, never on which were already dropped, so the order of names does not
 * matter. That is why classes go to an array of their own until all are found.
 */
#include "libweir/build/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/name.h"

#define DROPPED UINT32_MAX

/* A list that grows. */
struct list {
	uint32_t *item;
	size_t count, room;
};

/* What the rules on the way down say so far: block sources (as numbers), feeds freed by their own exceptions, and
 * whether an allow rule ended the walk. */
struct cover {
	struct list block, except;
	bool allow;
};

struct state {
	struct fold *fold;
	uint32_t *directory; /* first record whose key's home among `homes` is i or more */
	uint32_t homes;
	struct cover cover;
	struct list effective;
	uint32_t *by_meta; /* class + 1 of a lone rule with nothing above it, by its meta */
	bool out_of_memory;
};

static void add_item(struct state *s, struct list *list, uint32_t item)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		uint32_t *grown = realloc(list->item, room * sizeof *grown);
		if (!grown) {
			s->out_of_memory = true;
			return;
		}
		list->item = grown;
		list->room = room;
	}
	list->item[list->count++] = item;
}

static bool has_item(const struct list *list, uint32_t item)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->item[i] == item)
			return true;
	return false;
}

static void add_once(struct state *s, struct list *list, uint32_t item)
{
	if (!has_item(list, item))
		add_item(s, list, item);
}

static bool same_items(const struct list *a, const struct list *b)
{
	return a->count == b->count && (a->count == 0 || memcmp(a->item, b->item, a->count * sizeof *a->item) == 0);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static struct source source_of(const struct state *s, uint32_t number)
{
	uint32_t categories = s->fold->policy.category_count;
	return (struct source){(uint16_t)(number / categories), (uint16_t)(number % categories)};
}

/* A name's records: [first, last). */
struct run {
	size_t first, last;
};

static bool same_name(const struct fold *f, const struct record *a, const struct record *b)
{
	const uint8_t *x = f->texts + a->text, *y = f->texts + b->text;
	return a->key == b->key && memcmp(x, y, x[0] + 1u) == 0;
}

static struct run records_at(const struct fold *f, size_t first)
{
	struct run g = {first, first + 1};
	while (g.last < f->count && same_name(f, &f->records[first], &f->records[g.last]))
		g.last++;
	return g;
}

/* Finds the records of the name with this key and text. Returns an empty run if there are none. */
static struct run find_name(const struct state *s, uint64_t key, const char *text, size_t length)
{
	const struct fold *f = s->fold;
	for (size_t i = s->directory[key_home(key, s->homes)]; i < f->count && f->records[i].key <= key; i++) {
		const uint8_t *t = f->texts + f->records[i].text;
		if (f->records[i].key == key && t[0] == length && memcmp(t + 1, text, length) == 0)
			return records_at(f, i);
	}
	return (struct run){0, 0};
}

/* Adds what a name's rules of one scope say to the cover. */
static void cover_add(struct state *s, struct run g, enum scope scope)
{
	for (size_t i = g.first; i < g.last; i++) {
		uint32_t meta = s->fold->records[i].meta;
		if (META_SCOPE(meta) != scope)
			continue;
		switch (META_KIND(meta)) {
		case RULE_BLOCK: add_once(s, &s->cover.block, META_SOURCE(meta)); break;
		case RULE_EXCEPT: add_once(s, &s->cover.except, source_of(s, META_SOURCE(meta)).feed); break;
		case RULE_CANCEL: break; /* build.c has dropped them */
		case RULE_ALLOW: s->cover.allow = true; break;
		}
	}
}

/* The block sources of the cover that no exception frees, sorted. */
static void effective_of(struct state *s, struct list *out)
{
	out->count = 0;
	for (size_t i = 0; i < s->cover.block.count && !s->cover.allow; i++)
		if (!has_item(&s->cover.except, source_of(s, s->cover.block.item[i]).feed))
			add_item(s, out, s->cover.block.item[i]);
	if (out->count > 1)
		qsort(out->item, out->count, sizeof *out->item, by_number);
}

/* What is decided, to compare before and after a rule. */
struct combined {
	enum decision decision;
	struct list sources;
};

static enum decision decision_of(const struct state *s, const struct list *effective)
{
	return s->cover.allow ? DECISION_ALLOW : effective->count > 0 ? DECISION_BLOCK : DECISION_PASS;
}

/* The name's own rules for one scope. A rule for what is below a name counts as a rule for its subtree. If nothing else
 * lists the name itself, it also counts as an exception for that name. */
static size_t own_of(
	const struct state *s, struct run g, enum scope scope, const struct list *effective, struct own_source *own)
{
	size_t count = 0;
	for (size_t i = g.first; i < g.last; i++) {
		uint32_t meta = s->fold->records[i].meta;
		struct own_source said = {source_of(s, META_SOURCE(meta)), META_KIND(meta)};
		bool below = META_SCOPE(meta) == SCOPE_BELOW;
		if (below && scope == SCOPE_EXACT) {
			if (said.kind != RULE_BLOCK || s->cover.allow || has_item(effective, META_SOURCE(meta)))
				continue;
			said.kind = RULE_EXCEPT;
		} else if (!below && META_SCOPE(meta) != scope) {
			continue;
		}
		if (count == 0 || memcmp(&own[count - 1], &said, sizeof said) != 0)
			own[count++] = said;
	}
	return count;
}

/* The verdict that holds with the cover as it is now. */
static uint32_t intern_verdict(struct state *s, struct run g, enum scope scope, const struct list *effective)
{
	struct own_source own[64], *own_list = own;
	size_t most = g.last - g.first;
	struct source *effective_list = calloc(effective->count + 1, sizeof *effective_list);
	if (most > sizeof own / sizeof *own)
		own_list = calloc(most, sizeof *own_list);
	uint32_t number = 0;
	if (effective_list && own_list) {
		size_t own_count = own_of(s, g, scope, effective, own_list);
		for (size_t i = 0; i < effective->count; i++)
			effective_list[i] = source_of(s, effective->item[i]);
		number = verdicts_intern(s->fold->verdicts, decision_of(s, effective), own_list, own_count,
			effective_list, effective->count);
	}
	if (own_list != own)
		free(own_list);
	free(effective_list);
	if (number == 0)
		s->out_of_memory = true;
	return number;
}

/* How much of a cover there was before more was added. */
struct extent {
	size_t block, except;
	bool allow;
};

static struct extent cover_extent(const struct cover *cover)
{
	return (struct extent){cover->block.count, cover->except.count, cover->allow};
}

static void cover_cut(struct cover *cover, struct extent extent)
{
	cover->block.count = extent.block;
	cover->except.count = extent.except;
	cover->allow = extent.allow;
}

/* Returns the verdict for the name (SCOPE_EXACT) or for what is below it (SCOPE_SUBTREE), as the cover tells. Returns 0
 * if nothing changes for anyone. `before` is the effect so far; it is brought up to date. */
static uint32_t verdict_of(struct state *s, struct run g, enum scope scope, struct combined *before)
{
	bool own = false, below = false;
	for (size_t i = g.first; i < g.last; i++) {
		own |= META_SCOPE(s->fold->records[i].meta) == scope;
		below |= META_SCOPE(s->fold->records[i].meta) == SCOPE_BELOW;
	}
	if (!own && !below)
		return 0;
	effective_of(s, &s->effective);
	enum decision decision = decision_of(s, &s->effective);
	if (decision == before->decision && same_items(&s->effective, &before->sources)) {
		s->fold->folded += own || scope == SCOPE_SUBTREE;
		return 0;
	}
	uint32_t verdict = intern_verdict(s, g, scope, &s->effective);
	before->decision = decision;
	before->sources.count = 0;
	for (size_t i = 0; i < s->effective.count; i++)
		add_item(s, &before->sources, s->effective.item[i]);
	return verdict;
}

/* A name in all its forms, to go over its suffixes. */
struct suffixes {
	name_storage wire;
	size_t wire_length;
	struct name_labels labels;
	const char *text;
	size_t length;
};

static void suffixes_of(struct suffixes *x, const uint8_t *text)
{
	x->text = (const char *)text + 1;
	x->length = text[0];
	x->wire_length = name_from_plain(text + 1, text[0], x->wire, &x->labels);
}

static uint64_t suffix_key(const struct state *s, const struct suffixes *x, unsigned first_label)
{
	size_t offset = x->labels.offset[first_label];
	return name_key(x->wire + offset, x->wire_length - offset, s->fold->key);
}

/* The class of a name by its own rules and by what the cover says above it, or DROPPED. */
static uint32_t find_class(struct state *s, struct run g, struct combined *effect)
{
	effective_of(s, &effect->sources);
	effect->decision = decision_of(s, &effect->sources);
	struct class class = {0};
	cover_add(s, g, SCOPE_SUBTREE);
	struct extent at_name = cover_extent(&s->cover);
	cover_add(s, g, SCOPE_BELOW);
	class.subtree = verdict_of(s, g, SCOPE_SUBTREE, effect);
	cover_cut(&s->cover, at_name);
	cover_add(s, g, SCOPE_EXACT);
	class.exact = verdict_of(s, g, SCOPE_EXACT, effect);
	if (class.exact == 0 && class.subtree == 0)
		return DROPPED;
	uint32_t number = verdicts_intern_class(s->fold->verdicts, class);
	if (number == UINT32_MAX)
		s->out_of_memory = true;
	return number;
}

static void cover_above(struct state *s, const struct suffixes *x)
{
	s->cover.block.count = s->cover.except.count = 0;
	s->cover.allow = false;
	for (unsigned first = x->labels.count - s->fold->least + 1u; first-- > 1 && !s->cover.allow;) {
		size_t offset = x->labels.offset[first];
		struct run above = find_name(s, suffix_key(s, x, first), x->text + offset, x->length - offset);
		cover_add(s, above, SCOPE_SUBTREE);
		cover_add(s, above, SCOPE_BELOW);
	}
}

/* The class of a name, or DROPPED. A name with one rule, and nothing above it, has the class of every such name with the
 * same meta. */
static uint32_t class_of(struct state *s, struct run g, const struct suffixes *x, struct combined *effect)
{
	cover_above(s, x);
	bool is_alone =
		g.last - g.first == 1 && s->cover.block.count == 0 && s->cover.except.count == 0 && !s->cover.allow;
	uint32_t *known = is_alone ? &s->by_meta[s->fold->records[g.first].meta] : NULL;
	if (known && *known) {
		verdicts_use_class(s->fold->verdicts, *known - 1);
		return *known - 1;
	}
	uint32_t class = find_class(s, g, effect);
	if (known && class != DROPPED)
		*known = class + 1;
	return class;
}

static int make_directory(struct state *s)
{
	const struct fold *f = s->fold;
	s->homes = (uint32_t)(f->count / 4 + 1);
	s->directory = malloc(((size_t)s->homes + 1) * sizeof *s->directory);
	if (!s->directory)
		return -ENOMEM;
	size_t home = 0;
	for (size_t i = 0; i < f->count; i++)
		for (; home <= key_home(f->records[i].key, s->homes); home++)
			s->directory[home] = (uint32_t)i;
	for (; home <= s->homes; home++)
		s->directory[home] = (uint32_t)f->count;
	return 0;
}

/* Finds every name's class, into class[] at its first record; the other records of a name are DROPPED. */
static void find_classes(struct state *s, uint32_t *class)
{
	struct combined effect = {0};
	const struct fold *f = s->fold;
	memset(class, 0xff, f->count * sizeof *class);
	for (size_t i = 0; i < f->count && !s->out_of_memory;) {
		record_prefetch(f->records, i, f->count, f->texts);
		struct run g = records_at(f, i);
		struct suffixes x;
		suffixes_of(&x, f->texts + f->records[i].text);
		class[i] = class_of(s, g, &x, &effect);
		i = g.last;
	}
	free(effect.sources.item);
}

static int compact(struct fold *f, const uint32_t *class)
{
	uint32_t *new_number = NULL;
	int status = verdicts_finish(f->verdicts, &f->policy, f->base, &new_number);
	if (status != 0)
		return status;
	for (size_t i = 0; i < f->count; i++) {
		if (class[i] == DROPPED)
			continue;
		f->records[f->rules] = f->records[i];
		f->records[f->rules++].meta = new_number[class[i]];
	}
	free(new_number);
	return 0;
}

int fold_rules(struct fold *fold)
{
	struct state s = {.fold = fold};
	uint32_t *class = calloc(fold->count + 1, sizeof *class);
	s.by_meta = calloc(
		(size_t)META(fold->policy.feed_count * fold->policy.category_count, 0, 0) + 1, sizeof *s.by_meta);
	fold->verdicts = verdicts_new();
	int status = class && s.by_meta && fold->verdicts && make_directory(&s) == 0 ? 0 : -ENOMEM;
	if (status == 0) {
		find_classes(&s, class);
		status = s.out_of_memory ? -ENOMEM : compact(fold, class);
	}
	free(class);
	free(s.by_meta);
	free(s.directory);
	free(s.cover.block.item);
	free(s.cover.except.item);
	free(s.effective.item);
	return status;
}
