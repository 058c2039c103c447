/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables: which separator parts the columns, which column has the names, and what the header calls it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/formats/csv_row.h"
#include "feedsync/formats/guess_trial.h"

enum { LOOKED_AT = 40 /* lines */, MAX_COLUMNS = 32 };

/* What stands at the beginning of a table. */
struct beginning {
	struct csv_row *row;
	char heads[2][MAX_COLUMNS][GUESS_TEXT]; /* the last comment, and the first row */
	unsigned columns;                       /* of the last row */
};

static void note_heads(char heads[MAX_COLUMNS][GUESS_TEXT], const struct csv_row *row)
{
	for (unsigned i = 0; i < MAX_COLUMNS; i++)
		snprintf(heads[i], GUESS_TEXT, "%.*s", GUESS_TEXT - 1, i < row->count ? row->field[i] : "");
}

/* Looks at the first lines by a separator. */
static void look_at_lines(struct beginning *b, const struct guessing *g, char separator)
{
	const char *line = g->text, *end = g->text + g->length;
	bool first = true;
	b->columns = 0;
	memset(b->heads, 0, sizeof b->heads);
	for (unsigned i = 0; i < LOOKED_AT && line < end; i++) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((lf ? lf : end) - line);
		bool comment = length > 0 && line[0] == '#';
		size_t skip = 0;
		while (comment && skip < length && (line[skip] == '#' || line[skip] == ' '))
			skip++;
		if (length > skip && csv_split_line(line + skip, length - skip, separator, b->row) > 0) {
			if (!comment)
				b->columns = b->row->count < MAX_COLUMNS ? b->row->count : MAX_COLUMNS;
			if (comment && first)
				note_heads(b->heads[0], b->row);
			else if (first)
				note_heads(b->heads[1], b->row);
			first &= comment;
		}
		line += length + 1;
	}
}

/* Whether the header named the column, and not its number. */
static bool is_header_name(const char *field)
{
	return field[strspn(field, "0123456789")] != '\0';
}

/* Names the column as the header does: feeds add and move columns. */
static void name_column(struct guessing *g, const struct beginning *b)
{
	unsigned column = (unsigned)strtoul(g->best.field, NULL, 10) - 1;
	for (unsigned i = 0; i < 2; i++) {
		struct guessing named = {.text = g->text, .length = g->length, .cut = g->cut, .signs = g->signs};
		struct guess trial = g->best;
		const char *head = b->heads[i][column];
		if (!is_header_name(head) || strpbrk(head, ".{}()<>/\""))
			continue;
		memcpy(trial.field, head, sizeof trial.field);
		trial.separator = '\0';
		if (!guess_consider(&named, &trial) || named.best.names < g->best.names)
			continue;
		g->best = named.best;
		return;
	}
}

void guess_csv(struct guessing *guessing)
{
	static const char separators[] = {',', ';', '\t', '|'};
	struct beginning *b = xcalloc(1, sizeof *b);
	b->row = xcalloc(1, sizeof *b->row);
	for (unsigned i = 0; i < sizeof separators; i++) {
		bool better = false;
		const struct guess before = guessing->best;
		look_at_lines(b, guessing, separators[i]);
		for (unsigned column = 0; b->columns > 1 && column < b->columns; column++) {
			struct guess trial = {.format = &format_csv, .separator = i > 0 ? separators[i] : '\0'};
			snprintf(trial.field, sizeof trial.field, "%u", column + 1);
			better |= guess_consider_values(guessing, &trial);
		}
		if (better)
			name_column(guessing, b);
		/* Rows without a header, and with nothing but links to pages, are no list: rules of an intrusion detection. */
		if (better && guessing->best.names == 0 && !is_header_name(guessing->best.field))
			guessing->best = before;
	}
	free(b->row);
	free(b);
}
