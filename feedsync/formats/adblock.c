/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists for ad blockers. "||name^" blocks a name and everything below it, "@@||name^" frees it from this list. An option
 * is taken only if a DNS server can do what it says. Paths, patterns, cosmetic rules and options for browsers mean
 * something that DNS cannot do: they are rejected and counted. */
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/formats/registry.h"

static bool is_header_or_comment(struct span line)
{
	/* "##", "#@#" and the like are cosmetic rules, not comments. */
	return line.text[0] == '!' || line.text[0] == '[' ||
	       (line.text[0] == '#' && (line.length == 1 || text_is_blank(line.text[1])));
}

/* Whether none of the options behind "$" changes what a DNS server would block. */
static bool options_are_harmless(struct span options)
{
	static const char *const harmless[] = {"important", "all", "document", "doc", "popup", NULL};
	while (options.length > 0) {
		const char *comma = memchr(options.text, ',', options.length);
		size_t length = comma ? (size_t)(comma - options.text) : options.length;
		if (!span_is_one_of((struct span){options.text, length}, harmless))
			return false;
		options.text += length + (comma ? 1 : 0);
		options.length -= length + (comma ? 1 : 0);
	}
	return true;
}

static int parse_filter(const struct parse *parse, struct span line, const struct position *position)
{
	line = span_trim(line);
	if (line.length == 0 || is_header_or_comment(line))
		return 0;
	struct span rule = line;
	bool except = span_starts_with(rule, "@@");
	if (except)
		rule = span_from(rule, 2);
	const char *end = memchr(rule.text, '^', rule.length);
	if (!span_starts_with(rule, "||") || !end) {
		sink_reject(parse->sink, position, REJECT_PATTERN, line.text, line.length);
		return 0;
	}
	rule = span_from(rule, 2);
	struct span name = {rule.text, (size_t)(end - rule.text)}, rest = span_from(rule, name.length + 1);
	if (rest.length > 0 && (rest.text[0] != '$' || !options_are_harmless(span_from(rest, 1)))) {
		sink_reject(parse->sink, position, REJECT_OPTION, line.text, line.length);
		return 0;
	}
	return sink_rule(
		parse->sink, position, name.text, name.length, SCOPE_SUBTREE, except ? RULE_EXCEPT : RULE_BLOCK);
}

const struct format format_adblock = {
	.name = "adblock",
	.sentence = "a list for ad blockers: what blocks or frees names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_line = parse_filter,
};
