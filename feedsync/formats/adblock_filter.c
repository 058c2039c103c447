/* SPDX-License-Identifier: BSD-3-Clause */
/* An exception is read more generously than a block: what it frees in a browser it frees here, but for the options that
 * bind it to certain pages, contents or clients. */
#include "feedsync/formats/adblock_filter.h"

#include <string.h>

/* ---- patterns ---- */

/* Takes a scheme off the pattern: what follows is where a host begins. */
static bool take_scheme(struct span *pattern)
{
	static const char *const schemes[] = {"http://", "https://", "://"};
	for (unsigned i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (span_starts_with(*pattern, schemes[i])) {
			*pattern = span_from(*pattern, strlen(schemes[i]));
			return true;
		}
	}
	return false;
}

/* The pattern up to its end, which must be one that a host may have. *anchored says whether there is one. */
static bool take_end(struct span *pattern, bool *anchored)
{
	static const char *const ends[] = {"^", "^|", "|", "^*", "/", "/*", "/|", NULL};
	size_t length = 0;
	while (length < pattern->length && pattern->text[length] != '^' && pattern->text[length] != '|' &&
		pattern->text[length] != '/')
		length++;
	struct span end = span_from(*pattern, length);
	pattern->length = length;
	*anchored = end.length > 0;
	return !*anchored || span_is_one_of(end, ends);
}

/* Whether it can be a whole name. Where the pattern says where that ends, normalise will tell what is wrong. */
static enum reject judge_name(struct span name, bool anchored)
{
	bool high = false, plain = true;
	if (memchr(name.text, '*', name.length))
		return REJECT_PATTERN;
	if (anchored)
		return REJECT_COUNT;
	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.text[i];
		high |= c >= 0x80;
		plain &= c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			 c == '.' || c == '-' || c == '_';
	}
	bool whole = plain && name.length > 0 && !strchr(".-_", name.text[name.length - 1]) &&
		     !strchr("-_", name.text[0]) && (high || memchr(name.text, '.', name.length));
	return whole ? REJECT_COUNT : REJECT_EXPRESSION;
}

enum reject adblock_read_pattern(struct span pattern, struct span *name, enum scope *scope)
{
	bool host = span_starts_with(pattern, "||"), anchored;
	bool start = !host && pattern.length > 0 && pattern.text[0] == '|';
	if (pattern.length > 0 && pattern.text[0] == '/')
		return REJECT_EXPRESSION;
	pattern = span_from(pattern, host ? 2 : start ? 1 : 0);
	start |= !host && take_scheme(&pattern);
	*name = pattern;
	if (!take_end(&pattern, &anchored))
		return memchr(pattern.text, '/', name->length) ? REJECT_PATH : REJECT_EXPRESSION;
	*scope = host || (anchored && !start) ? SCOPE_SUBTREE : SCOPE_EXACT;
	if (pattern.length > 2 && span_starts_with(pattern, "*.")) {
		pattern = span_from(pattern, 2);
		*scope = SCOPE_BELOW;
	} else if (pattern.length > 1 && pattern.text[0] == '.') {
		pattern = span_from(pattern, 1);
		*scope = host ? SCOPE_SUBTREE : SCOPE_BELOW;
	}
	*name = pattern;
	return judge_name(pattern, anchored);
}

/* ---- options ---- */

/* Takes the next of several parts off the span. */
static struct span take_listed_part(struct span *rest, char between)
{
	const char *end = memchr(rest->text, between, rest->length);
	struct span part = {rest->text, end ? (size_t)(end - rest->text) : rest->length};
	*rest = span_from(*rest, part.length + (end ? 1 : 0));
	return part;
}

/* "$dnstype": what is left of a name without its addresses is of no use, and one with one of them can be reached. So a
 * block must hold for both kinds of addresses, an exception for one of them. */
