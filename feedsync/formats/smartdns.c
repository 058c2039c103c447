/* SPDX-License-Identifier: BSD-3-Clause */
/* SmartDNS' configuration, of which the part that blocks is taken: "address /name/#" is a name and everything below it,
 * or, with "-." before it, the name alone, or, with "*." before it, only what is below. "-" instead of "#" frees the name
 * from this list. "#4" and "#6" block one kind of address, which this table cannot; an address is where a name leads to.
 * "#" begins a comment line. */
#include <string.h>

#include "feedsync/formats/registry.h"

static int take_rule(const struct parse *parse, const struct place *place, struct span name, enum rule_kind kind)
{
	enum scope scope = span_starts_with(name, "-.")   ? SCOPE_EXACT
			   : span_starts_with(name, "*.") ? SCOPE_BELOW
							  : SCOPE_SUBTREE;
	if (scope != SCOPE_SUBTREE)
		name = span_from(name, 2);
	return sink_rule(parse->sink, place, name.text, name.length, scope, kind);
}

static int parse_address(const struct parse *parse, struct span line, const struct place *place)
{
	static const char *const one_kind[] = {"#4", "#6", "-4", "-6", NULL};
	struct span rest = span_trim(line);
	if (rest.length == 0 || rest.text[0] == '#')
		return 0;
	struct span key = span_word(&rest), rule = span_word(&rest);
	const char *end = rule.length > 1 ? memchr(rule.text + 1, '/', rule.length - 1) : NULL;
	enum reject reject = REJECT_SYNTAX;
	if (span_is(key, "address") && span_starts_with(rule, "/") && end) {
		struct span name = {rule.text + 1, (size_t)(end - rule.text - 1)};
		struct span answer = span_from(rule, name.length + 2);
		if (span_is(answer, "#") || span_is(answer, "-"))
			return take_rule(parse, place, name, answer.text[0] == '#' ? RULE_BLOCK : RULE_EXCEPT);
		reject = span_is_one_of(answer, one_kind) ? REJECT_OPTION : REJECT_REDIRECT;
	}
	sink_reject(parse->sink, place, reject, line.text, line.length);
	return 0;
}

const struct format format_smartdns = {
	.name = "smartdns",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_line = parse_address,
};
