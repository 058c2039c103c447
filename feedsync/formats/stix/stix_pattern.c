/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser goes by recursive descent, with a function for each rule of the grammar:
 *
 *   alternatives  = all { OR all }
 *   all           = operand { AND operand }
 *   operand       = "(" alternatives ")" | observation (outside brackets) | comparison (inside)
 *   observation   = "[" alternatives "]"
 *   comparison    = path [ NOT ] comparator ( literal | "(" literal { "," literal } ")" ) | EXISTS path
 *
 * AND and OR mean the same between observations as between comparisons, so two functions serve both. Each returns 0
 * with what it found appended to the items, or -EBADMSG. Parentheses nest at most MAX_DEPTH deep. */
#include "feedsync/formats/stix/stix_pattern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/span.h"

enum { MAX_DEPTH = 32 };

struct parser {
	const char *at, *end;
	struct pattern *pattern;
	unsigned depth;
	bool inside; /* brackets */
};

/* What an expression means. */
enum sense {
	SENSE_ALTERNATIVES, /* the items that it has appended */
	SENSE_CONDITION,    /* nothing by itself */
};

void pattern_end(struct pattern *pattern)
{
	free(pattern->items);
	*pattern = (struct pattern){0};
}

static void append(struct parser *p, enum pattern_kind kind, const char *text, const char *end)
{
	struct pattern *pattern = p->pattern;
	pattern->items = xgrow(pattern->items, pattern->count, &pattern->room, 8, sizeof *pattern->items);
	pattern->items[pattern->count++] = (struct pattern_item){kind, text, (size_t)(end - text)};
}

/* ---- words ---- */

static void skip_blanks(struct parser *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at)
		p->at++;
}

/* Takes a character, after blanks. */
static bool take_character(struct parser *p, char c)
{
	skip_blanks(p);
	bool found = p->at < p->end && *p->at == c;
	p->at += found;
	return found;
}

/* What has not been read yet. */
static struct span rest_of(const struct parser *p)
{
	return (struct span){p->at, (size_t)(p->end - p->at)};
}

static bool is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static size_t word_length(const struct parser *p)
{
	size_t length = 0;
	while (p->at + length < p->end && is_word_character(p->at[length]))
		length++;
	return length;
}

/* Takes a keyword, after blanks. */
static bool take_keyword(struct parser *p, const char *word)
{
	skip_blanks(p);
	size_t length = strlen(word);
	bool found = word_length(p) == length && memcmp(p->at, word, length) == 0;
	p->at += found ? length : 0;
	return found;
}

/* Takes a text in single quotes, with the quotes. A backslash escapes the character after it. */
static int take_quoted(struct parser *p)
{
	if (!take_character(p, '\''))
		return -EBADMSG;
	for (; p->at < p->end && *p->at != '\''; p->at++)
		if (*p->at == '\\' && ++p->at == p->end)
			return -EBADMSG;
	return take_character(p, '\'') ? 0 : -EBADMSG;
}

/* ---- comparisons ---- */

/* Takes a path: a type, and its property: "file:hashes.'SHA-256'", "domain-name:resolves_to_refs[*].value". */
static int read_path(struct parser *p, struct span *path)
{
	skip_blanks(p);
	const char *start = p->at;
	size_t length = word_length(p);
	p->at += length;
	if (length == 0 || p->at == p->end || *p->at++ != ':' ||
		(word_length(p) == 0 && (p->at == p->end || *p->at != '\'')))
		return -EBADMSG;
	while (p->at < p->end) {
		if (*p->at == '\'') {
			if (take_quoted(p) != 0)
				return -EBADMSG;
		} else if (*p->at == '[') {
			const char *close = memchr(p->at, ']', (size_t)(p->end - p->at));
			if (!close)
				return -EBADMSG;
			p->at = close + 1;
		} else if (is_word_character(*p->at) || *p->at == '.') {
			p->at++;
		} else {
			break;
		}
	}
	*path = (struct span){start, (size_t)(p->at - start)};
	return 0;
}

static bool is_condition(struct span path)
{
	return span_starts_with(path, "domain-name:resolves_to_refs") || span_starts_with(path, "domain-name:x_misp_");
}

enum comparator {
	COMPARES_NONE,
	COMPARES_EQUAL,
	COMPARES_IN,
	COMPARES_OTHER,
};

static enum comparator take_comparator(struct parser *p)
{
	static const char *const words[] = {"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"};
	static const char *const signs[] = {"!=", "<>", "<=", ">=", "<", ">"};
	if (take_character(p, '=')) {
		p->at += p->at < p->end && *p->at == '=';
		return COMPARES_EQUAL;
	}
	if (take_keyword(p, "IN"))
		return COMPARES_IN;
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (take_keyword(p, words[i]))
			return COMPARES_OTHER;
	for (unsigned i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (span_starts_with(rest_of(p), signs[i])) {
			p->at += strlen(signs[i]);
			return COMPARES_OTHER;
		}
	}
	return COMPARES_NONE;
}

static enum pattern_kind kind_of_path(struct span path)
{
	if (span_is(path, "domain-name:value"))
		return PATTERN_NAME;
	if (span_is(path, "hostname:value") || span_is(path, "x-opencti-hostname:value"))
		return PATTERN_HOST;
	return span_is(path, "url:value") ? PATTERN_URL : PATTERN_OTHER;
}

/* Whether a literal of this kind is a name, or a URL. */
static bool is_of_interest(enum pattern_kind kind)
{
	return kind == PATTERN_NAME || kind == PATTERN_HOST || kind == PATTERN_URL;
}

