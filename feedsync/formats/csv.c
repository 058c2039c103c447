/* SPDX-License-Identifier: BSD-3-Clause */
/* Comma-separated values (RFC 4180) with a header: columns are found by their names, for feeds add and move them. The
 * header may stand in a comment, as abuse.ch writes it; blanks before a quote are tolerated; other lines that begin
 * with "#" are comments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/values.h"
#include "libweir/errors.h"

enum { MAX_FIELDS = 256, MAX_RECORD = 64 * 1024 };

/* A record: fields without their quotes, each ended by a NUL. */
struct record {
	char text[MAX_RECORD];
	size_t length;
	const char *field[MAX_FIELDS];
	unsigned count;
	bool comment;  /* it began with "#" */
	bool too_long; /* more octets or fields than there is room for */
};

struct reader {
	FILE *in;
	uint64_t line; /* on which the next record begins, from 1 */
};

static void put(struct record *r, int c)
{
	if (r->length < sizeof r->text)
		r->text[r->length++] = (char)c;
	else
		r->too_long = true;
}

static void begin_field(struct record *r)
{
	if (r->count == MAX_FIELDS || r->length == sizeof r->text)
		r->too_long = true;
	else
		r->field[r->count++] = r->text + r->length;
}

/* Reads what stands in quotes, up to and with the closing one; a quote inside is written twice. Returns the octet after
 * it. */
static int read_quoted(struct reader *reader, struct record *r)
{
	for (int c; (c = getc_unlocked(reader->in)) != EOF;) {
		reader->line += c == '\n';
		if (c != '"') {
			put(r, c);
			continue;
		}
		c = getc_unlocked(reader->in);
		if (c != '"')
			return c;
		put(r, c);
	}
	return EOF;
}

/* Reads a field from its first octet on. Returns the octet that ended it: comma, line end or end of file. */
static int read_field(struct reader *reader, struct record *r, int c)
{
	begin_field(r);
	size_t start = r->length;
	while (c == ' ' || c == '\t')
		c = getc_unlocked(reader->in);
	if (c == '"') {
		c = read_quoted(reader, r);
		while (c != ',' && c != '\n' && c != EOF)
			c = getc_unlocked(reader->in); /* a CR, or what does not belong there */
	} else {
		for (; c != ',' && c != '\n' && c != EOF; c = getc_unlocked(reader->in))
			put(r, c);
		while (r->length > start && strchr(" \t\r", r->text[r->length - 1]))
			r->length--;
	}
	put(r, '\0');
	return c;
}

/* Returns 1 with a record, 0 at the end, -EIO. */
static int read_record(struct reader *reader, struct record *r)
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

static int find_column(const struct record *r, const char *name, size_t length)
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

/* Whether the record is the header: one that has all the columns that are asked for. */
static bool find_columns(const struct record *r, const struct parse_options *options, struct columns *columns)
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

static bool fulfils(const struct record *r, const struct parse_options *options, const struct columns *columns)
{
	for (size_t i = 0; i < options->where_count && i < MAX_CONDITIONS; i++)
		if ((unsigned)columns->where[i] >= r->count ||
			strcasecmp(r->field[columns->where[i]], condition_of(options->where[i]).value) != 0)
			return false;
	return true;
}

/* A time that is not told, or that nobody can read, is no reason to drop an entry. */
static bool expired(const struct record *r, const struct parse_options *options, const struct columns *columns)
{
	uint64_t seen;
	const char *text = columns->seen >= 0 && (unsigned)columns->seen < r->count ? r->field[columns->seen] : "";
	return timestamp_read(text, strlen(text), &seen) && options_expired(options, seen);
}

static int take_record(const struct record *r, const struct place *place, const struct parse_options *options,
	const struct columns *columns, struct sink *sink)
{
	if (r->too_long) {
		sink_reject(sink, place, REJECT_LONG_LINE, r->text, strnlen(r->text, r->length));
	} else if ((unsigned)columns->value >= r->count) {
		sink_reject(sink, place, REJECT_SYNTAX, r->text, strnlen(r->text, r->length));
	} else if (!fulfils(r, options, columns)) {
		sink_reject(sink, place, REJECT_CONDITION, r->field[columns->value], strlen(r->field[columns->value]));
	} else if (expired(r, options, columns)) {
		sink_reject(sink, place, REJECT_EXPIRED, r->field[columns->value], strlen(r->field[columns->value]));
	} else {
		const char *value = r->field[columns->value];
		return take_value(sink, place, value, strlen(value), options);
	}
	return 0;
}

int csv_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct record *r = xcalloc(1, sizeof *r);
	struct reader reader = {in, 1};
	struct columns columns = {0};
	bool header = false, page = false;
	int status = 0, got;
	struct place place = {document, 1, NULL};
	while (status == 0 && (got = read_record(&reader, r)) > 0) {
		page |= place.line == 1 && r->field[0][0] == '<';
		if (!header)
			header = find_columns(r, options, &columns);
		else if (!r->comment && (r->count > 1 || r->field[0][0]))
			status = take_record(r, &place, options, &columns, sink);
		place.line = reader.line;
	}
	free(r);
	if (status == 0 && got < 0)
		return why_set(why, got, "%s:%llu: %s", document, (unsigned long long)place.line, error_text(got));
	if (status == 0 && !header && page)
		return why_set(why, -EBADMSG, "an HTML or XML page, not a list");
	if (status == 0 && !header)
		return why_set(why, -EBADMSG, "no header has the column \"%s\"%s", options->field,
			options->where_count > 0 || options->seen ? " and the others that are asked for" : "");
	return status;
}
