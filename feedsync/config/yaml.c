/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "libweir/hash.h"

/* ---- memory ---- */

struct block {
	struct block *next;
	max_align_t data[];
};

struct yaml_document {
	struct block *blocks;
	const struct yaml_value *top;
};

void *yaml_alloc(struct yaml_document *document, size_t count, size_t size)
{
	struct block *block = xcalloc(1, sizeof *block + count * size);
	block->next = document->blocks;
	document->blocks = block;
	return block->data;
}

const char *yaml_copy(struct yaml_document *document, const void *text, size_t length)
{
	return memcpy(yaml_alloc(document, length + 1, 1), text, length);
}

void yaml_free(struct yaml_document **document)
{
	if (!*document)
		return;
	for (struct block *block = (*document)->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(*document);
	*document = NULL;
}

/* ---- reading ---- */

/* Values that an alias may name. */
struct anchor {
	struct anchor *next;
	const char *name;
	const struct yaml_value *value;
	unsigned value_count; /* of this value and of all values within it */
};

struct reader {
	yaml_parser_t parser;
	struct yaml_document *document;
	struct complaints *complaints;
	struct anchor *anchors; /* the latest comes first, since a name may be given again */
	unsigned anchor_count;
	unsigned value_count; /* of the document so far; an alias counts as all that it stands for */
};

static unsigned line_of(yaml_mark_t mark)
{
	return (unsigned)mark.line + 1;
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	const yaml_parser_t *p = &r->parser;
	char context[120] = "";
	if (p->context && p->context_mark.line != p->problem_mark.line)
		snprintf(context, sizeof context, ", %s that begins in line %u", p->context, line_of(p->context_mark));
	complaints_add(r->complaints, line_of(p->error == YAML_READER_ERROR ? p->mark : p->problem_mark),
		"this is not YAML: %s%s; look at this line and the one before it",
		p->problem ? p->problem : "it cannot be read", context);
	return false;
}

/* Notes a value that has just ended, if it has a name. Its own values are those that were counted behind the first
 * `before`. */
static void add_anchor(struct reader *r, const yaml_char_t *name, const struct yaml_value *value, unsigned before)
{
	if (!name)
		return;
	if (++r->anchor_count > MAX_CONFIG_ANCHORS) {
		complaints_add(r->complaints, value->line, "more than %d anchors (\"&name\")", MAX_CONFIG_ANCHORS);
		return;
	}
	struct anchor *anchor = yaml_alloc(r->document, 1, sizeof *anchor);
	*anchor = (struct anchor){
		r->anchors, yaml_copy(r->document, name, strlen((const char *)name)), value, r->value_count - before};
	r->anchors = anchor;
}

/* Neither sum can overflow, since a value with an anchor has no more values than the maximum. */
static bool count_values(struct reader *r, unsigned count, unsigned line)
{
	r->value_count += count;
	if (r->value_count <= MAX_CONFIG_VALUES)
		return true;
	complaints_add(r->complaints, line,
		"more than %d values (an alias, \"*name\", counts as all that it stands for)", MAX_CONFIG_VALUES);
	return false;
}

static const struct yaml_value *find_anchored(struct reader *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	unsigned line = line_of(event->start_mark);
	for (const struct anchor *a = r->anchors; a; a = a->next)
		if (strcmp(a->name, name) == 0)
			return count_values(r, a->value_count, line) ? a->value : NULL;
	complaints_add(r->complaints, line, "no value before this has the anchor \"&%.60s\"", name);
	return NULL;
}

/* A new value of the kind that an event begins. */
static struct yaml_value *new_value(struct reader *r, const yaml_event_t *event, unsigned depth)
{
	unsigned line = line_of(event->start_mark);
	if (depth > MAX_CONFIG_DEPTH) {
		complaints_add(
			r->complaints, line, "lists and maps within each other, more than %d deep", MAX_CONFIG_DEPTH);
		return NULL;
	}
	if (!count_values(r, 1, line))
		return NULL;
	struct yaml_value *value = yaml_alloc(r->document, 1, sizeof *value);
	value->line = line;
	return value;
}

static struct yaml_value *read_yaml_text(struct reader *r, const yaml_event_t *event, unsigned depth)
{
	struct yaml_value *value = new_value(r, event, depth);
	if (!value)
		return NULL;
	if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
		complaints_add(r->complaints, value->line, "a text with a NUL in it");
		return NULL;
	}
	value->kind = YAML_TEXT;
	value->text = yaml_copy(r->document, event->data.scalar.value, event->data.scalar.length);
	add_anchor(r, event->data.scalar.anchor, value, r->value_count - 1);
	return value;
}

static const struct yaml_value *read_node(struct reader *r, yaml_event_t *event, unsigned depth);

/* Reads an entry: its key, in a map, and its value. The entry begins with `event`. */
static bool read_item(
	struct reader *r, enum yaml_kind kind, yaml_event_t *event, struct yaml_entry *entry, unsigned depth)
{
	*entry = (struct yaml_entry){0};
	if (kind == YAML_LIST)
		return (entry->value = read_node(r, event, depth)) != NULL;
	unsigned line = line_of(event->start_mark);
	entry->key = read_node(r, event, depth);
	if (!entry->key)
		return false;
	if (entry->key->kind != YAML_TEXT) {
		complaints_add(r->complaints, line, "a list or a map where a key (\"key: value\") is expected");
		return false;
	}
	yaml_event_t next;
	if (!next_event(r, &next))
		return false;
	entry->value = read_node(r, &next, depth);
	yaml_event_delete(&next);
	return entry->value != NULL;
}

