/* SPDX-License-Identifier: BSD-3-Clause */
/* Unbound's configuration: "local-zone: NAME TYPE" blocks a name and everything below it if the type blocks;
 * "local-data: 'NAME A 0.0.0.0'" blocks the name alone. */
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/formats/registry.h"

/* Takes the next word, which may stand in quotes, off the span. */
static struct span take_argument(struct span *span)
{
	*span = span_trim(*span);
	char quote = span->length > 0 && (span->text[0] == '"' || span->text[0] == '\'') ? span->text[0] : '\0';
	if (!quote)
		return span_word(span);
	const char *end = memchr(span->text + 1, quote, span->length - 1);
	size_t length = end ? (size_t)(end - span->text - 1) : span->length - 1;
	struct span word = {span->text + 1, length};
	span->text += length + (end ? 2 : 1);
	span->length -= length + (end ? 2 : 1);
	return word;
}

static int parse_zone(struct span rest, struct span line, const struct position *position, struct sink *sink)
{
	static const char *const blocking[] = {"always_nxdomain", "always_null", "always_refuse", "always_nodata",
		"always_deny", "refuse", "static", "deny", "inform_deny", "redirect", "inform_redirect", NULL};
	struct span name = take_argument(&rest), type = take_argument(&rest);
	if (name.length > 0 && span_is_one_of(type, blocking))
		return sink_name(sink, position, name.text, name.length, SCOPE_SUBTREE);
	sink_reject(sink, position, type.length > 0 ? REJECT_OPTION : REJECT_SYNTAX, line.text, line.length);
	return 0;
}

static bool is_number(struct span word)
{
	bool digits = word.length > 0;
	for (size_t i = 0; i < word.length; i++)
		digits &= word.text[i] >= '0' && word.text[i] <= '9';
	return digits;
}

/* "NAME [TTL] [IN] TYPE RDATA" */
static int parse_data(struct span rest, struct span line, const struct position *position, struct sink *sink)
{
	static const char *const classes[] = {"IN", NULL}, *const addresses[] = {"A", "AAAA", NULL};
	struct span record = take_argument(&rest), name = span_word(&record), word = span_word(&record);
	while (word.length > 0 && (span_is_one_of(word, classes) || is_number(word)))
		word = span_word(&record);
	record = span_trim(record);
	if (name.length > 0 && span_is_one_of(word, addresses) && span_leads_nowhere(record))
		return sink_name(sink, position, name.text, name.length, SCOPE_EXACT);
	sink_reject(sink, position, record.length > 0 ? REJECT_REDIRECT : REJECT_SYNTAX, line.text, line.length);
	return 0;
}

static int parse_statement(const struct parse *parse, struct span line, const struct position *position)
{
	static const char *const headers[] = {"server:", NULL}, *const zone[] = {"local-zone:", NULL},
				 *const data[] = {"local-data:", NULL};
	line = span_trim(line);
	for (size_t i = 0; i < line.length; i++)
		if (line.text[i] == '#' && (i == 0 || text_is_blank(line.text[i - 1])))
			line = span_trim((struct span){line.text, i});
	struct span rest = line, key = span_word(&rest);
	if (key.length == 0 || span_is_one_of(key, headers))
		return 0;
	if (span_is_one_of(key, zone))
		return parse_zone(rest, line, position, parse->sink);
	if (span_is_one_of(key, data))
		return parse_data(rest, line, position, parse->sink);
	sink_reject(parse->sink, position, REJECT_SYNTAX, line.text, line.length);
	return 0;
}

const struct format format_unbound = {
	.name = "unbound",
	.sentence = "a configuration of Unbound: what blocks names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_line = parse_statement,
};
