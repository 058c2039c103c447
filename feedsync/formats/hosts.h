/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of hosts files, which stand in lists of other formats, too. Any thread, like the parsers. */
#pragma once

#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* Whether the line, trimmed, is an address and something behind it. */
bool hosts_is_entry(struct span line);

/* Takes the names of a line, with this scope, if its address leads nowhere. Returns as a format's parse_line does. */
must_check int hosts_take_entry(
	const struct parse *parse, struct span line, const struct position *position, enum scope scope);
