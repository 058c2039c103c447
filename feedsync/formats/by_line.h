/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a document line by line, for formats in which each line stands for itself: what is no line of any such format
 * is rejected here. */
#pragma once

#include "feedsync/formats/registry.h"

/* Calls parse_line for every line of parse->in, as struct format tells. Returns as the parsers do. */
must_check int parse_by_line(int (*parse_line)(const struct parse *parse, struct span line, const struct place *place),
	const struct parse *parse);
