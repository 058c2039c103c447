/* SPDX-License-Identifier: BSD-3-Clause */
/* See format.h for the layout and table.h for the promises. Opening is in table_open.c. */
#include "libweir/table.h"

#include <string.h>

#include "libweir/entry.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/symbols.h"
#include "libweir/table_struct.h"

/* ---- lookup ---- */

/* A quarter of a line: what compilers turn into one register on every machine that has such. */
typedef uint16_t lanes __attribute__((vector_size(WEIR_LINE / 4)));
typedef uint64_t words __attribute__((vector_size(WEIR_LINE / 4)));

/* Whether any tag of the line has this check value. */
static inline bool line_has(const struct weir_line *line, uint16_t check)
{
	/* The line's first three lanes are no tags. */
	static const lanes is_tag = {0, 0, 0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff};
	lanes quarter[4];
	memcpy(quarter, line, sizeof quarter);
	lanes equal = (lanes)((quarter[0] & WEIR_TAG_CHECK) == check) & is_tag;
	for (unsigned i = 1; i < 4; i++)
		equal |= (lanes)((quarter[i] & WEIR_TAG_CHECK) == check);
	words any = (words)equal;
	return (any[0] | any[1]) != 0;
}

/* Whether canonical text equals a canonical wire name. A dot in the text always parts labels: rule names hold none. */
static bool text_equals_name(const uint8_t *text, size_t length, const uint8_t *wire)
{
	for (size_t at = 0;; at++) {
		size_t label = *wire++;
		if (label > length - at || memcmp(text + at, wire, label) != 0 || memchr(wire, '.', label))
			return false;
		at += label;
		wire += label;
		if (at == length)
			return *wire == 0;
		if (*wire == 0 || text[at] != '.')
			return false;
	}
}

/* What the index knows of one suffix of the query. */
struct node {
	bool more; /* something may be listed below */
	bool rule; /* a rule has this very name; class tells which */
	uint32_t class;
};

static bool entry_matches(const struct table *t, const struct entry *entry, const uint8_t *wire)
{
	uint8_t text[SYMBOL_TEXT_ROOM];
	int length = symbols_decode(&t->symbols, entry->code, entry->code_length, text);
	return length > 0 && entry->class < t->policy.class_count && text_equals_name(text, (size_t)length, wire);
}

/* Looks at the tags of a line that has at least one with this check value. Only the entries up to a rule's that has it are
 * read: each must be read to find the next. */
static void line_search(const struct table *t, uint32_t number, uint16_t check, const uint8_t *wire, struct node *node)
{
	const struct weir_line *line = &t->lines[number];
	const uint8_t *at = t->names + line->names, *end = t->names + t->lines[number + 1].names;
	unsigned unread = 0;
	for (unsigned i = 0; i < WEIR_LINE_TAGS && line->tag[i] != 0; i++) {
		uint16_t tag = line->tag[i];
		struct entry entry;
		unread += (tag & WEIR_TAG_RULE) != 0;
		if ((tag & WEIR_TAG_CHECK) != check)
			continue;
		node->more |= (tag & WEIR_TAG_MORE) != 0;
		if (!(tag & WEIR_TAG_RULE) || node->rule)
			continue;
		do
			at = entry_read(&entry, at, end);
		while (at && --unread > 0);
		if (!at)
			return; /* a damaged line matches nothing more */
		if (entry_matches(t, &entry, wire)) {
			node->rule = true;
			node->class = entry.class;
		}
	}
}

/* Whether the filter knows a key. */
static inline bool filter_knows(const struct table *t, uint64_t key)
{
	uint64_t bits = key_bits(key);
	return (t->filter[key_word(key, t->homes)] & bits) == bits;
}

static inline struct node probe_index(const struct table *t, uint64_t key, const uint8_t *wire)
{
	struct node node = {0};
	if (likely(!filter_knows(t, key)))
		return node;
	uint32_t home = key_home(key, t->homes);
	uint16_t check = key_check(key);
	uint32_t last = home + t->lines[home].reach;
	for (uint32_t number = home; number <= last; number++)
		if (unlikely(line_has(&t->lines[number], check)))
			line_search(t, number, check, wire, &node);
	return node;
}

bool table_lookup(const struct table *table, const uint8_t *qname, size_t length, struct match *match)
{
	match->verdict = 0;
	struct name_labels labels;
	if (name_split(qname, length, &labels) != 0 || labels.count <= table->skipped)
		return false;
	name_storage wire;
	name_lower(wire, qname, length);
	for (unsigned first = labels.count - table->skipped - 1;; first--) {
		uint8_t offset = labels.offset[first];
		uint64_t key = name_key(wire + offset, length - offset, table->key);
		struct node node = probe_index(table, key, wire + offset);
		if (node.rule) {
			struct class class = table->policy.classes[node.class];
			if (first == 0 && class.exact)
				*match = (struct match){class.exact, SCOPE_EXACT, offset, key};
			else if (class.subtree)
				*match = (struct match){class.subtree, SCOPE_SUBTREE, offset, key};
		}
		if (!node.more || first == 0)
			break;
	}
	return match->verdict != 0;
}

