/* SPDX-License-Identifier: BSD-3-Clause */
/* Comma-separated values (RFC 4180) with a header. Columns are found by their names, since feeds add and move columns.
 * The header may stand in a comment, as abuse.ch writes it. Other lines that begin with "#" are comments. Blanks before
 * a quote are tolerated. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/record.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

enum { MAX_FIELDS = 256, MAX_RECORD = 64 * 1024 };

/* A row: its fields without their quotes, each ended by a NUL. */
struct row {
	char text[MAX_RECORD];
	size_t length;
	const char *field[MAX_FIELDS];
	unsigned count;
	bool comment;  /* it begins with "#" */
	bool too_long; /* it has more octets or fields than there is room for */
};

struct reader {
	FILE *in;
	uint64_t line; /* on which the next row begins, from 1 */
};

static void put_octet(struct row *r, int c)
{
	if (r->length < sizeof r->text)
		r->text[r->length++] = (char)c;
	else
		r->too_long = true;
}

static void begin_field(struct row *r)
{
	if (r->count == MAX_FIELDS || r->length == sizeof r->text)
		r->too_long = true;
	else
		r->field[r->count++] = r->text + r->length;
}

/* Reads a quoted text and its closing quote; a quote inside is written twice. Returns the octet after the closing
 * quote. */
static int read_quoted(struct reader *reader, struct row *r)
{
	for (int c; (c = getc_unlocked(reader->in)) != EOF;) {
		reader->line += c == '\n';
		if (c != '"') {
			put_octet(r, c);
			continue;
		}
		c = getc_unlocked(reader->in);
		if (c != '"')
			return c;
		put_octet(r, c);
	}
	return EOF;
}

/* Reads a field from its first octet on. Returns the octet that ended it: comma, line end or end of file. */
static int read_field(struct reader *reader, struct row *r, int c)
{
	begin_field(r);
	size_t start = r->length;
	while (c == ' ' || c == '\t')
		c = getc_unlocked(reader->in);
	if (c == '"') {
		c = read_quoted(reader, r);
		while (c != ',' && c != '\n' && c != EOF)
			c = getc_unlocked(reader->in); /* a CR, or octets that do not belong there */
	} else {
		for (; c != ',' && c != '\n' && c != EOF; c = getc_unlocked(reader->in))
			put_octet(r, c);
		while (r->length > start && strchr(" \t\r", r->text[r->length - 1]))
			r->length--;
	}
	put_octet(r, '\0');
	return c;
}

/* Returns 1 with a row, 0 at the end, -EIO. */
static int read_row(struct reader *reader, struct row *r)
{
	int c = getc_unlocked(reader->in);
	r->length = r->count = 0;
	r->comment = r->too_long = false;
	if (c == EOF)
		return ferror(reader->in) ? -EIO : 0;
	if (c == '#') {
		r->comment = true;
		c = getc_unlocked(reader->in);
	}
	while ((c = read_field(reader, r, c)) == ',')
		c = getc_unlocked(reader->in);
	reader->line += c == '\n';
	return 1;
}

static int find_column(const struct row *r, const char *name, size_t length)
{
	for (unsigned i = 0; i < r->count; i++)
		if (strlen(r->field[i]) == length && strncasecmp(r->field[i], name, length) == 0)
			return (int)i;
	return -1;
}

struct columns {
	int value;
	int seen; /* or -1 */
	int where[MAX_CONDITIONS];
};

/* Whether the row is the header: it has all the columns that the settings name. */
static bool find_columns(const struct row *r, const struct parse_options *options, struct columns *columns)
{
	columns->value = find_column(r, options->field, strlen(options->field));
	columns->seen = options->seen ? find_column(r, options->seen, strlen(options->seen)) : -1;
	bool all = columns->value >= 0 && (!options->seen || columns->seen >= 0);
	for (size_t i = 0; i < options->where_count && i < MAX_CONDITIONS; i++) {
		struct condition condition = condition_of(options->where[i]);
		columns->where[i] = find_column(r, condition.field, condition.field_length);
		all &= columns->where[i] >= 0;
	}
	return all;
}

/* The text of a field; NULL where the row ends before that column. */
static const char *field_at(const struct row *r, int column)
{
	return column >= 0 && (unsigned)column < r->count ? r->field[column] : NULL;
}

static bool is_row_wanted(const struct row *r, const struct parse_options *options, const struct columns *columns)
{
	for (size_t i = 0; i < options->where_count && i < MAX_CONDITIONS; i++) {
		struct condition condition = condition_of(options->where[i]);
		if (!condition_holds(&condition, field_at(r, columns->where[i])))
			return false;
	}
	return true;
}

static int take_row(
	const struct parse *parse, const struct row *r, const struct position *position, const struct columns *columns)
{
	const char *value = field_at(r, columns->value);
	if (r->too_long || !value) {
		sink_reject(parse->sink, position, r->too_long ? REJECT_LONG_LINE : REJECT_SYNTAX, r->text,
			strnlen(r->text, r->length));
		return 0;
	}
	const struct record record = {.value = {value, strlen(value)},
		.seen = field_at(r, columns->seen),
		.counts = is_row_wanted(r, parse->options, columns)};
	return record_take(parse, position, &record);
}

static int parse_csv(const struct parse *parse)
{
	const struct parse_options *options = parse->options;
	struct row *r = xcalloc(1, sizeof *r);
	struct reader reader = {parse->in, 1};
	struct columns columns = {0};
	bool header = false, page = false;
	int status = 0, got;
	struct position position = {parse->document, 1, NULL};
	while (status == 0 && (got = read_row(&reader, r)) > 0) {
		page |= position.line == 1 && r->field[0][0] == '<';
		if (!header)
			header = find_columns(r, options, &columns);
		else if (!r->comment && (r->count > 1 || r->field[0][0]))
			status = take_row(parse, r, &position, &columns);
		position.line = reader.line;
	}
	free(r);
	if (status == 0 && got < 0)
		return why_set(parse->why, got, "%s:%llu: %s", parse->document, (unsigned long long)position.line,
			error_text(got));
	if (status == 0 && !header && page)
		return why_set(parse->why, -EBADMSG, "an HTML or XML page, not a list");
	if (status == 0 && !header)
		return why_set(parse->why, -EBADMSG, "no header has the column \"%s\"%s", options->field,
			options->where_count > 0 || options->seen ? " and the others that are asked for" : "");
	return status;
}

const struct format format_csv = {
	.name = "csv",
	.sentence = "a table with a header; needs \"field\"",
	.has_fields = true,
	.has_values = true,
	.has_wildcards = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_csv,
};
