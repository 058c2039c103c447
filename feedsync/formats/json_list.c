/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON: an array of items, an object that holds such an array, objects one after another, each on a line (NDJSON) or on
 * several, or items keyed by ids. What an item is json_item.h says.
 *
 * The setting `items` is the path of the array, or of the object whose members are the items: names of members with dots
 * between them, "*" for each member or element. Without it an object without the value itself is taken for one that holds
 * items only if its keys are ids: a member of it may as well be a list of what is not to be blocked.
 *
 * The document may be of any size, since it is read item by item. A line that is not JSON is rejected alone; anything else
 * that is not JSON throughout is refused as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/json_item.h"
#include "feedsync/formats/json_scan.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

/* A document that is being read. */
struct list {
	struct json_scan scan;
	const struct parse *parse;
	struct json_items items;
};

/* ---- arrays ---- */

static int take_array_items(struct list *l, const char *key)
{
	int status;
	uint64_t number = 0;
	do {
		struct why reason;
		const struct detail detail = {"item", NULL, ++number};
		struct node *item;
		status = json_scan_value(&l->scan, &item, &reason);
		if (status != 0)
			return why_set(l->parse->why, status, "item %llu: %s", (unsigned long long)number, reason.text);
		const struct position position = {l->parse->document, l->scan.start, &detail};
		status = json_item_take(&l->items, item, key, &position);
		node_free(item);
	} while (status == 0 && json_scan_take(&l->scan, ','));
	if (status == 0 && !json_scan_take(&l->scan, ']'))
		status = json_scan_error(&l->scan, "',' or ']'", l->parse->why);
	return status;
}

static int take_array(struct list *l, const char *key)
{
	if (!json_scan_take(&l->scan, '['))
		return json_scan_error(&l->scan, "the array of items", l->parse->why);
	return json_scan_take(&l->scan, ']') ? 0 : take_array_items(l, key);
}

/* ---- objects ---- */

/* Reads a member's name and the colon after it. The caller frees the name. */
static int take_name(struct list *l, struct node **name)
{
	*name = NULL;
	if (json_scan_next(&l->scan) != '"')
		return json_scan_error(&l->scan, "a member's name", l->parse->why);
	int status = json_scan_value(&l->scan, name, l->parse->why);
	if (status != 0)
		return status;
	return json_scan_take(&l->scan, ':') ? 0 : json_scan_error(&l->scan, "':'", l->parse->why);
}

/* Takes the value of a member whose name is an id, or a name that is listed. */
static int take_keyed_value(struct list *l, const struct node *name)
{
	struct node *item;
	const char *key = node_text(name, NULL);
	const struct position position = {l->parse->document, l->scan.line, NULL};
	if (!l->items.by_key && !json_is_id(key))
		return json_scan_error(&l->scan, "items under keys that are all ids", l->parse->why);
	if (!l->items.by_key && json_scan_next(&l->scan) == '[')
		return take_array(l, key);
	int status = json_scan_value(&l->scan, &item, l->parse->why);
	if (status == 0)
		status = json_item_take(&l->items, item, key, &position);
	node_free(item);
	return status;
}

/* Takes the items of an object keyed by ids, of which the first member's name and colon have been read. */
static int take_keyed_items(struct list *l, struct node *name)
{
	int status = take_keyed_value(l, name);
	while (status == 0 && json_scan_take(&l->scan, ',')) {
		struct node *next;
		status = take_name(l, &next);
		if (status == 0)
			status = take_keyed_value(l, next);
		node_free(next);
	}
	if (status == 0 && !json_scan_take(&l->scan, '}'))
		status = json_scan_error(&l->scan, "',' or '}'", l->parse->why);
	return status;
}

/* Takes the items of an object whose keys are ids, or names that are listed. It may be of any size, so its first member
 * tells. Where it is no such object, json_scan_rest reads the rest of it. */
