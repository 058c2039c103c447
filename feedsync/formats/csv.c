/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables in text (csv_row.h). Columns are found by their names, since feeds add and move columns; or, where a name is a
 * number, by that, from 1. The header is the first row that has all columns that are named, by one of the usual
 * separators; that one then parts all rows. Lines before it may only be comments and titles, which have fewer columns:
 * a row of data is never taken for a header. The header may stand in a comment, as abuse.ch writes it. Other lines
 * that begin with "#" are comments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/number.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/csv_row.h"
#include "feedsync/formats/record.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

static const char separators[] = {',', ';', '\t', '|'};

/* Where the fields are that the settings name. */
struct columns {
	int value;
	int seen; /* or -1 */
	int where[MAX_CONDITIONS];
};

struct table_reader {
	const struct parse *parse;
	struct csv_reader reader;
	struct csv_row *row;
	struct columns columns;
	struct conditions conditions;
	bool page; /* it begins as a page of the web does */
};

/* The column of a number, from 0, or -1. */
static int column_of_number(const char *name, size_t length)
{
	char text[8] = "";
	if (length < sizeof text)
		memcpy(text, name, length);
	uint64_t number = number_positive(text);
	return number <= MAX_CSV_FIELDS ? (int)number - 1 : -1;
}

/* The column of a name, or number, in the header; NULL: there is none. */
static int find_column(const struct csv_row *header, const char *name, size_t length)
{
	int numbered = column_of_number(name, length);
	for (unsigned i = 0; header && numbered < 0 && i < header->count; i++)
		if (strlen(header->field[i]) == length && strncasecmp(header->field[i], name, length) == 0)
			return (int)i;
	return numbered;
}

/* Whether all columns that the settings name are found. */
static bool find_columns(const struct table_reader *t, const struct csv_row *header, struct columns *columns)
{
	const struct parse_options *options = t->parse->options;
	columns->value = find_column(header, options->field, strlen(options->field));
	columns->seen = options->seen ? find_column(header, options->seen, strlen(options->seen)) : -1;
	bool all = columns->value >= 0 && (!options->seen || columns->seen >= 0);
	for (size_t i = 0; i < t->conditions.count; i++) {
		const struct condition *condition = &t->conditions.condition[i];
		columns->where[i] = find_column(header, condition->field, condition->field_length);
		all &= columns->where[i] >= 0;
	}
	return all;
}

/* ---- rows ---- */

/* The text of a field; NULL where the row ends before that column. */
static const char *field_at(const struct csv_row *r, int column)
{
	return column >= 0 && (unsigned)column < r->count ? r->field[column] : NULL;
}

static bool is_row_wanted(const struct table_reader *t)
{
	for (size_t i = 0; i < t->conditions.count; i++)
		if (!condition_holds(&t->conditions.condition[i], field_at(t->row, t->columns.where[i])))
			return false;
	return true;
}

static int take_row(const struct table_reader *t)
{
	const struct csv_row *r = t->row;
	const struct position position = {t->parse->document, r->line, NULL};
	const char *value = field_at(r, t->columns.value);
	if (r->too_long || r->nul || !value) {
		enum reject reject = r->too_long ? REJECT_LONG_LINE : r->nul ? REJECT_NUL : REJECT_SYNTAX;
		sink_reject(t->parse->sink, &position, reject, r->text, strnlen(r->text, r->length));
		return 0;
	}
	const struct record record = {
		.value = {value, strlen(value)}, .seen = field_at(r, t->columns.seen), .counts = is_row_wanted(t)};
	return record_take(t->parse, &position, &record);
}

/* Takes the rows. If the header stood in a comment, it may stand there once more as the first row. */
static int take_rows(struct table_reader *t, bool commented)
{
	struct columns again;
	bool first = true;
	int status = 0, got;
	while (status == 0 && (got = csv_read_row(&t->reader, t->row, t->parse->why)) > 0) {
		if (t->row->comment || (t->row->count == 1 && !t->row->field[0][0] && !t->row->nul))
			continue;
		if (first && commented && find_columns(t, t->row, &again))
			t->columns = again;
		else
			status = take_row(t);
		first = false;
	}
	if (status != 0)
		return status;
	t->parse->sink->counts->blank |= first && find_columns(t, NULL, &again); /* no header says that it is whole */
	return got;
}

/* ---- the header ---- */

/* Whether a line is the header by one of these separators. `most` are the columns that the rows before it had. */
static bool is_header(struct table_reader *t, struct span line, const char *by, unsigned count, unsigned most[])
{
	bool comment = line.length > 0 && line.text[0] == '#';
	for (unsigned i = 0; i < count; i++) {
		if (csv_split_line(line.text, line.length, by[i], t->row) <= 0)
			continue;
		if (find_columns(t, t->row, &t->columns) && (comment || t->row->count > most[i])) {
			csv_part_by(&t->reader, by[i]);
			return true;
		}
		if (!comment && t->row->count > most[i])
			most[i] = t->row->count;
	}
	return false;
}

/* Reads up to the end of the header. Returns 1 if there is one, *commented if in a comment; else 0 or an error. */
static int find_header(struct table_reader *t, bool *commented)
{
	const char *by = separators, told = t->parse->options->separator;
	unsigned count = sizeof separators, most[sizeof separators] = {0};
	char *line = xcalloc(MAX_CSV_ROW, 1), named;
	size_t length;
	int got;
	if (told)
		by = &told, count = 1;
	while ((got = csv_read_line(&t->reader, line, &length, t->parse->why)) > 0) {
		struct span span = span_trim((struct span){line, length});
		*commented = length > 0 && line[0] == '#';
		if (t->reader.line == 2 && length == 5 && memcmp(line, "sep=", 4) == 0 && !told) {
			named = line[4]; /* as Excel writes it */
			by = &named, count = 1;
		} else if (span.length > 0 && is_header(t, span, by, count, most)) {
			break;
		}
	}
	free(line);
	return got;
}

static int read_table(struct table_reader *t)
{
	const struct parse *parse = t->parse;
	bool commented = false;
	int status = csv_begin(&t->reader, parse->in, parse->why);
	if (status != 0)
		return status;
	if (parse->options->separator)
		csv_part_by(&t->reader, parse->options->separator);
	t->page = csv_peek(&t->reader) == '<';
	if (!find_columns(t, NULL, &t->columns)) {
		status = find_header(t, &commented);
		if (status < 0)
			return status;
		if (status == 0 && t->page)
			return why_set(parse->why, -EBADMSG, "an HTML or XML page, not a list");
		if (status == 0)
			return why_set(parse->why, -EBADMSG, "no header has the column \"%s\"%s", parse->options->field,
				parse->options->where_count > 0 || parse->options->seen
					? " and the others that are asked for"
					: "");
	} else if (t->page) {
		return why_set(parse->why, -EBADMSG, "an HTML or XML page, not a list");
	}
	return take_rows(t, commented);
}

static int parse_csv(const struct parse *parse)
{
	struct table_reader *t = xcalloc(1, sizeof *t);
	t->parse = parse;
	t->row = xcalloc(1, sizeof *t->row);
	conditions_read(&t->conditions, parse->options);
	int status = read_table(t);
	csv_end(&t->reader);
	free(t->row);
	free(t);
	return status;
}

const struct format format_csv = {
	.name = "csv",
	.sentence = "a table with a header, or with numbered columns; needs \"field\"",
	.has_fields = true,
	.has_columns = true,
	.has_values = true,
	.has_wildcards = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_csv,
};
