/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists for ad blockers. "||name^" blocks a name and everything below it, "@@||name^" frees it from this list; a name
 * alone, and a line of a hosts file, block the name alone (adblock_filter.h has all of it). What DNS cannot do is rejected,
 * and counted as what it is.
 *
 * What the lines say of each other holds wherever they stand. "$badfilter" takes a block back: the builder does that
 * (RULE_CANCEL). Exceptions are held until the end of the document, since "$badfilter" may take them back, too, and a
 * block that is "$important" is stronger. Only one that stands below an excepted name is not: it is out of force.
 */
#include <errno.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/text.h"
#include "feedsync/formats/adblock_filter.h"
#include "feedsync/formats/by_line.h"
#include "feedsync/formats/held.h"
#include "feedsync/formats/hosts.h"
#include "feedsync/formats/registry.h"

/* What is known of a held exception. */
enum { EXCEPT_IMPORTANT = 1, EXCEPT_BACK = 2 };

struct adblock_state {
	struct held exceptions;
	struct nameset important[3]; /* blocks, by scope */
	struct nameset back[3];      /* what takes such ones back */
};

static bool is_header_or_comment(struct span line)
{
	/* "##", "#@#" and the like are cosmetic rules, not comments. */
	return line.text[0] == '!' || line.text[0] == '[' ||
	       (line.text[0] == '#' && (line.length == 1 || text_is_blank(line.text[1])));
}

/* The line up to a comment behind it: "#" or "!" between blanks. */
static struct span without_note(struct span line)
{
	size_t blanks = memchr(line.text, ' ', line.length) || memchr(line.text, '\t', line.length) ? line.length : 0;
	for (size_t i = 1; i < blanks; i++) {
		bool sign = line.text[i] == '#' || line.text[i] == '!';
		bool ends = i + 1 == line.length || text_is_blank(line.text[i + 1]);
		if (sign && ends && text_is_blank(line.text[i - 1]))
			return span_trim((struct span){line.text, i});
	}
	return line;
}

/* Whether it is a rule for the content of pages: "names##selector" and its kin. */
static bool is_about_content(struct span line)
{
	const char *sign = line.text, *end = line.text + line.length;
	while ((sign = memchr(sign, '#', (size_t)(end - sign)))) {
		size_t length = 1;
		while (sign + length < end && length < 4 && strchr("@?$%", sign[length]))
			length++;
		if (sign + length < end && sign[length] == '#')
			return true;
		sign++;
	}
	const char *dollar = memchr(line.text, '$', line.length);
	return dollar && end - dollar > 1 &&
	       (dollar[1] == '$' || (dollar[1] == '@' && end - dollar > 2 && dollar[2] == '$'));
}

/* ---- lines ---- */

static int note_name(struct nameset *set, struct span name)
{
	struct namekey key;
	if (set->count >= MAX_HELD)
		return -EFBIG;
	return held_key(name, &key) ? nameset_add(set, &key, 0) : 0;
}

/* Takes the next of the names that a block does not reach. Returns whether there is one. */
static bool take_denied_name(struct span *rest, struct span *name)
{
	if (rest->length == 0)
		return false;
	const char *bar = memchr(rest->text, '|', rest->length);
	*name = (struct span){rest->text, bar ? (size_t)(bar - rest->text) : rest->length};
	*rest = span_from(*rest, name->length + (bar ? 1 : 0));
	return true;
}

static bool key_is_at_or_below(const struct namekey *key, const struct namekey *above)
{
	return key->length >= above->length && memcmp(key->text, above->text, above->length) == 0;
}

/* Holds the names that a block does not reach, if they are below its name: others are none of its business. One at or
 * above its name leaves nothing of the block. */
static enum reject take_denyallow(
	const struct parse *parse, const struct adblock_filter *filter, const struct position *position, int *status)
{
	struct adblock_state *state = parse->state;
	struct namekey block, denied;
	struct span name, rest = filter->denyallow;
	if (rest.length == 0 || filter->back || !held_key(filter->name, &block))
		return REJECT_COUNT;
	while (take_denied_name(&rest, &name))
		if (held_key(name, &denied) && key_is_at_or_below(&block, &denied))
			return REJECT_OPTION;
	rest = filter->denyallow;
	while (*status == 0 && take_denied_name(&rest, &name))
		if (held_key(name, &denied) && key_is_at_or_below(&denied, &block))
			*status = held_add(&state->exceptions, position, name, SCOPE_SUBTREE,
				filter->important ? EXCEPT_IMPORTANT : 0);
	return REJECT_COUNT;
}

static int take_filter(const struct parse *parse, struct span line, const struct position *position)
{
	struct adblock_state *state = parse->state;
	struct adblock_filter filter;
	int status = 0;
	enum reject reject = adblock_read_filter(line, &filter);
	if (reject == REJECT_COUNT && !filter.except)
		reject = take_denyallow(parse, &filter, position, &status);
	if (reject != REJECT_COUNT) {
		sink_reject(parse->sink, position, reject, line.text, line.length);
		return status;
	}
	if (filter.except)
		return held_add(&state->exceptions, position, filter.name, filter.scope,
			(uint8_t)((filter.important ? EXCEPT_IMPORTANT : 0) | (filter.back ? EXCEPT_BACK : 0)));
	if (status == 0 && filter.important)
		status = note_name(&(filter.back ? state->back : state->important)[filter.scope], filter.name);
	if (status != 0)
		return status;
	return sink_rule(parse->sink, position, filter.name.text, filter.name.length, filter.scope,
		filter.back ? RULE_CANCEL : RULE_BLOCK);
}

