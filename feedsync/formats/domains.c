/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain lists: one name, or URL, a line. "#", ";", "!" and "//" begin a comment line; "#" after a blank begins a comment
 * behind a name. "*.x" means x and everything below it, as blocky, dnscrypt-proxy and the common wildcard lists read
 * it, unless the feed's settings say otherwise. */
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/value.h"

static bool is_comment(struct span line)
{
	return line.text[0] == '#' || line.text[0] == ';' || line.text[0] == '!' ||
	       (line.length >= 2 && line.text[0] == '/' && line.text[1] == '/');
}

static struct span without_comment(struct span line)
{
	for (size_t i = 1; i < line.length; i++)
		if (line.text[i] == '#' && text_is_blank(line.text[i - 1]))
			return (struct span){line.text, i};
	return line;
}

static int parse_listed_name(const struct parse *parse, struct span line, const struct position *position)
{
	line = span_trim(without_comment(span_trim(line)));
	if (line.length == 0 || is_comment(line))
		return 0;
	return value_take(parse, position, line);
}

const struct format format_domains = {
	.name = "domains",
	.sentence = "one name, or URL, on each line",
	.has_values = true,
	.has_wildcards = true,
	.parse_line = parse_listed_name,
};
