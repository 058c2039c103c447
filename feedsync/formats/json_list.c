/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON: an array of objects, an object that holds such an array, or an object a line (NDJSON). The settings name the
 * value, the conditions and the array by paths: names of members with dots between them. The document may be of any
 * size, since it is read item by item. A line that is not JSON is rejected alone; an array that is not JSON throughout
 * is refused as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/json_scan.h"
#include "feedsync/formats/record.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

enum { MAX_PATH_PART = 128 };

/* The node at a path of `length` characters below another; NULL if there is none. */
static const struct node *node_below(const struct node *node, const char *path, size_t length)
{
	while (node && length > 0) {
		const char *dot = memchr(path, '.', length);
		size_t part = dot ? (size_t)(dot - path) : length;
		char key[MAX_PATH_PART + 1];
		snprintf(key, sizeof key, "%.*s", (int)part, path);
		node = node_get(node, key);
		path += part + (dot ? 1 : 0);
		length -= part + (dot ? 1 : 0);
	}
	return node;
}

/* Whether the feed's conditions hold for the item. A missing member and null equal "null" and nothing else. *spoken_of
 * says whether the item has a member that a condition names. */
static bool is_item_wanted(const struct node *item, const struct parse_options *options, bool *spoken_of)
{
	bool wanted = true;
	*spoken_of = false;
	for (size_t i = 0; i < options->where_count; i++) {
		struct condition condition = condition_of(options->where[i]);
		const struct node *member = node_below(item, condition.field, condition.field_length);
		char word[64];
		wanted &= condition_holds(&condition, node_word(member, word));
		*spoken_of |= member != NULL;
	}
	return wanted;
}

/* An item with neither the value nor a member that a condition names is no entry: it may be what a server says instead
 * of the list. */
static int take_array_item(const struct parse *parse, const struct node *item, const struct position *position)
{
	const struct parse_options *options = parse->options;
	bool spoken_of;
	char word[64];
	struct record record = {.counts = is_item_wanted(item, options, &spoken_of)};
	record.value.text =
		node_text(node_is_object(item) ? node_below(item, options->field, strlen(options->field)) : item,
			&record.value.length);
	if (!record.value.text && (record.counts || !spoken_of)) {
		sink_reject(parse->sink, position, REJECT_SYNTAX, "", 0);
		return 0;
	}
	if (!record.value.text)
		record.value = (struct span){"", 0};
	if (options->seen)
		record.seen = node_word(node_below(item, options->seen, strlen(options->seen)), word);
	return record_take(parse, position, &record);
}

/* A document that is being read. */
struct list {
	struct json_scan scan;
	const struct parse *parse;
};

static int take_array_items(struct list *l)
{
	int status;
	uint64_t number = 0;
	do {
		struct why reason;
		char detail[32];
		snprintf(detail, sizeof detail, "item %llu", (unsigned long long)++number);
		struct node *item;
		status = json_scan_value(&l->scan, &item, &reason);
		if (status != 0)
			return why_set(l->parse->why, status, "%s: %s", detail, reason.text);
		const struct position position = {l->parse->document, l->scan.start, detail};
		status = take_array_item(l->parse, item, &position);
		node_free(item);
	} while (status == 0 && json_scan_take(&l->scan, ','));
	if (status == 0 && !json_scan_take(&l->scan, ']'))
		status = json_scan_error(&l->scan, "',' or ']'", l->parse->why);
	return status;
}

static int take_array(struct list *l)
{
	if (!json_scan_take(&l->scan, '['))
		return json_scan_error(&l->scan, "the array of items", l->parse->why);
	return json_scan_take(&l->scan, ']') ? 0 : take_array_items(l);
}

/* Reads a member's name and the colon after it. *is_wanted says whether it is the wanted name. */
static int take_name(struct list *l, const char *wanted, size_t length, bool *is_wanted)
{
	struct node *node;
	if (json_scan_next(&l->scan) != '"')
		return json_scan_error(&l->scan, "a member's name", l->parse->why);
	int status = json_scan_value(&l->scan, &node, l->parse->why);
	if (status != 0)
		return status;
	size_t name_length;
	const char *name = node_text(node, &name_length);
	*is_wanted = name_length == length && memcmp(name, wanted, length) == 0;
	node_free(node);
	return json_scan_take(&l->scan, ':') ? 0 : json_scan_error(&l->scan, "':'", l->parse->why);
}

