/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of a table in text (RFC 4180), one at a time, in bounded memory: fields between separators, in quotes where they
 * hold a separator, a quote (written twice) or a line end. Blanks before and behind a quote are tolerated. A row ends in
 * LF, CR LF or a lone CR; a UTF-8 byte order mark at the start is dropped. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

enum { MAX_CSV_FIELDS = 256, MAX_CSV_ROW = 64 * 1024 };

/* A row: its fields without their quotes, each ended by a NUL. */
struct csv_row {
	uint64_t line; /* on which it begins, from 1 */
	char text[MAX_CSV_ROW];
	size_t length;
	const char *field[MAX_CSV_FIELDS];
	unsigned count;
	bool comment;  /* it begins with "#" */
	bool too_long; /* it has more octets or fields than there is room for */
	bool nul;      /* it holds a NUL octet */
};

struct csv_reader {
	uint64_t line; /* on which the next row begins, from 1 */
	/* private */
	FILE *in;             /* NULL: all of it is in memory */
	const char *at, *end; /* what has been read of it */
	char *buffer;
	bool ends[257];  /* whether the end of the file (0), or an octet (that and 1), ends a field without quotes */
	bool stops[257]; /* the same, and NUL */
};

/* Begins, and reads the first octets; `in` is borrowed. Ended by csv_end. Returns 0, or -EBADMSG for UTF-16. */
must_check int csv_begin(struct csv_reader *reader, FILE *in, struct why *why);
void csv_end(struct csv_reader *reader);

/* From now on fields are parted by this octet. */
void csv_part_by(struct csv_reader *reader, char separator);

/* Reads a row. Returns 1; 0 at the end; -EIO; or -EBADMSG for a quote that is not closed, with its line. */
must_check int csv_read_row(struct csv_reader *reader, struct csv_row *row, struct why *why);

/* Reads a line, whatever is in it, without its end, for csv_split_line. It has room for MAX_CSV_ROW octets; what is longer
 * is cut. Returns as csv_read_row. */
must_check int csv_read_line(struct csv_reader *reader, char *line, size_t *length, struct why *why);

/* Takes a line apart as a row. Returns as csv_read_row. */
must_check int csv_split_line(const char *line, size_t length, char separator, struct csv_row *row);

/* The next octet, which stays; EOF at the end. */
int csv_peek(struct csv_reader *reader);
