/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of a value is found by counting the brackets outside strings. That is right for every valid value, and json.c
 * says what is wrong with the others. */
#include "feedsync/formats/json_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"

static int get(struct json_scan *s)
{
	int c = getc_unlocked(s->in);
	s->line += c == '\n';
	return c;
}

static void unget(struct json_scan *s, int c)
{
	if (c != EOF)
		ungetc(c, s->in);
	s->line -= c == '\n';
}

void json_scan_begin(struct json_scan *scan, FILE *in)
{
	*scan = (struct json_scan){.in = in, .line = 1, .text = xcalloc(MAX_JSON_ITEM, 1)};
	int c = get(scan);
	bool marked = c == 0xef && get(scan) == 0xbb;
	marked = marked && get(scan) == 0xbf;
	if (!marked)
		unget(scan, c); /* also after half a mark: no JSON begins with its octets */
}

void json_scan_end(struct json_scan *scan)
{
	free(scan->text);
	scan->text = NULL;
}

int json_scan_next(struct json_scan *scan)
{
	int c = get(scan);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		c = get(scan);
	unget(scan, c);
	return c;
}

bool json_scan_take(struct json_scan *scan, char wanted)
{
	if (json_scan_next(scan) != wanted)
		return false;
	get(scan);
	return true;
}

int json_scan_error(struct json_scan *scan, const char *wanted, struct why *why)
{
	int c = json_scan_next(scan);
	unsigned long long line = scan->line;
	if (ferror(scan->in))
		return why_set(why, -EIO, "line %llu: %s", line, error_text(-EIO));
	if (c == EOF)
		return why_set(why, -EBADMSG, "line %llu: cut off: %s expected", line, wanted);
	return why_set(why, -EBADMSG, "line %llu: %s expected near '%c'", line, wanted, c > ' ' && c <= '~' ? c : '?');
}

/* Adds an octet to the value's text. Returns false for EOF, and where there is no room. */
static bool keep_octet(struct json_scan *s, int c)
{
	if (c == EOF || s->length == MAX_JSON_ITEM)
		return false;
	s->text[s->length++] = (char)c;
	return true;
}

/* Reads to the octet that closes a bracket or a quote. `depth` brackets are open, or none, and the octet that opens one,
 * or a string, is next. A string that is still open at the end of its line lacks its quote: JSON has no line ends in strings. */
static bool read_closed(struct json_scan *s, unsigned depth)
{
	bool string = false;
	if (s->open_text) /* its line has ended */
		return false;
	do {
		int c = get(s);
		if (string && (c == '\n' || c == '\r')) {
			s->open_text = true;
			unget(s, c);
			return false;
		}
		if (!keep_octet(s, c) || (string && c == '\\' && !keep_octet(s, get(s))))
			return false;
		if (c == '"')
			string = !string;
		else if (!string)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	} while (depth > 0 || string);
	return true;
}

/* Reads a number, true, false, null, or anything else up to an octet that may follow a value. */
static bool read_scalar(struct json_scan *s)
{
	int c = get(s);
	while (c != EOF && !strchr(" \t\r\n,:]}[{\"", c) && keep_octet(s, c))
		c = get(s);
	unget(s, c);
	return s->length < MAX_JSON_ITEM;
}

/* Makes a node of a value whose text has been read, wholly or not. */
static int end_value(struct json_scan *s, bool whole, struct node **value, struct why *why)
{
	*value = NULL;
	if (ferror(s->in) || s->length == 0)
		return json_scan_error(s, "a value", why);
	if (s->open_text)
		return why_set(
			why, -EBADMSG, "line %llu: a text without the quote that ends it", (unsigned long long)s->line);
	if (!whole && s->length < MAX_JSON_ITEM)
		return why_set(why, -EBADMSG, "line %llu: cut off: the value that begins here has no end",
			(unsigned long long)s->start);
	if (whole)
		return json_parse_at(value, s->text, s->length, s->start, why);
	return why_set(why, -EBADMSG, "line %llu: a value of more than %d octets", (unsigned long long)s->start,
		MAX_JSON_ITEM);
}

int json_scan_value(struct json_scan *scan, struct node **value, struct why *why)
{
	int c = json_scan_next(scan);
	scan->start = scan->line;
	scan->length = 0;
	bool whole = c == '{' || c == '[' || c == '"' ? read_closed(scan, 0) : read_scalar(scan);
	return end_value(scan, whole, value, why);
}

/* Keeps the next octets up to one that is not a blank, which stays; returns that. */
static int keep_blanks(struct json_scan *s)
{
	int c = get(s);
	while ((c == ' ' || c == '\t' || c == '\r' || c == '\n') && keep_octet(s, c))
		c = get(s);
	unget(s, c);
	return c;
}

int json_scan_first(struct json_scan *scan, struct node **name, struct why *why)
{
	struct json_scan *s = scan;
	*name = NULL;
	json_scan_next(s);
	s->start = s->line;
	s->length = 0;
	keep_octet(s, get(s));
	if (keep_blanks(s) != '"')
		return 0;
	size_t before = s->length;
	if (!read_closed(s, 0))
		return 0;
	int status = json_parse_at(name, s->text + before, s->length - before, s->line, why);
	bool well = status == 0 && keep_blanks(s) == ':' && keep_octet(s, get(s));
	if (!well)
		node_free(*name);
	if (!well)
		*name = NULL;
	return status == -ENOMEM ? status : well;
}

int json_scan_rest(struct json_scan *scan, struct node **value, struct why *why)
{
	return end_value(scan, read_closed(scan, 1), value, why);
}

static int skip(struct json_scan *s, unsigned depth, struct why *why);

static int skip_scalar(struct json_scan *s, struct why *why)
{
	struct node *value;
	int status = json_scan_value(s, &value, why);
	node_free(value);
	return status;
}

static int skip_member_name(struct json_scan *s, struct why *why)
{
	return json_scan_next(s) == '"' ? skip_scalar(s, why) : json_scan_error(s, "a string", why);
}

/* Passes over what stands in brackets: values with commas between them; in an object, a name and a colon before each. */
static int skip_closed(struct json_scan *s, bool object, unsigned depth, struct why *why)
{
	const char close = object ? '}' : ']';
	if (depth == MAX_JSON_DEPTH)
		return why_set(
			why, -EBADMSG, "line %llu: deeper than %d levels", (unsigned long long)s->line, MAX_JSON_DEPTH);
	if (json_scan_take(s, close))
		return 0;
	int status;
	do {
		status = object ? skip_member_name(s, why) : 0;
		if (status == 0 && object && !json_scan_take(s, ':'))
			status = json_scan_error(s, "':'", why);
		if (status == 0)
			status = skip(s, depth + 1, why);
	} while (status == 0 && json_scan_take(s, ','));
	if (status == 0 && !json_scan_take(s, close))
		status = json_scan_error(s, object ? "',' or '}'" : "',' or ']'", why);
	return status;
}

static int skip(struct json_scan *s, unsigned depth, struct why *why)
{
	if (json_scan_take(s, '{'))
		return skip_closed(s, true, depth, why);
	if (json_scan_take(s, '['))
		return skip_closed(s, false, depth, why);
	return skip_scalar(s, why);
}

int json_scan_skip(struct json_scan *scan, struct why *why)
{
	return skip(scan, 0, why);
}
