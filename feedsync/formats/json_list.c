/* JSON: an array of objects, an object that holds such an array, or an object a line (NDJSON). The value, the
 * conditions and the array are told by paths, members parted by dots. Lines are read one at a time; a whole document is
 * held in memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "json.h"
#include "limits.h"
#include "memory.h"
#include "timestamp.h"
#include "values.h"

enum { MAX_JSON_LINE = 1 << 20, MAX_PATH_PART = 128 };

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

/* A missing member and null are equal to "null" and to nothing else. */
static bool fulfils(const struct node *item, const struct parse_options *options)
{
	for (size_t i = 0; i < options->where_count; i++) {
		struct condition condition = condition_of(options->where[i]);
		char text[64];
		const char *value = node_word(node_below(item, condition.field, condition.field_length), text);
		if (!value || strcasecmp(value, condition.value) != 0)
			return false;
	}
	return true;
}

/* A time that is not told, or that nobody can read, is no reason to drop an entry. */
static bool expired(const struct node *item, const struct parse_options *options)
{
	char word[64];
	uint64_t seen;
	const char *text =
		options->seen ? node_word(node_below(item, options->seen, strlen(options->seen)), word) : NULL;
	return text && timestamp_read(text, strlen(text), &seen) && options_expired(options, seen);
}

static int take_item(
	const struct node *item, const struct place *place, const struct parse_options *options, struct sink *sink)
{
	size_t length;
	const struct node *value =
		node_is_object(item) ? node_below(item, options->field, strlen(options->field)) : item;
	const char *text = node_text(value, &length);
	if (!text)
		sink_reject(sink, place, REJECT_SYNTAX, "", 0);
	else if (!fulfils(item, options))
		sink_reject(sink, place, REJECT_CONDITION, text, length);
	else if (expired(item, options))
		sink_reject(sink, place, REJECT_EXPIRED, text, length);
	else
		return take_value(sink, place, text, length, options);
	return 0;
}

static int take_list(
	const struct node *list, const char *document, const struct parse_options *options, struct sink *sink)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(list); i++) {
		char detail[32];
		snprintf(detail, sizeof detail, "item %zu", i + 1);
		const struct place place = {document, 0, detail};
		status = take_item(node_at(list, i), &place, options, sink);
	}
	return status;
}

static int parse_whole(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct node *root;
	int status = json_read(&root, in, MAX_BODY, why);
	if (status != 0)
		return status;
	const struct node *list = options->items ? node_below(root, options->items, strlen(options->items)) : root;
	if (node_is_array(list))
		status = take_list(list, document, options, sink);
	else
		status = why_set(why, -EBADMSG, "no array%s%s", options->items ? " at " : " of objects",
			options->items ? options->items : "");
	node_free(root);
	return status;
}

static int parse_lines(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	char *line = need_memory(MAX_JSON_LINE, 1);
	struct place place = {document, 0, NULL};
	int status = 0;
	while (status == 0 && fgets(line, MAX_JSON_LINE, in)) {
		size_t length = strlen(line);
		struct why reason;
		place.line++;
		if (length == MAX_JSON_LINE - 1 && line[length - 1] != '\n') {
			sink_reject(sink, &place, REJECT_LONG_LINE, line, MAX_LINE);
			for (int c = 0; c != '\n' && c != EOF;)
				c = getc_unlocked(in);
			continue;
		}
		if (strspn(line, " \t\r\n") == length)
			continue;
		struct node *item = json_parse(line, length, &reason);
		if (item)
			status = take_item(item, &place, options, sink);
		else
			sink_reject(sink, &place, REJECT_SYNTAX, line, length);
		node_free(item);
	}
	free(line);
	if (status == 0 && ferror(in))
		return why_set(why, -EIO, "%s:%llu: %s", document, (unsigned long long)place.line, error_text(-EIO));
	return status;
}

int json_list_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	int c = getc_unlocked(in);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		c = getc_unlocked(in);
	if (c == EOF)
		return 0;
	ungetc(c, in);
	if (c != '[' && c != '{' && c != 0xef)
		return why_set(why, -EBADMSG, c == '<' ? "an HTML or XML page, not JSON" : "not JSON");
	return c == '{' && !options->items ? parse_lines(in, document, options, sink, why)
					   : parse_whole(in, document, options, sink, why);
}
