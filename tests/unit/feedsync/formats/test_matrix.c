/* SPDX-License-Identifier: BSD-3-Clause */
/* Every format, and what real documents bring: a row for each format, a column for each thing that documents may hold
 * (tests/data/formats/README.md says how a row is written). No cell is missing: either it holds documents and what comes
 * of them exactly, or the reason why the format cannot have such a thing; and few are of the latter kind. */
#include "tests/unit/feedsync/formats/feed_text.h"

#include <errno.h>
#include <unistd.h>

static const char *const columns[] = {"byte order mark", "CR", "NUL", "comment behind", "leading dot", "trailing dot",
	"wildcard", "IDN", "cut off", "long line", "escapes", "exceptions", "mixed syntax", "empty", "all withdrawn"};

enum {
	COLUMNS = sizeof columns / sizeof *columns,
	MAX_FILES = 8,
	MAX_ROW = 64 * 1024,
	MAX_OCTETS = 512 * 1024,
	NOT_APPLICABLE = 10 /* per cent of the cells, at most */
};

/* A file of a feed, or the feed itself: then it has no name. */
struct feed_file {
	const char *name;
	size_t at, length; /* in the octets */
};

/* A document or a directory of them, and what comes of it. */
struct document {
	struct feed_settings settings;
	struct feed_file files[MAX_FILES];
	unsigned file_count;
	size_t octets; /* in use */
	char events[MAX_FEED_TEXT];
};

/* The row that is being read. */
struct row {
	const struct format *format;
	char path[2048];
	unsigned line, start; /* the line at hand, and where the document began */
	int column;           /* of the document; -1: what holds for all of the row stands here */
	struct document all;  /* settings, and files of every document */
	struct document one;  /* the document at hand */
	char octets[MAX_OCTETS];
	unsigned seen[COLUMNS]; /* documents in the cell */
	bool without[COLUMNS];  /* it is not applicable */
	char text[MAX_ROW];
};

static void fail_row(const struct row *r, const char *what)
{
	fail_msg("%s:%u: %s", r->path, r->line, what);
}

/* ---- octets ---- */

static void put_octets(struct row *r, const char *octets, size_t length)
{
	struct document *d = &r->one;
	if (length > sizeof r->octets - d->octets)
		fail_row(r, "too many octets");
	memcpy(r->octets + d->octets, octets, length);
	d->octets += length;
	d->files[d->file_count - 1].length += length;
}

/* Puts "{TEXT*1000}": the text so many times. Returns what follows. */
static const char *put_repeated(struct row *r, const char *text)
{
	const char *star = strchr(text, '*'), *end = strchr(text, '}');
	if (!star || !end || star > end)
		fail_row(r, "\\{TEXT*NUMBER} is meant");
	for (unsigned long i = strtoul(star + 1, NULL, 10); i > 0; i--)
		put_octets(r, text, (size_t)(star - text));
	return end + 1;
}

/* Puts a line of the row as octets: \n, \r, \t, \0, \\, \xHH, \{TEXT*NUMBER}. */
static void put_line(struct row *r, const char *text)
{
	static const char names[] = "nrt0\\", meant[] = "\n\r\t\0\\";
	while (*text) {
		if (*text != '\\') {
			put_octets(r, text++, 1);
			continue;
		}
		const char *name = strchr(names, text[1]);
		char hex[3] = {text[1] == 'x' ? text[2] : '\0', text[1] == 'x' && text[2] ? text[3] : '\0'};
		char octet = (char)strtoul(hex, NULL, 16);
		if (text[1] == '{') {
			text = put_repeated(r, text + 2);
		} else if (text[1] && name) {
			put_octets(r, &meant[name - names], 1);
			text += 2;
		} else if (strlen(hex) == 2) {
			put_octets(r, &octet, 1);
			text += 4;
		} else {
			fail_row(r, "no such escape");
		}
	}
}

static void begin_file(struct row *r, const char *name)
{
	struct document *d = &r->one;
	unsigned i = 0;
	while (i < d->file_count && (!name || strcmp(d->files[i].name, name) != 0))
		i++;
	if (i < d->file_count) /* it is another than the one that all documents have */
		d->files[i] = d->files[--d->file_count];
	if (d->file_count == MAX_FILES)
		fail_row(r, "too many files");
	d->files[d->file_count++] = (struct feed_file){name, d->octets, 0};
}

/* ---- documents ---- */

static FILE *open_octets(const struct row *r, const struct feed_file *file)
{
	FILE *in = file && file->length > 0 ? fmemopen((void *)(r->octets + file->at), file->length, "r")
					    : fopen("/dev/null", "r");
	assert_non_null(in);
	return in;
}