/* Goes down the path to the array, takes its items, and reads on to the end of the object that holds it. */
static int take_array_at(struct list *l, const char *path)
{
	size_t length = strcspn(path, ".");
	bool found = false, wanted = false;
	int status = 0;
	if (!json_scan_take(&l->scan, '{'))
		return json_scan_error(&l->scan, "an object", l->parse->why);
	if (json_scan_next(&l->scan) != '}') {
		do {
			status = take_name(l, path, length, &wanted);
			if (status == 0 && wanted && found)
				status = why_set(l->parse->why, -EBADMSG, "line %llu: a second \"%.*s\"",
					(unsigned long long)l->scan.line, (int)length, path);
			else if (status == 0 && !wanted)
				status = json_scan_skip(&l->scan, l->parse->why);
			else if (status == 0)
				status = path[length] ? take_array_at(l, path + length + 1) : take_array(l);
			found |= wanted;
		} while (status == 0 && json_scan_take(&l->scan, ','));
	}
	if (status == 0 && !json_scan_take(&l->scan, '}'))
		status = json_scan_error(&l->scan, "',' or '}'", l->parse->why);
	if (status == 0 && !found)
		status = why_set(l->parse->why, -EBADMSG, "line %llu: no \"%.*s\" in the object that ends here",
			(unsigned long long)l->scan.line, (int)length, path);
	return status;
}

static int parse_whole(struct list *l)
{
	int status = l->parse->options->items ? take_array_at(l, l->parse->options->items) : take_array(l);
	if (status == 0 && json_scan_next(&l->scan) != EOF)
		status = json_scan_error(&l->scan, "the end of the document", l->parse->why);
	return status;
}

/* Reads a line, without its end, into `line`, which has room for MAX_JSON_ITEM octets. Returns the whole length of the
 * line, of which only so much was kept; or -1 at the end of the file. */
static int64_t read_json_line(FILE *in, char *line)
{
	int64_t length = 0;
	int c;
	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (length < MAX_JSON_ITEM)
			line[length] = (char)c;
		length++;
	}
	return c == EOF && length == 0 ? -1 : length;
}

static bool is_blank_line(const char *line, size_t length)
{
	size_t i = 0;
	while (i < length && strchr(" \t\r", line[i]) && line[i])
		i++;
	return i == length;
}

static int take_line(struct list *l, const char *line, size_t length, const struct position *position)
{
	struct why reason;
	if (length > MAX_JSON_ITEM) {
		sink_reject(l->parse->sink, position, REJECT_LONG_LINE, line, MAX_LINE);
		return 0;
	}
	if (is_blank_line(line, length))
		return 0;
	struct node *item;
	int status = json_parse_at(&item, line, length, position->line, &reason);
	if (status == -EBADMSG) {
		sink_reject(l->parse->sink, position, REJECT_SYNTAX, line, length);
		return 0;
	}
	if (status == 0)
		status = take_array_item(l->parse, item, position);
	node_free(item);
	return status;
}

static int parse_lines(struct list *l)
{
	struct position position = {l->parse->document, l->scan.line - 1, NULL};
	int status = 0;
	while (status == 0) {
		int64_t length = read_json_line(l->scan.in, l->scan.text);
		if (ferror(l->scan.in))
			return why_set(l->parse->why, -EIO, "%s:%llu: %s", l->parse->document,
				(unsigned long long)position.line + 1, error_text(-EIO));
		if (length < 0)
			break;
		position.line++;
		status = take_line(l, l->scan.text, (size_t)length, &position);
	}
	return status;
}

static int parse_json_list(const struct parse *parse)
{
	struct list l = {.parse = parse};
	json_scan_begin(&l.scan, parse->in);
	int c = json_scan_next(&l.scan), status = 0;
	if (ferror(parse->in))
		status = json_scan_error(&l.scan, "JSON", parse->why);
	else if (c == '{' && !parse->options->items)
		status = parse_lines(&l);
	else if (c == '[' || c == '{')
		status = parse_whole(&l);
	else if (c == EOF)
		parse->sink->counts->blank = true;
	else
		status = why_set(parse->why, -EBADMSG, c == '<' ? "an HTML or XML page, not JSON" : "not JSON");
	json_scan_end(&l.scan);
	return status;
}

const struct format format_json = {
	.name = "json",
	.sentence = "an array of objects, or an object on each line; needs \"field\"",
	.has_fields = true,
	.has_values = true,
	.has_wildcards = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_json_list,
};
