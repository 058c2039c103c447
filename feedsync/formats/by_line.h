/* SPDX-License-Identifier: BSD-3-Clause */
/* What the line-oriented formats share: reading line by line, and refusing what is no line of any of them. */
#pragma once

#include "feedsync/formats/registry.h"
#include "feedsync/formats/span.h"

/* Parses one line that is neither too long nor holds a NUL octet. Returns 0, or what a sink's take returned. */
typedef int (*line_parse)(
	struct span line, const struct place *place, const struct parse_options *options, struct sink *sink);

/* Calls parse for every line. Returns as format.parse does. */
must_check int parse_by_line(line_parse parse, FILE *in, const char *document, const struct parse_options *options,
	struct sink *sink, struct why *why);