/* Takes a literal and appends it. A text in quotes is of this kind. A number, a boolean, a time (t'...') and octets
 * (h'', b'') are PATTERN_UNUSABLE, unless the kind is PATTERN_OTHER. */
static int literal(struct parser *p, enum pattern_kind kind)
{
	skip_blanks(p);
	const char *start = p->at;
	size_t length = word_length(p);
	bool quoted = start + length < p->end && start[length] == '\'' && length <= 1;
	if (quoted) {
		p->at += length;
		if (take_quoted(p) != 0)
			return -EBADMSG;
	} else {
		while (p->at < p->end && (is_word_character(*p->at) || *p->at == '.' || *p->at == '+'))
			p->at++;
		if (p->at == start)
			return -EBADMSG;
	}
	if (quoted && length == 0 && is_of_interest(kind))
		append(p, kind, start + 1, p->at - 1);
	else
		append(p, kind == PATTERN_OTHER ? kind : PATTERN_UNUSABLE, start, p->at);
	return 0;
}

static int literals(struct parser *p, enum pattern_kind kind)
{
	if (!take_character(p, '('))
		return -EBADMSG;
	int status = literal(p, kind);
	while (status == 0 && take_character(p, ','))
		status = literal(p, kind);
	return status == 0 && take_character(p, ')') ? 0 : -EBADMSG;
}

/* Makes one item of all items after the first `count`. */
static void merge_items(struct parser *p, size_t count, enum pattern_kind kind, const char *start)
{
	p->pattern->count = count;
	append(p, kind, start, p->at);
}

static int comparison(struct parser *p, enum sense *sense)
{
	struct span path;
	size_t count = p->pattern->count;
	bool exists = take_keyword(p, "EXISTS");
	*sense = SENSE_ALTERNATIVES;
	if (read_path(p, &path) != 0)
		return -EBADMSG;
	enum pattern_kind kind = kind_of_path(path);
	bool not = !exists && take_keyword(p, "NOT");
	enum comparator compares = exists ? COMPARES_OTHER : take_comparator(p);
	bool equal = !not &&(compares == COMPARES_EQUAL || compares == COMPARES_IN);
	int status = 0;
	if (compares == COMPARES_NONE)
		status = -EBADMSG;
	else if (compares == COMPARES_IN)
		status = literals(p, kind);
	else if (!exists)
		status = literal(p, kind);
	if (status != 0)
		return status;
	if (equal && is_condition(path)) {
		p->pattern->count = count;
		*sense = SENSE_CONDITION;
	} else if (kind == PATTERN_OTHER || !equal) {
		merge_items(p, count, kind == PATTERN_OTHER ? kind : PATTERN_UNUSABLE, path.text);
	}
	return 0;
}

/* ---- expressions ---- */

static int alternatives(struct parser *p, enum sense *sense);

static int observation(struct parser *p, enum sense *sense)
{
	const char *start = p->at;
	if (!take_character(p, '['))
		return -EBADMSG;
	p->inside = true;
	int status = alternatives(p, sense);
	p->inside = false;
	if (status != 0 || !take_character(p, ']'))
		return -EBADMSG;
	if (*sense == SENSE_CONDITION)
		append(p, PATTERN_UNUSABLE, start, p->at);
	*sense = SENSE_ALTERNATIVES;
	return 0;
}

static int operand(struct parser *p, enum sense *sense)
{
	if (!take_character(p, '('))
		return p->inside ? comparison(p, sense) : observation(p, sense);
	if (p->depth == MAX_DEPTH)
		return -EBADMSG;
	p->depth++;
	int status = alternatives(p, sense);
	p->depth--;
	return status == 0 && take_character(p, ')') ? 0 : -EBADMSG;
}

static int all(struct parser *p, enum sense *sense)
{
	skip_blanks(p);
	const char *start = p->at;
	size_t count = p->pattern->count;
	unsigned usable = 0;
	do {
		enum sense part;
		if (operand(p, &part) != 0)
			return -EBADMSG;
		usable += part == SENSE_ALTERNATIVES;
	} while (take_keyword(p, "AND"));
	if (usable > 1)
		merge_items(p, count, PATTERN_UNUSABLE, start);
	*sense = usable > 0 ? SENSE_ALTERNATIVES : SENSE_CONDITION;
	return 0;
}

static int alternatives(struct parser *p, enum sense *sense)
{
	skip_blanks(p);
	const char *start = p->at;
	bool conditions = false, usable = false;
	do {
		enum sense part;
		if (all(p, &part) != 0)
			return -EBADMSG;
		conditions |= part == SENSE_CONDITION;
		usable |= part == SENSE_ALTERNATIVES;
	} while (take_keyword(p, "OR"));
	if (usable && conditions) /* the condition alone would mean any name that fulfils it */
		append(p, PATTERN_UNUSABLE, start, p->at);
	*sense = usable ? SENSE_ALTERNATIVES : SENSE_CONDITION;
	return 0;
}

int pattern_parse(struct pattern *pattern, const char *text, size_t length)
{
	*pattern = (struct pattern){0};
	if (length > MAX_PATTERN)
		return -EBADMSG;
	struct parser parser = {.at = text, .end = text + length, .pattern = pattern};
	enum sense sense;
	int status = alternatives(&parser, &sense);
	skip_blanks(&parser);
	return status == 0 && parser.at == parser.end ? 0 : -EBADMSG;
}

size_t pattern_value(const struct pattern_item *item, char *to, size_t room)
{
	size_t length = 0;
	for (size_t i = 0; i < item->length; i++) {
		i += item->text[i] == '\\'; /* another character follows: take_quoted has checked it */
		if (length + 1 >= room)
			return 0;
		to[length++] = item->text[i];
	}
	to[length] = '\0';
	return length;
}