/* Whether it is "||x^": most lists hold little else, so these are not looked at any longer. */
static bool is_usual_filter(struct span line)
{
	return line.length > 3 && line.text[0] == '|' && line.text[1] == '|' && line.text[2] != '.' &&
	       line.text[line.length - 1] == '^' && span_is_bare_name((struct span){line.text + 2, line.length - 3});
}

static int parse_filter_line(const struct parse *parse, struct span line, const struct position *position)
{
	static const char include[] = "!#include";
	line = span_trim(line);
	if (is_usual_filter(line))
		return sink_name(parse->sink, position, line.text + 2, line.length - 3, SCOPE_SUBTREE);
	if (line.length == 0 || (is_header_or_comment(line) && !span_starts_with(line, include)))
		return 0;
	line = without_note(line);
	if (hosts_is_entry(line))
		return hosts_take_entry(parse, line, position, SCOPE_EXACT);
	if (!span_starts_with(line, include) && !is_about_content(line))
		return take_filter(parse, line, position);
	sink_reject(
		parse->sink, position, line.text[0] == '!' ? REJECT_INCLUDE : REJECT_CONTENT, line.text, line.length);
	return 0;
}

/* ---- at the end ---- */

/* Whether the list has an important block for the name with this scope, and does not take it back. */
static bool has_important(const struct adblock_state *state, const struct namekey *key, enum scope scope)
{
	return nameset_at(&state->important[scope], key) && !nameset_at(&state->back[scope], key);
}

/* What important blocks leave of an exception: its scope changes where they block the name, or what is below it, alone.
 * Returns false where nothing is left. */
static bool is_left(const struct adblock_state *state, const struct namekey *key, enum scope *scope)
{
	struct namekey up = *key;
	if (has_important(state, key, SCOPE_SUBTREE))
		return false;
	while (namekey_up(&up))
		if (has_important(state, &up, SCOPE_SUBTREE) || has_important(state, &up, SCOPE_BELOW))
			return false;
	if (*scope != SCOPE_BELOW && has_important(state, key, SCOPE_EXACT)) {
		if (*scope == SCOPE_EXACT)
			return false;
		*scope = SCOPE_BELOW;
	}
	if (*scope != SCOPE_EXACT && has_important(state, key, SCOPE_BELOW)) {
		if (*scope == SCOPE_BELOW)
			return false;
		*scope = SCOPE_EXACT;
	}
	return true;
}

/* Whether what takes exceptions back is for this one. */
static bool is_taken_back(const struct adblock_state *state, const struct nameset *back, const struct namekey *key,
	const struct held_entry *exception)
{
	const struct nameset_entry *found = nameset_at(back, key);
	return found && state->exceptions.entry[found->mark].scope == exception->scope;
}

static int settle_exception(const struct parse *parse, const struct nameset *back, const struct held_entry *exception)
{
	const struct adblock_state *state = parse->state;
	const struct position position = {parse->document, exception->line, NULL};
	struct span name = held_name(&state->exceptions, exception);
	struct namekey key;
	enum scope scope = exception->scope;
	bool left = true;
	if (held_key(name, &key))
		left = !is_taken_back(state, back, &key, exception) &&
		       ((exception->sort & EXCEPT_IMPORTANT) || is_left(state, &key, &scope));
	if (left)
		return sink_rule(parse->sink, &position, name.text, name.length, scope, RULE_EXCEPT);
	sink_reject(parse->sink, &position, REJECT_OVERRULED, name.text, name.length);
	return 0;
}

static int settle_exceptions(const struct parse *parse)
{
	struct adblock_state *state = parse->state;
	struct nameset back = {0};
	int status = 0;
	for (unsigned scope = 0; scope < 3; scope++) {
		nameset_sort(&state->important[scope]);
		nameset_sort(&state->back[scope]);
	}
	for (size_t i = 0; status == 0 && i < state->exceptions.count; i++) {
		struct namekey key;
		if ((state->exceptions.entry[i].sort & EXCEPT_BACK) &&
			held_key(held_name(&state->exceptions, &state->exceptions.entry[i]), &key))
			status = nameset_add(&back, &key, (uint32_t)i);
	}
	nameset_sort(&back);
	for (size_t i = 0; status == 0 && i < state->exceptions.count; i++)
		status = settle_exception(parse, &back, &state->exceptions.entry[i]);
	nameset_free(&back);
	return status;
}

static int parse_filters(const struct parse *parse)
{
	struct adblock_state state = {0};
	struct parse with = *parse;
	with.state = &state;
	int status = parse_by_line(parse_filter_line, &with);
	if (status == 0)
		status = settle_exceptions(&with);
	held_free(&state.exceptions);
	for (unsigned scope = 0; scope < 3; scope++) {
		nameset_free(&state.important[scope]);
		nameset_free(&state.back[scope]);
	}
	return held_error(parse, status);
}

const struct format format_adblock = {
	.name = "adblock",
	.sentence = "a list for ad blockers: what blocks or frees names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_document = parse_filters,
};
