/* SPDX-License-Identifier: BSD-3-Clause */
/* What the line-oriented formats share: reading line by line, and refusing what is no line of any of them. */
#pragma once

#include "feedsync/formats/registry.h"

/* A line, or a word of it; not ended by a NUL. */
struct span {
	const char *text;
	size_t length;
};

/* Parses one line that is neither too long nor holds a NUL octet. Returns 0, or what a sink's take returned. */
typedef int (*line_parse)(
	struct span line, const struct place *place, const struct parse_options *options, struct sink *sink);

/* Calls parse for every line. Returns as format.parse does. */
must_check int parse_by_line(line_parse parse, FILE *in, const char *document, const struct parse_options *options,
	struct sink *sink, struct why *why);

/* Takes blanks off both ends. */
struct span span_trim(struct span span);

/* Takes the first word, parted by blanks, off the span. An empty word means that there is none left. */
struct span span_word(struct span *span);

/* Whether it is an address that lists use to lead nowhere: 0.0.0.0, 127.0.0.1, ::, ::1. */
bool span_leads_nowhere(struct span span);

/* Whether the span is one of the NULL-ended list's words, in any case. */
bool span_is_one_of(struct span span, const char *const *words);
