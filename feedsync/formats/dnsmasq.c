/* SPDX-License-Identifier: BSD-3-Clause */
/* dnsmasq's configuration: "address=/name/name/where", "server=/name/" and "local=/name/", and what SmartDNS makes of it,
 * "address /name/where". Each name stands for everything below it too; "*.name" only for what is below it.
 *
 * An option blocks only if it leads nowhere: to no address, to an address that means nowhere (span_leads_nowhere), or, with
 * "address", to "#". "server=/name/#" has the name asked for as if it were not listed, so it is an exception of the list's
 * own, and so is SmartDNS's "address /name/-". "#" behind a blank begins a comment.
 */
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/value.h"

/* An option that is about names. */
struct domain_option {
	bool address;      /* it is "address", the others say which server to ask */
	struct span names; /* each with a "/" behind it */
	struct span where;
};

/* Takes a key off the line: what stands before "=" or, in SmartDNS, before a blank. */
static struct span take_key(struct span *line)
{
	size_t length = 0;
	while (length < line->length && line->text[length] != '=' && !text_is_blank(line->text[length]))
		length++;
	struct span key = {line->text, length};
	*line = span_trim(span_from(*line, length));
	if (line->length > 0 && line->text[0] == '=')
		*line = span_trim(span_from(*line, 1));
	return length > 2 && key.text[0] == '-' && key.text[1] == '-' ? span_from(key, 2) : key;
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

static int take_domains(
	const struct parse *parse, const struct position *position, struct span names, enum rule_kind kind)
{
	int status = 0;
	while (status == 0 && names.length > 0) {
		const char *slash = memchr(names.text, '/', names.length);
		struct span name = {names.text, (size_t)(slash - names.text)};
		enum scope scope = SCOPE_SUBTREE;
		names = span_from(names, name.length + 1);
		while (name.length > 1 && name.text[0] == '.' && name.text[1] == '.') /* all of them count as one */
			name = span_from(name, 1);
		name = value_name(name, SCOPE_BELOW, &scope);
		status = sink_rule(parse->sink, position, name.text, name.length, scope, kind);
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

const struct format format_dnsmasq = {
	.name = "dnsmasq",
	.sentence = "a configuration of dnsmasq or SmartDNS: what blocks or frees names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_line = parse_option,
};
