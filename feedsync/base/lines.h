/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of a text document from outside, one at a time, in bounded memory. Line ends are LF, CR LF or a lone CR; a
 * UTF-8 byte order mark at the start is dropped. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"

struct lines {
	FILE *in;
	uint64_t number; /* of the line last returned, from 1 */
	char *text;      /* that line, without its end; not ended by a NUL */
	size_t length;
	bool too_long; /* the line had more than MAX_LINE octets; text holds the first of them */
	/* private */
	size_t start, end;
	bool skip_lf;
	char kept[MAX_LINE];
	char buffer[1 << 16];
};

/* Begins to read; `in` is borrowed. This does no I/O. */
void lines_begin(struct lines *lines, FILE *in);

/* Returns 1 with the next line, 0 at the end, or -errno. */
must_check int lines_next(struct lines *lines);

struct why;
/* Reads the first line that is not blank, as lines_next does. Refuses what is not a list at all: an HTML page (a login
 * form, an error page with status 200), UTF-16. Returns 1, 0, -errno, or -EBADMSG with the reason. */
must_check int lines_first(struct lines *lines, struct why *why);