static void write_files(const struct row *r)
{
	for (unsigned i = 0; i < r->one.file_count; i++) {
		FILE *out = fopen(in_directory(r->one.files[i].name), "we");
		assert_non_null(out);
		size_t length = r->one.files[i].length;
		assert_int_equal(fwrite(r->octets + r->one.files[i].at, 1, length, out), length);
		assert_int_equal(fclose(out), 0);
	}
}

static void remove_files(const struct row *r)
{
	for (unsigned i = 0; i < r->one.file_count; i++)
		unlink(in_directory(r->one.files[i].name));
}

static void check_document(struct row *r)
{
	static struct events got;
	struct parse_counts counts;
	struct why why = {""};
	char what[2200];
	const struct parse_options options = options_of(&r->one.settings);
	struct parse parse = {.document = "doc", .options = &options, .sink = &got.sink, .why = &why};
	events_begin(&got, &counts, false);
	int status;
	if (r->format->layout == LAYOUT_DOCUMENT) {
		parse.in = open_octets(r, r->one.file_count > 0 ? &r->one.files[0] : NULL);
		status = format_parse_stream(r->format, &parse);
		fclose(parse.in);
	} else {
		write_files(r);
		parse.path = test_directory;
		status = format_parse(r->format, &parse);
		remove_files(r);
	}
	snprintf(what, sizeof what, "%s:%u: %s", r->path, r->start, columns[r->column]);
	check_parse(what, &r->one.settings, r->one.events, &got, status, why.text);
}

/* ---- rows ---- */

/* What stood before this line is whole: what holds for all, or a document. */
static void end_document(struct row *r)
{
	if (r->column < 0)
		r->all = r->one;
	else if (!r->without[r->column])
		check_document(r);
}

/* "[COLUMN]" begins a document, "[COLUMN] not applicable: REASON" stands for all of them. */
static void begin_document(struct row *r, char *line)
{
	static const char otherwise[] = "not applicable: ";
	char *end = strchr(line, ']');
	if (!end)
		fail_row(r, "no end of a column's name");
	*end = '\0';
	end_document(r);
	for (r->column = 0; r->column < (int)COLUMNS; r->column++)
		if (strcmp(columns[r->column], line + 1) == 0)
			break;
	if (r->column == COLUMNS)
		fail_row(r, "no such column");
	r->one = r->all;
	r->start = r->line;
	r->seen[r->column]++;
	const char *rest = end[1] ? end + 2 : "";
	r->without[r->column] =
		strncmp(rest, otherwise, sizeof otherwise - 1) == 0 && strlen(rest) > sizeof otherwise + 9;
	if ((*rest && !r->without[r->column]) || (r->without[r->column] && r->seen[r->column] > 1))
		fail_row(r, "either documents, or \"not applicable: \" and a reason");
}

static void read_row_line(struct row *r, char *line)
{
	char *colon = strstr(line, ": ");
	if (line[0] == '[') {
		begin_document(r, line);
	} else if (line[0] == '>' && (line[1] == ' ' || !line[1])) {
		if (r->one.file_count == 0)
			begin_file(r, NULL);
		put_line(r, line[1] ? line + 2 : "");
	} else if (line[0] == '=' && line[1] == ' ') {
		append(r->one.events, "", line + 2);
	} else if (line[0] != '#' && line[0] && colon) {
		*colon = '\0';
		if (strcmp(line, "file") == 0)
			begin_file(r, colon + 2);
		else if (!read_setting(&r->one.settings, line, colon + 2))
			fail_row(r, "no such setting");
	} else if (line[0] != '#' && line[0]) {
		fail_row(r, "no line of a row");
	}
}

/* Reads a format's row and checks its documents. Returns how many of its cells are not applicable. */
static unsigned check_row(struct row *r, const struct format *format)
{
	*r = (struct row){.format = format, .column = -1, .one.settings = feed_settings_of(format)};
	snprintf(r->path, sizeof r->path, "%s/%s/row.matrix", VECTORS, format->name);
	FILE *in = fopen(r->path, "re");
	if (!in)
		fail_row(r, "this format has no row");
	size_t length = fread(r->text, 1, sizeof r->text - 1, in);
	assert_true(feof(in));
	fclose(in);
	r->text[length] = '\0';
	for (char *line = r->text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		r->line++;
		read_row_line(r, line);
	}
	end_document(r);
	unsigned without = 0;
	for (unsigned i = 0; i < COLUMNS; i++) {
		without += r->without[i];
		if (r->seen[i] == 0)
			fail_msg("%s: the cell \"%s\" is missing", r->path, columns[i]);
	}
	return without;
}

static void matrix(void **state)
{
	(void)state;
	struct row *r = malloc(sizeof *r);
	assert_non_null(r);
	unsigned formats = 0, without = 0;
	for (; format_at(formats); formats++)
		without += check_row(r, format_at(formats));
	free(r);
	if (without * 100 > formats * COLUMNS * NOT_APPLICABLE)
		fail_msg("%u of %u cells are not applicable", without, formats * (unsigned)COLUMNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(matrix, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