const struct verdict *table_verdict(
	const struct table *table, const uint8_t *wire, size_t length, enum scope scope, bool *own)
{
	/* No rule's name has this label: what holds for it holds for everything below that is not listed itself. */
	static const uint8_t below[] = {1, ' '};
	uint8_t name[sizeof below + NAME_MAX_WIRE];
	size_t front = scope == SCOPE_SUBTREE && length + sizeof below <= NAME_MAX_WIRE ? sizeof below : 0;
	struct match match;
	*own = false;
	memcpy(name, below, front);
	memcpy(name + front, wire, length);
	if (!table_lookup(table, name, front + length, &match))
		return NULL;
	*own = match.scope == scope && match.rule_offset == front;
	return &table->policy.verdicts[match.verdict];
}

/* ---- the rest ---- */

const struct weir_header *table_header(const struct table *table)
{
	return &table->header;
}

const struct policy *table_policy(const struct table *table)
{
	return &table->policy;
}

const struct symbols *table_symbols(const struct table *table)
{
	return &table->symbols;
}

uint64_t table_octets(const struct table *table)
{
	return table->file_length;
}

/* Decodes the name of an entry. A name that no rule may have is an error. */
static int rule_read(
	struct table_rule *rule, const struct table *t, const struct entry *entry, unsigned number, struct why *why)
{
	uint8_t text[SYMBOL_TEXT_ROOM];
	int length = symbols_decode(&t->symbols, entry->code, entry->code_length, text);
	if (length <= 0 || entry->class >= t->policy.class_count)
		return why_set(why, WEIR_EFORMAT, "index line %u: entry %u is malformed", rule->line, number);
	memcpy(rule->text, text, (size_t)length);
	rule->text[length] = '\0';
	rule->length = (size_t)length;
	rule->class = entry->class;
	if (!name_plain_valid(text, rule->length))
		return why_set(
			why, WEIR_EFORMAT, "index line %u: the name of entry %u is not canonical", rule->line, number);
	rule->wire_length = name_from_plain(text, rule->length, rule->wire, &rule->labels);
	if (rule->labels.count <= t->skipped)
		return why_set(why, WEIR_EFORMAT, "index line %u: entry %u is a single label, %s", rule->line, number,
			rule->text);
	return 0;
}

/* Visits the rules of one line. */
static int each_in_line(const struct table *t, uint32_t number, int (*visit)(void *, const struct table_rule *),
	void *context, struct why *why)
{
	const struct weir_line *line = &t->lines[number];
	const uint8_t *at = t->names + line->names, *end = t->names + t->lines[number + 1].names;
	struct table_rule rule = {.line = number};
	for (unsigned i = 0; i < WEIR_LINE_TAGS && line->tag[i] != 0; i++) {
		if ((line->tag[i] & WEIR_TAG_RULE) == 0)
			continue;
		struct entry entry;
		at = entry_read(&entry, at, end);
		rule.tag = line->tag[i];
		if (!at)
			return why_set(why, WEIR_EFORMAT, "index line %u: entry %u is malformed", number, i);
		int status = rule_read(&rule, t, &entry, i, why);
		if (status == 0)
			status = visit(context, &rule);
		if (status != 0)
			return status;
	}
	if (at != end)
		return why_set(why, WEIR_EFORMAT, "index line %u: octets behind its last entry", number);
	return 0;
}

/* Whether a line of the index, with its names, is the same in two tables of the same key and geometry. */
static bool is_same_line(const struct table *t, const struct table *other, uint32_t number)
{
	const struct weir_line *a = &t->lines[number], *b = &other->lines[number];
	uint32_t length = a[1].names - a->names;
	return number < other->header.lines && length == b[1].names - b->names &&
	       memcmp(a->tag, b->tag, sizeof a->tag) == 0 &&
	       memcmp(t->names + a->names, other->names + b->names, length) == 0;
}

int table_each_unlike(const struct table *table, const struct table *other,
	int (*visit)(void *context, const struct table_rule *rule), void *context, struct why *why)
{
	int status = 0;
	bool comparable = other && other->key == table->key && other->homes == table->homes &&
			  symbols_same(&table->symbols, &other->symbols);
	for (uint32_t i = 0; status == 0 && i < table->header.lines; i++)
		if (!comparable || !is_same_line(table, other, i))
			status = each_in_line(table, i, visit, context, why);
	return status;
}

int table_each(const struct table *table, int (*visit)(void *context, const struct table_rule *rule), void *context,
	struct why *why)
{
	return table_each_unlike(table, NULL, visit, context, why);
}

bool table_has_node(const struct table *table, uint64_t key, bool *more)
{
	uint32_t home = key_home(key, table->homes);
	bool found = false;
	*more = false;
	for (uint32_t number = home; filter_knows(table, key) && number <= home + table->lines[home].reach; number++) {
		const uint16_t *tag = table->lines[number].tag;
		for (unsigned i = 0; i < WEIR_LINE_TAGS && tag[i] != 0; i++) {
			if ((tag[i] & WEIR_TAG_CHECK) == key_check(key)) {
				found = true;
				*more |= (tag[i] & WEIR_TAG_MORE) != 0;
			}
		}
	}
	return found;
}
