/* SPDX-License-Identifier: BSD-3-Clause */
/* dnsmasq's configuration: "address=/name/name/where", "server=/name/" and "local=/name/", and what SmartDNS makes of it,
 * "address /name/where". Each name stands for everything below it too; "*.name" only for what is below it.
 *
 * An option blocks only if it leads nowhere: to no address, to an address that means nowhere (span_leads_nowhere), or, with
 * "address", to "#". "server=/name/#" has the name asked for as if it were not listed, and so has SmartDNS's
 * "address /name/-". Where the list blocks above such a name, that is an exception of the list's own; it is judged at the
 * end of the document. In a list that blocks nothing all of them are. "#" behind a blank begins a comment.
 */
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/text.h"
#include "feedsync/formats/by_line.h"
#include "feedsync/formats/held.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/value.h"

/* An option that is about names. */
struct domain_option {
	bool address;      /* it is "address", the others say which server to ask */
	struct span names; /* each with a "/" behind it */
	struct span where;
};

struct dnsmasq_state {
	struct held names; /* in the order in which they came; `sort` is their kind of rule */
	bool blocks, frees;
};

/* Takes a key off the line: what stands before "=" or, in SmartDNS, before a blank. */
static struct span take_key(struct span *line)
{
	const char *end = memchr(line->text, '=', line->length), *names = memchr(line->text, '/', line->length);
	struct span key;
	if (end && (!names || end < names)) {
		key = span_trim((struct span){line->text, (size_t)(end - line->text)});
		*line = span_trim(span_from(*line, (size_t)(end + 1 - line->text)));
	} else {
		key = span_word(line);
		*line = span_trim(*line);
	}
	return key.length > 2 && key.text[0] == '-' && key.text[1] == '-' ? span_from(key, 2) : key;
}

/* Whether the text behind the key is "/name/name/where". */
static bool read_domains(struct span rest, struct domain_option *option)
{
	if (rest.length > 1 && rest.text[0] == '"' && rest.text[rest.length - 1] == '"')
		rest = (struct span){rest.text + 1, rest.length - 2};
	const char *last = rest.length > 0 ? memrchr(rest.text, '/', rest.length) : NULL;
	if (rest.length < 3 || rest.text[0] != '/' || last == rest.text)
		return false;
	option->where = span_from(rest, (size_t)(last + 1 - rest.text));
	option->names = (struct span){rest.text + 1, (size_t)(last - rest.text)};
	return true;
}

/* What the option does to its names. REJECT_COUNT: they become rules of this kind. */
static enum reject judge_option(const struct domain_option *option, enum rule_kind *kind)
{
	const struct span where = option->where;
	*kind = RULE_BLOCK;
	if (where.length == 0 || span_leads_nowhere(where))
		return REJECT_COUNT;
	if (where.text[0] == '#' && where.length == 1) {
		*kind = option->address ? RULE_BLOCK : RULE_EXCEPT;
		return REJECT_COUNT;
	}
	if (option->address && where.text[0] == '-') {
		*kind = RULE_EXCEPT;
		return REJECT_COUNT;
	}
	static const char *const families[] = {"#4", "#6", NULL};
	return option->address && span_is_one_of(where, families) ? REJECT_QUERY_TYPE : REJECT_REDIRECT;
}

static int take_domain(
	const struct parse *parse, const struct position *position, struct span name, enum rule_kind kind)
{
	struct dnsmasq_state *state = parse->state;
	enum scope scope = SCOPE_SUBTREE;
	while (name.length > 1 && name.text[0] == '.' && name.text[1] == '.') /* all of them count as one */
		name = span_from(name, 1);
	name = value_name(name, SCOPE_BELOW, &scope);
	state->blocks |= kind == RULE_BLOCK;
	state->frees |= kind == RULE_EXCEPT;
	int status = 0;
	if (kind == RULE_BLOCK)
		status = sink_rule(parse->sink, position, name.text, name.length, scope, kind);
	if (status == 0 && (kind == RULE_EXCEPT || state->names.count < MAX_HELD))
		status = held_add(&state->names, position, name, scope, (uint8_t)kind);
	return status;
}

static int take_domains(
	const struct parse *parse, const struct position *position, struct span names, enum rule_kind kind)
{
	int status = 0;
	while (status == 0 && names.length > 0) {
		const char *slash = memchr(names.text, '/', names.length);
		struct span name = {names.text, (size_t)(slash - names.text)};
		names = span_from(names, name.length + 1);
		status = take_domain(parse, position, name, kind);
	}
	return status;
}

static int parse_option(const struct parse *parse, struct span line, const struct position *position)
{
	static const char *const keys[] = {"address", "server", "local", NULL}, *const elsewhere[] = {"conf-file",
											"conf-dir", "addn-hosts",
											"hostsdir", "servers-file",
											"domain-set", NULL};
	struct domain_option option;
	enum rule_kind kind;
	line = span_without_comment(line, "\"");
	if (line.length == 0)
		return 0;
	struct span rest = line, key = take_key(&rest);
	enum reject reject = REJECT_SYNTAX;
	option.address = key.length == 7;
	if (!span_is_one_of(key, keys))
		reject = span_is_one_of(key, elsewhere) ? REJECT_INCLUDE : REJECT_SYNTAX;
	else if (read_domains(rest, &option))
		reject = judge_option(&option, &kind);
	if (reject == REJECT_COUNT)
		return take_domains(parse, position, option.names, kind);
	sink_reject(parse->sink, position, reject, line.text, line.length);
	return 0;
}

/* ---- at the end ---- */

static int settle_exception_option(
	const struct parse *parse, const struct nameset *blocks, const struct held_entry *exception)
{
	const struct dnsmasq_state *state = parse->state;
	const struct position position = {parse->document, exception->line, NULL};
	struct span name = held_name(&state->names, exception);
	struct namekey key;
	bool frees = !state->blocks || !held_key(name, &key) || nameset_above(blocks, &key);
	if (frees)
		return sink_rule(parse->sink, &position, name.text, name.length, exception->scope, RULE_EXCEPT);
	sink_reject(parse->sink, &position, REJECT_REDIRECT, name.text, name.length);
	return 0;
}

static int settle_exceptions_of_options(const struct parse *parse)
{
	struct dnsmasq_state *state = parse->state;
	struct nameset blocks = {0};
	int status = 0;
	for (size_t i = 0; status == 0 && i < state->names.count; i++) {
		struct namekey key;
		if (state->names.entry[i].sort == RULE_BLOCK &&
			held_key(held_name(&state->names, &state->names.entry[i]), &key))
			status = nameset_add(&blocks, &key, 0);
	}
	nameset_sort(&blocks);
	for (size_t i = 0; status == 0 && i < state->names.count; i++)
		if (state->names.entry[i].sort == RULE_EXCEPT)
			status = settle_exception_option(parse, &blocks, &state->names.entry[i]);
	nameset_free(&blocks);
	return status;
}

static int parse_options(const struct parse *parse)
{
	struct dnsmasq_state state = {0};
	struct parse with = *parse;
	with.state = &state;
	int status = parse_by_line(parse_option, &with);
	if (status == 0 && state.frees)
		status = settle_exceptions_of_options(&with);
	held_free(&state.names);
	return held_error(parse, status);
}

const struct format format_dnsmasq = {
	.name = "dnsmasq",
	.sentence = "a configuration of dnsmasq or SmartDNS: what blocks or frees names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_document = parse_options,
};