static bool reaches_addresses(struct span types, bool except)
{
	static const char *const a[] = {"A", NULL}, *const aaaa[] = {"AAAA", NULL};
	bool listed = false, has_a = false, has_aaaa = false;
	while (types.length > 0) {
		struct span type = take_listed_part(&types, '|');
		bool negated = type.length > 0 && type.text[0] == '~';
		type = span_from(type, negated ? 1 : 0);
		listed |= !negated;
		has_a |= span_is_one_of(type, a);
		has_aaaa |= span_is_one_of(type, aaaa);
	}
	bool reaches_a = listed ? has_a : !has_a, reaches_aaaa = listed ? has_aaaa : !has_aaaa;
	return except ? reaches_a || reaches_aaaa : reaches_a && reaches_aaaa;
}

/* "$dnsrewrite=": whether the answer leads nowhere: an error, no data, or an address that means so. */
static bool rewrites_to_nowhere(struct span answer)
{
	static const char *const errors[] = {"NXDOMAIN", "REFUSED", "SERVFAIL", NULL};
	static const char *const noerror[] = {"NOERROR", NULL};
	struct span code = take_listed_part(&answer, ';');
	if (span_is_one_of(code, errors))
		return true;
	if (!span_is_one_of(code, noerror))
		return answer.length == 0 && span_leads_nowhere(code);
	take_listed_part(&answer, ';');
	return answer.length == 0 || span_leads_nowhere(answer);
}

/* What is known of the options that have been read. */
struct options {
	bool all;     /* "$all": of every kind of content */
	bool content; /* for some kinds of content */
};

static enum reject read_filter_option(struct span option, struct adblock_filter *filter, struct options *options)
{
	static const char *const important[] = {"important", NULL}, *const back[] = {"badfilter", NULL},
				 *const all[] = {"all", NULL}, *const types[] = {"dnstype", NULL},
				 *const rewrite[] = {"dnsrewrite", NULL}, *const deny[] = {"denyallow", NULL};
	static const char *const pages[] = {"document", "doc", "popup", NULL}, *const clients[] = {
										       "client", "ctag", NULL};
	struct span value = option, key = take_listed_part(&value, '=');
	if (span_is_one_of(key, important))
		filter->important = true;
	else if (span_is_one_of(key, back))
		filter->back = true;
	else if (span_is_one_of(key, all))
		options->all = true;
	else if (span_is_one_of(key, pages))
		options->content = true;
	else if (span_is_one_of(key, clients))
		return REJECT_CLIENT;
	else if (span_is_one_of(key, types))
		return reaches_addresses(value, filter->except) ? REJECT_COUNT : REJECT_QUERY_TYPE;
	else if (span_is_one_of(key, rewrite))
		return filter->except || (value.length > 0 && rewrites_to_nowhere(value)) ? REJECT_COUNT
		       : value.length > 0                                                 ? REJECT_REDIRECT
											  : REJECT_OPTION;
	else if (span_is_one_of(key, deny) && !filter->except)
		filter->denyallow = value;
	else
		return REJECT_OPTION;
	return REJECT_COUNT;
}

static enum reject read_filter_options(struct span rest, struct adblock_filter *filter)
{
	struct options options = {0};
	while (rest.length > 0) {
		enum reject reject = read_filter_option(take_listed_part(&rest, ','), filter, &options);
		if (reject != REJECT_COUNT)
			return reject;
	}
	return options.content && !options.all && !filter->except ? REJECT_OPTION : REJECT_COUNT;
}

enum reject adblock_read_filter(struct span line, struct adblock_filter *filter)
{
	*filter = (struct adblock_filter){.except = span_starts_with(line, "@@")};
	struct span pattern = span_trim(span_from(line, filter->except ? 2 : 0)), options = {"", 0};
	const char *dollar = memchr(pattern.text, '$', pattern.length);
	if (dollar) {
		options = span_from(pattern, (size_t)(dollar + 1 - pattern.text));
		pattern.length = (size_t)(dollar - pattern.text);
	}
	enum reject reject = adblock_read_pattern(pattern, &filter->name, &filter->scope);
	return reject == REJECT_COUNT ? read_filter_options(options, filter) : reject;
}