static int take_if_keyed(struct list *l, bool *keyed)
{
	struct node *name;
	int status = json_scan_first(&l->scan, &name, l->parse->why);
	int c = name ? json_scan_next(&l->scan) : EOF;
	*keyed = name && (l->items.by_key || (json_is_id(node_text(name, NULL)) && (c == '{' || c == '[')));
	if (*keyed)
		status = take_keyed_items(l, name);
	node_free(name);
	return status < 0 ? status : 0;
}

static int take_object(struct list *l)
{
	struct node *item;
	bool keyed;
	int status = take_if_keyed(l, &keyed);
	if (status != 0 || keyed)
		return status;
	status = json_scan_rest(&l->scan, &item, l->parse->why);
	const struct position position = {l->parse->document, l->scan.start, NULL};
	if (status == 0)
		status = json_object_take(&l->items, item, &position);
	node_free(item);
	return status;
}

static int take_items_at(struct list *l, const char *path);

/* Goes down the path in what the first part of it names: a member, or with "*" each. */
static int take_members(struct list *l, const char *path)
{
	size_t length = strcspn(path, ".");
	bool each = length == 1 && path[0] == '*', found = false;
	int status = 0;
	if (!json_scan_take(&l->scan, '{'))
		return json_scan_error(&l->scan, "an object", l->parse->why);
	if (json_scan_next(&l->scan) != '}') {
		do {
			struct node *node;
			status = take_name(l, &node);
			size_t name_length = 0;
			const char *name = node_text(node, &name_length);
			bool wanted = name && (each || (name_length == length && memcmp(name, path, length) == 0));
			if (status == 0 && wanted && found && !each)
				status = why_set(l->parse->why, -EBADMSG, "line %llu: a second \"%.*s\"",
					(unsigned long long)l->scan.line, (int)length, path);
			else if (status == 0 && !wanted)
				status = json_scan_skip(&l->scan, l->parse->why);
			else if (status == 0)
				status = take_items_at(l, path + length + (path[length] ? 1 : 0));
			node_free(node);
			found |= wanted;
		} while (status == 0 && json_scan_take(&l->scan, ','));
	}
	if (status == 0 && !json_scan_take(&l->scan, '}'))
		status = json_scan_error(&l->scan, "',' or '}'", l->parse->why);
	if (status == 0 && !found && !each)
		status = why_set(l->parse->why, -EBADMSG, "line %llu: no \"%.*s\" in the object that ends here",
			(unsigned long long)l->scan.line, (int)length, path);
	return status;
}

/* "*" in an array: goes down the path in each element. */
static int take_elements(struct list *l, const char *path)
{
	int status = 0;
	json_scan_take(&l->scan, '[');
	if (json_scan_take(&l->scan, ']'))
		return 0;
	do
		status = take_items_at(l, path);
	while (status == 0 && json_scan_take(&l->scan, ','));
	if (status == 0 && !json_scan_take(&l->scan, ']'))
		status = json_scan_error(&l->scan, "',' or ']'", l->parse->why);
	return status;
}

/* Goes down the path to the items and takes them. */
static int take_items_at(struct list *l, const char *path)
{
	int c = json_scan_next(&l->scan);
	if (path[0] == '*' && (path[1] == '.' || !path[1]) && c == '[')
		return take_elements(l, path + (path[1] ? 2 : 1));
	if (path[0])
		return take_members(l, path);
	return c == '{' ? take_object(l) : take_array(l, NULL);
}

/* ---- lines ---- */

/* Takes the LF of CR LF. */
static void end_json_line(FILE *in, int c)
{
	if (c != '\r' || (c = getc_unlocked(in)) == '\n')
		return;
	if (c != EOF)
		ungetc(c, in);
}

/* Reads a line, without its end, into `line`, which has room for MAX_JSON_ITEM octets. Returns the whole length of the
 * line, of which only so much was kept; or -1 at the end of the file. */