/* Reads what a list or a map holds, to its end. */
static bool read_children(struct reader *r, struct yaml_value *value, unsigned depth)
{
	const yaml_event_type_t end = value->kind == YAML_LIST ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT;
	struct yaml_entry *list = NULL;
	size_t room = 0;
	bool well = true, ended = false;
	while (well && !ended) {
		yaml_event_t event;
		if (!next_event(r, &event)) {
			well = false;
			break;
		}
		ended = event.type == end;
		if (!ended) {
			list = xgrow(list, value->count, &room, 8, sizeof *list);
			well = read_item(r, value->kind, &event, &list[value->count], depth);
			value->count += well;
		}
		yaml_event_delete(&event);
	}
	struct yaml_entry *entries = yaml_alloc(r->document, value->count, sizeof *entries);
	if (list)
		memcpy(entries, list, value->count * sizeof *entries);
	value->entry = entries;
	free(list);
	return well;
}

/* Reads the value that begins with an event; the event stays the caller's. Returns NULL with a complaint. */
static const struct yaml_value *read_node(struct reader *r, yaml_event_t *event, unsigned depth)
{
	if (event->type == YAML_SCALAR_EVENT)
		return read_yaml_text(r, event, depth);
	if (event->type == YAML_ALIAS_EVENT)
		return find_anchored(r, event);
	unsigned before = r->value_count;
	struct yaml_value *value = new_value(r, event, depth);
	if (!value)
		return NULL;
	bool list = event->type == YAML_SEQUENCE_START_EVENT;
	value->kind = list ? YAML_LIST : YAML_MAP;
	if (!read_children(r, value, depth + 1))
		return NULL;
	add_anchor(r, list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor, value, before);
	return value;
}

/* Reads the stream: one document, and nothing else. */
static void read_document(struct reader *r)
{
	bool ended = false;
	for (yaml_event_t event; !ended && next_event(r, &event); yaml_event_delete(&event)) {
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT: break;
		case YAML_STREAM_END_EVENT:
			ended = true;
			if (!r->document->top)
				complaints_add(r->complaints, 1, "the file is empty: feeds are expected (feeds:)");
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (r->document->top)
				complaints_add(r->complaints, line_of(event.start_mark),
					"a second document begins here (\"---\"): only one is read, so this would have "
					"no "
					"effect");
			ended = r->document->top != NULL;
			break;
		default: ended = !(r->document->top = read_node(r, &event, 0));
		}
	}
}

/* Refuses a text of many directives before libyaml reads it. libyaml compares each "%TAG" with all before it, in one
 * step. A quoted text may also have lines that begin with "%", but no option has a use for so many. */
static bool check_directives(const char *text, size_t length, struct complaints *complaints)
{
	unsigned line = 1, count = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%' && (i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r') &&
			++count > MAX_CONFIG_DIRECTIVES) {
			complaints_add(complaints, line, "more than %d directives (lines that begin with \"%%\")",
				MAX_CONFIG_DIRECTIVES);
			return false;
		}
		line += text[i] == '\n';
	}
	return true;
}

int yaml_parse(struct yaml_document **document, const char *text, size_t length, struct complaints *complaints)
{
	*document = NULL;
	if (!check_directives(text, length, complaints))
		return -EBADMSG;
	size_t before = complaints->count;
	struct reader r = {.document = xcalloc(1, sizeof *r.document), .complaints = complaints};
	*document = r.document;
	if (yaml_parser_initialize(&r.parser)) {
		yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
		read_document(&r);
		yaml_parser_delete(&r.parser);
	} else {
		complaints_add(complaints, 0, "out of memory");
	}
	if (complaints->count == before)
		return 0;
	yaml_free(document);
	return -EBADMSG;
}

/* ---- looking ---- */

const struct yaml_value *yaml_top(const struct yaml_document *document)
{
	return document->top;
}

const struct yaml_entry *yaml_find(const struct yaml_value *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++)
		if (strcmp(map->entry[i].key->text, key) == 0)
			return &map->entry[i];
	return NULL;
}

static uint64_t add_to_sum(uint64_t sum, const struct yaml_value *value)
{
	const uint64_t head[] = {value->kind, value->count};
	sum = XXH3_64bits_withSeed(head, sizeof head, sum);
	if (value->kind == YAML_TEXT)
		return XXH3_64bits_withSeed(value->text, strlen(value->text), sum);
	for (size_t i = 0; i < value->count; i++) {
		if (value->entry[i].key)
			sum = add_to_sum(sum, value->entry[i].key);
		sum = add_to_sum(sum, value->entry[i].value);
	}
	return sum;
}

uint64_t yaml_sum(const struct yaml_value *value)
{
	uint64_t sum = add_to_sum(0, value);
	return sum ? sum : 1;
}
