/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/rehash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/build/ancestors.h"
#include "libweir/build/sort.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/name.h"
#include "libweir/table.h"

/* How many other keys are tried, and from how many lines a crowd may be removed. */
enum { MAX_KEYS = 8, MAX_CROWDS = 64 };

/* Equal keys: by text. Of each name there is one record. */
static int compare_texts(const void *context, const struct record *a, const struct record *b)
{
	const uint8_t *x = (const uint8_t *)context + a->text, *y = (const uint8_t *)context + b->text;
	size_t shorter = x[0] < y[0] ? x[0] : y[0];
	int order = memcmp(x + 1, y + 1, shorter);
	return order != 0 ? order : (int)x[0] - (int)y[0];
}

/* Gives the rules another key: a random one if the caller gives the source of it, else the next of a fixed row. */
static int change_key(struct fold *f, const struct build_options *options)
{
	uint64_t key = checksum(&f->key, sizeof f->key);
	int status = options->fresh_key ? options->fresh_key(&key) : 0;
	if (status != 0)
		return status;
	f->key = key;
	for (size_t i = 0; i < f->rules; i++) {
		const uint8_t *text = f->texts + f->records[i].text;
		name_storage wire;
		struct name_labels labels;
		size_t length = name_from_plain(text + 1, text[0], wire, &labels);
		f->records[i].key = name_key(wire, length, f->key);
	}
	sort_records(f->records, f->rules, compare_texts, f->texts);
	return 0;
}

/* Builds the index with the present key. It takes the base's geometry if that fits, else, or if that fails, the
 * geometry of a fresh table. */
static int try_key(const struct fold *f, const struct table *base, struct index *index)
{
	struct keyset marks = {0};
	int status = ancestors_of_rules(&marks, f->records, f->rules, f->texts, f->key, f->least);
	uint64_t nodes = f->rules + marks.count;
	uint32_t kept = base ? table_header(base)->homes : 0, fresh = index_homes(nodes);
	if (status == 0)
		status = WEIR_ELIMIT;
	if (status == WEIR_ELIMIT && base && index_homes_fit(kept, nodes))
		status = index_build(index, kept, f->records, f->rules, marks.key, marks.count);
	if (status == WEIR_ELIMIT)
		status = index_build(index, fresh, f->records, f->rules, marks.key, marks.count);
	keyset_free(&marks);
	return status;
}

/* ---- crowds ---- */

/* Whether a rule, or a mark that it needs, has its home in this line. */
static bool lives_at(const struct fold *f, const struct record *record, const struct index *index)
{
	const uint8_t *text = f->texts + record->text;
	name_storage wire;
	struct name_labels labels;
	size_t length = name_from_plain(text + 1, text[0], wire, &labels);
	for (unsigned first = 0; first + f->least <= labels.count; first++) {
		size_t offset = labels.offset[first];
		if (key_home(name_key(wire + offset, length - offset, f->key), index->homes) == index->crowded)
			return true;
	}
	return false;
}

/* Calls `visit` for each source that has the rule. */
static void each_source(const struct fold *f, const struct record *record,
	void (*visit)(void *context, const struct record *record, struct source source), void *context)
{
	struct class class = f->policy.classes[record->meta];
	const uint32_t verdicts[] = {class.exact, class.subtree};
	for (unsigned v = 0; v < 2; v++)
		for (unsigned i = 0; verdicts[v] && i < f->policy.verdicts[verdicts[v]].own_count; i++)
			visit(context, record, f->policy.verdicts[verdicts[v]].own[i].source);
}

static void count_source(void *context, const struct record *record, struct source source)
{
	(void)record;
	((uint64_t *)context)[source.feed]++;
}

struct crowd {
	const struct fold *fold;
	const struct build_options *options;
	uint32_t feed;
	bool has;
};

static void find_source(void *context, const struct record *record, struct source source)
{
	struct crowd *c = context;
	(void)record;
	c->has |= source.feed == c->feed;
}

static void tell_source(void *context, const struct record *record, struct source source)
{
	const struct crowd *c = context;
	const uint8_t *text = c->fold->texts + record->text;
	if (c->options->left_out)
		c->options->left_out(c->options->context, (const char *)text + 1, text[0], source);
}

/* Drops the classes of which no rule is left: each class of a table has one. */
static int drop_classes(struct fold *f)
{
	uint32_t *number = calloc(f->policy.class_count + 1, sizeof *number);
	if (!number)
		return -ENOMEM;
	for (size_t i = 0; i < f->rules; i++)
		number[f->records[i].meta] = 1;
	verdicts_drop_classes(f->verdicts, &f->policy, number);
	for (size_t i = 0; i < f->rules; i++)
		f->records[i].meta = number[f->records[i].meta];
	free(number);
	return 0;
}

/* Leaves out rules of the line that has no room for all of its rules: those of the feed that has most of them there. */
static int leave_out_crowd(
	struct fold *f, const struct build_options *options, const struct index *index, uint64_t *count)
{
	uint64_t *rules = calloc(f->policy.feed_count + 1, sizeof *rules);
	struct crowd c = {.fold = f, .options = options};
	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < f->rules; i++)
		if (lives_at(f, &f->records[i], index))
			each_source(f, &f->records[i], count_source, rules);
	for (uint32_t feed = 1; feed < f->policy.feed_count; feed++)
		if (rules[feed] > rules[c.feed])
			c.feed = feed;
	free(rules);
	size_t kept = 0;
	for (size_t i = 0; i < f->rules; i++) {
		c.has = false;
		if (lives_at(f, &f->records[i], index))
			each_source(f, &f->records[i], find_source, &c);
		if (c.has)
			each_source(f, &f->records[i], tell_source, &c);
		else
			f->records[kept++] = f->records[i];
	}
	*count += f->rules - kept;
	int status = kept < f->rules ? 0 : WEIR_ELIMIT;
	f->rules = kept;
	return status == 0 ? drop_classes(f) : status;
}

int rehash_until_fits(struct fold *fold, const struct build_options *options, struct index *index, uint64_t *left_out,
	struct why *why)
{
	*index = (struct index){0};
	int status = try_key(fold, options->base, index);
	for (int tries = 1; status == WEIR_ELIMIT && index->homes > 0 && tries < MAX_KEYS; tries++) {
		status = change_key(fold, options);
		if (status == 0)
			status = try_key(fold, NULL, index);
	}
	for (int crowds = 0; status == WEIR_ELIMIT && index->homes > 0 && crowds < MAX_CROWDS; crowds++) {
		status = leave_out_crowd(fold, options, index, left_out);
		if (status == 0)
			status = try_key(fold, NULL, index);
	}
	if (status == WEIR_ELIMIT)
		return why_set(why, status, "the names need more nodes than a table has room for");
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}