static int64_t read_json_line(FILE *in, char *line)
{
	int64_t length = 0;
	int c;
	while ((c = getc_unlocked(in)) != EOF && c != '\n' && c != '\r') {
		if (length < MAX_JSON_ITEM)
			line[length] = (char)c;
		length++;
	}
	end_json_line(in, c);
	return c == EOF && length == 0 ? -1 : length;
}

/* Passes over the rest of a line. Returns whether there was nothing but blanks. */
static bool skip_json_line(FILE *in)
{
	bool blank = true;
	int c;
	while ((c = getc_unlocked(in)) != EOF && c != '\n' && c != '\r')
		blank &= c == ' ' || c == '\t';
	end_json_line(in, c);
	return blank;
}

static bool is_blank_line(const char *line, size_t length)
{
	size_t i = 0;
	while (i < length && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i == length;
}

/* A line is one object: something else is part of something else. */
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
	if (status == -EBADMSG || (status == 0 && !node_is_object(item)))
		sink_reject(l->parse->sink, position, REJECT_SYNTAX, line, length);
	else if (status == 0)
		status = json_object_take(&l->items, item, position);
	node_free(item);
	return status == -EBADMSG ? 0 : status;
}

/* Takes line by line what follows the first line. */
static int parse_lines(struct list *l, uint64_t line)
{
	struct position position = {l->parse->document, line, NULL};
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

/* ---- documents ---- */

/* Takes the first of several objects. If it stands on one line, so do the others: *line is its number then, and all of it
 * has been read. */
static int take_first_object(struct list *l, uint64_t *line)
{
	const struct json_scan *scan = &l->scan;
	struct node *item;
	bool keyed;
	int status = take_if_keyed(l, &keyed);
	if (status != 0 || keyed)
		return status;
	status = json_scan_rest(&l->scan, &item, l->parse->why);
	const struct position position = {l->parse->document, scan->start, NULL};
	bool too_long = scan->length == MAX_JSON_ITEM && status == -EBADMSG;
	bool ended = too_long || (scan->length > 0 && scan->text[scan->length - 1] == '}');
	if (ended && scan->line == scan->start && (status == 0 || status == -EBADMSG)) {
		*line = scan->start;
		if (!skip_json_line(scan->in) || status != 0) {
			sink_reject(l->parse->sink, &position, too_long ? REJECT_LONG_LINE : REJECT_SYNTAX, scan->text,
				scan->length < MAX_LINE ? scan->length : MAX_LINE);
			node_free(item);
			return 0;
		}
	}
	if (status == 0)
		status = json_object_take(&l->items, item, &position);
	node_free(item);
	return status;
}

static int parse_objects(struct list *l)
{
	uint64_t line = 0;
	int status = take_first_object(l, &line);
	if (status == 0 && line > 0)
		return parse_lines(l, line);
	while (status == 0 && json_scan_next(&l->scan) == '{')
		status = take_object(l);
	return status;
}

/* What the document is told by its first octet. */
static int parse_whole(struct list *l)
{
	const char *path = l->parse->options->items;
	int status = 0;
	if (!path && json_scan_next(&l->scan) == '{')
		status = parse_objects(l);
	else
		status = path ? take_items_at(l, path) : take_array(l, NULL);
	if (status == 0 && json_scan_next(&l->scan) != EOF)
		status = json_scan_error(&l->scan, "the end of the document", l->parse->why);
	return status;
}

static int parse_json_list(const struct parse *parse)
{
	struct list l = {.parse = parse};
	json_items_begin(&l.items, parse);
	json_scan_begin(&l.scan, parse->in);
	int c = json_scan_next(&l.scan), status = 0;
	if (ferror(parse->in))
		status = json_scan_error(&l.scan, "JSON", parse->why);
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
	.sentence = "an array of objects, objects one after another, or keyed by ids; needs \"field\"",
	.has_fields = true,
	.has_values = true,
	.has_wildcards = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_json_list,
};
