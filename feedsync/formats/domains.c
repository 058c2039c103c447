/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain lists: one name, or URL, a line. "#", ";", "!" and "//" begin a comment line and, after a blank, a comment behind a
 * name. "*.x" means x and everything below it, as blocky, dnscrypt-proxy and the common wildcard lists read it, unless the
 * feed's settings say otherwise; so do ".x" and "+.x" (value_name). Lists of proxies spell it in words (spelling.h).
 *
 * Privoxy's lists have sections: names behind "{+block}" are blocked, names behind "{-block}" are exceptions, and what
 * other sections hold is none of our business. "@@" before a name or pattern, as in lists for ad blockers, is an exception,
 * too: one that is passed over would block more than the list means to.
 */
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/formats/adblock_filter.h"
#include "feedsync/formats/by_line.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/spelling.h"
#include "feedsync/formats/value.h"

/* The section of Privoxy's that a line stands in. */
enum section { SECTION_NONE, SECTION_BLOCKS, SECTION_FREES, SECTION_OTHER };

struct domains_state {
	enum section section;
	bool open; /* its head goes on in the next line */
};

/* The line up to its comment. */
static struct span without_comment(struct span line)
{
	for (size_t i = 0; i < line.length; i++) {
		char c = line.text[i];
		bool sign = c == '#' || c == ';' || c == '!' ||
			    (c == '/' && i + 1 < line.length && line.text[i + 1] == '/');
		if (sign && (i == 0 || text_is_blank(line.text[i - 1])))
			return span_trim((struct span){line.text, i});
	}
	return line;
}

/* ---- Privoxy ---- */

static bool has_text(struct span line, const char *text)
{
	return memmem(line.text, line.length, text, strlen(text)) != NULL;
}

/* Whether a line begins the head of a section. Of JSON a line begins otherwise. */
static bool is_section_head(struct span line)
{
	return line.length > 1 && line.text[0] == '{' && line.text[1] != '"' && line.text[1] != '}';
}

/* Reads a line of the head of a section: "{+block{why}}", which may go on behind "\". */
static void read_section_head(struct domains_state *state, struct span line)
{
	if (!state->open)
		state->section = SECTION_OTHER;
	if (has_text(line, "+block"))
		state->section = SECTION_BLOCKS;
	else if (has_text(line, "-block"))
		state->section = SECTION_FREES;
	state->open = line.text[line.length - 1] == '\\';
}

/* A pattern of a section: "x" alone, ".x" with what is below it. A slash at its end stands for all pages; a dot there for
 * names that only begin so. */
static int take_section_entry(const struct parse *parse, struct span line, const struct position *position)
{
	const struct domains_state *state = parse->state;
	enum scope scope = SCOPE_EXACT;
	struct span name = line;
	if (name.length > 1 && name.text[name.length - 1] == '/')
		name.length--;
	name = value_name(name, SCOPE_BELOW, &scope);
	bool prefix = name.length > 0 && name.text[name.length - 1] == '.', path = memchr(name.text, '/', name.length);
	if (state->section != SECTION_OTHER && !prefix && !path)
		return sink_rule(parse->sink, position, name.text, name.length, scope,
			state->section == SECTION_FREES ? RULE_EXCEPT : RULE_BLOCK);
	enum reject reject = state->section == SECTION_OTHER ? REJECT_OPTION : path ? REJECT_PATH : REJECT_EXPRESSION;
	sink_reject(parse->sink, position, reject, line.text, line.length);
	return 0;
}

/* ---- lines ---- */

/* An exception as lists for ad blockers write it. */
static int take_exception(const struct parse *parse, struct span line, const struct position *position)
{
	struct adblock_filter filter;
	enum reject reject = adblock_read_filter(line, &filter);
	if (reject == REJECT_COUNT && !filter.back)
		return sink_rule(
			parse->sink, position, filter.name.text, filter.name.length, filter.scope, RULE_EXCEPT);
	sink_reject(parse->sink, position, reject == REJECT_COUNT ? REJECT_OPTION : reject, line.text, line.length);
	return 0;
}

/* A line that is more than a name. */
static int take_other_line(const struct parse *parse, struct span line, const struct position *position)
{
	struct domains_state *state = parse->state;
	struct spelled spelled;
	line = without_comment(line);
	if (line.length == 0)
		return 0;
	if (state->open || is_section_head(line)) {
		read_section_head(state, line);
		return 0;
	}
	if (state->section != SECTION_NONE)
		return take_section_entry(parse, line, position);
	if (parse->options->urls)
		return value_take(parse, position, line);
	if (span_starts_with(line, "@@"))
		return take_exception(parse, line, position);
	if (!spelling_read(&line, &spelled))
		return line.length > 0 ? value_take(parse, position, line) : 0;
	if (spelled.reject == REJECT_COUNT)
		return sink_rule(
			parse->sink, position, spelled.name.text, spelled.name.length, spelled.scope, spelled.kind);
	sink_reject(parse->sink, position, spelled.reject, line.text, line.length);
	return 0;
}

static int parse_listed_name(const struct parse *parse, struct span line, const struct position *position)
{
	const struct domains_state *state = parse->state;
	line = span_trim(line);
	if (state->section == SECTION_NONE && span_is_bare_name(line))
		return value_take(parse, position, line);
	return take_other_line(parse, line, position);
}

static int parse_domains(const struct parse *parse)
{
	struct domains_state state = {SECTION_NONE, false};
	struct parse with = *parse;
	with.state = &state;
	return parse_by_line(parse_listed_name, &with);
}

const struct format format_domains = {
	.name = "domains",
	.sentence = "one name, or URL, on each line, also as Clash, Surge, v2fly, Squid and Privoxy write it",
	.has_values = true,
	.has_wildcards = true,
	.parse_document = parse_domains,
};
