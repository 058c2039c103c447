/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/csv_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"

enum { BUFFER = 1 << 16 };

/* ---- octets ---- */

static int refill_row(struct csv_reader *reader)
{
	if (!reader->in)
		return EOF;
	size_t length = fread(reader->buffer, 1, BUFFER, reader->in);
	reader->at = reader->buffer;
	reader->end = reader->buffer + length;
	return length > 0 ? (unsigned char)*reader->at++ : EOF;
}

static inline int next_octet(struct csv_reader *reader)
{
	return likely(reader->at < reader->end) ? (unsigned char)*reader->at++ : refill_row(reader);
}

int csv_peek(struct csv_reader *reader)
{
	int c = next_octet(reader);
	if (c != EOF)
		reader->at--;
	return c;
}

/* Takes the LF of CR LF. */
static void end_row(struct csv_reader *reader, int c)
{
	if (c == '\r' && csv_peek(reader) == '\n')
		reader->at++;
	reader->line++;
}

int csv_begin(struct csv_reader *reader, FILE *in, struct why *why)
{
	*reader = (struct csv_reader){.line = 1, .in = in, .buffer = xcalloc(BUFFER, 1)};
	csv_part_by(reader, ',');
	csv_peek(reader);
	size_t length = (size_t)(reader->end - reader->at);
	if (text_is_utf16(reader->at, length))
		return why_set(why, -EBADMSG, "UTF-16 text, not a table in UTF-8");
	if (text_starts_with(reader->at, length, "\xef\xbb\xbf"))
		reader->at += 3;
	return 0;
}

void csv_end(struct csv_reader *reader)
{
	free(reader->buffer);
	reader->buffer = NULL;
}

void csv_part_by(struct csv_reader *reader, char separator)
{
	const int ends[] = {EOF, '\n', '\r', (unsigned char)separator};
	memset(reader->ends, 0, sizeof reader->ends);
	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
		reader->ends[ends[i] + 1] = true;
	memcpy(reader->stops, reader->ends, sizeof reader->stops);
	reader->stops['\0' + 1] = true;
}
_Static_assert(EOF + 1 == 0, "it has the first place in the table of ends");

/* ---- fields ---- */

static inline void put_octet(struct csv_row *r, int c)
{
	r->nul |= c == '\0';
	if (likely(r->length < sizeof r->text - 1))
		r->text[r->length++] = (char)c;
	else
		r->too_long = true;
}

/* Puts what has been read already, up to an octet that must be looked at. */
static inline void put_run(struct csv_reader *reader, struct csv_row *r, const bool stops[257])
{
	const char *at = reader->at;
	while (at < reader->end && !stops[(unsigned char)*at + 1])
		at++;
	size_t length = (size_t)(at - reader->at), room = sizeof r->text - 1 - r->length;
	r->too_long |= length > room;
	length = length < room ? length : room;
	memcpy(r->text + r->length, reader->at, length);
	r->length += length;
	reader->at = at;
}

static void begin_field(struct csv_row *r)
{
	if (r->count == MAX_CSV_FIELDS)
		r->too_long = true;
	else
		r->field[r->count++] = r->text + r->length;
}

/* Ends the field by a NUL, for which there is always room. */
static void end_field(struct csv_row *r)
{
	r->text[r->length] = '\0';
	if (r->length < sizeof r->text - 1)
		r->length++;
}

static int refuse_quote(uint64_t line, struct why *why)
{
	return why_set(why, -EBADMSG, "line %llu: a quote that is not closed", (unsigned long long)line);
}

/* Reads a quoted text, its closing quote, and what follows up to the end of the field. What follows should be blanks. Other
 * octets are passed over, unless the text went over the end of a line: then the quote was not meant to go so far. Returns
 * the octet that ended the field, or -EBADMSG. */
static int read_quoted(struct csv_reader *reader, struct csv_row *r, struct why *why)
{
	static const bool stops[257] = {['"' + 1] = true, ['\n' + 1] = true, ['\0' + 1] = true};
	const uint64_t line = reader->line;
	int c;
	for (;;) {
		put_run(reader, r, stops);
		c = next_octet(reader);
		if (c == '"' && (c = next_octet(reader)) != '"')
			break;
		if (c == EOF)
			return refuse_quote(line, why);
		reader->line += c == '\n';
		put_octet(r, c);
	}
	for (; !reader->ends[c + 1]; c = next_octet(reader))
		if (c != ' ' && c != '\t' && reader->line > line)
			return refuse_quote(line, why);
	return c;
}

/* Reads a field from its first octet on. Returns the octet that ended it, or -EBADMSG. */
static int read_field(struct csv_reader *reader, struct csv_row *r, int c, struct why *why)
{
	begin_field(r);
	size_t start = r->length;
	while ((c == ' ' || c == '\t') && !reader->ends[c + 1])
		c = next_octet(reader);
	if (c == '"') {
		c = read_quoted(reader, r, why);
	} else {
		while (!reader->ends[c + 1]) {
			put_octet(r, c);
			put_run(reader, r, reader->stops);
			c = next_octet(reader);
		}
		while (r->length > start && (r->text[r->length - 1] == ' ' || r->text[r->length - 1] == '\t'))
			r->length--;
	}
	end_field(r);
	return c;
}

int csv_read_row(struct csv_reader *reader, struct csv_row *row, struct why *why)
{
	int c = next_octet(reader);
	row->line = reader->line;
	row->length = row->count = 0;
	row->comment = row->too_long = row->nul = false;
	if (c == EOF)
		return reader->in && ferror(reader->in) ? why_set(why, -EIO, "%s", error_text(-EIO)) : 0;
	if (c == '#') {
		row->comment = true;
		c = next_octet(reader);
	}
	for (;;) {
		c = read_field(reader, row, c, why);
		if (c == EOF || c == '\n' || c == '\r' || c < EOF)
			break;
		c = next_octet(reader);
	}
	if (c < EOF)
		return c;
	end_row(reader, c);
	return 1;
}

/* ---- lines ---- */

int csv_read_line(struct csv_reader *reader, char *line, size_t *length, struct why *why)
{
	int c = next_octet(reader);
	*length = 0;
	if (c == EOF)
		return reader->in && ferror(reader->in) ? why_set(why, -EIO, "%s", error_text(-EIO)) : 0;
	for (; c != EOF && c != '\n' && c != '\r'; c = next_octet(reader))
		if (*length < MAX_CSV_ROW)
			line[(*length)++] = (char)c;
	end_row(reader, c);
	return 1;
}

int csv_split_line(const char *line, size_t length, char separator, struct csv_row *row)
{
	struct csv_reader reader = {.line = 1, .at = line, .end = line + length};
	struct why why;
	csv_part_by(&reader, separator);
	return csv_read_row(&reader, row, &why);
}
