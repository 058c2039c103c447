/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads documents line by line, for formats in which each line stands for itself. A line that is too long or holds a NUL
 * octet is rejected here; a document that is a page of the web or UTF-16 is refused. */
#pragma once

#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* Calls parse_line (registry.h) for every other line of parse->in. Returns as a format's parser does. */
must_check int parse_by_line(
	int (*parse_line)(const struct parse *parse, struct span line, const struct position *position),
	const struct parse *parse);
