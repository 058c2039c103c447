/* SPDX-License-Identifier: BSD-3-Clause */
/* Unbound's configuration. "local-zone: NAME TYPE" says what is answered for a name and everything below it, and
 * "local-data: 'NAME A 0.0.0.0'" blocks the name alone.
 *
 * Zones of the types "always_..." block whatever data there are. Those of the types "static", "refuse", "redirect" and the
 * like are answered from their data: they block unless some of these lead somewhere. The data of a name are those of the
 * zone nearest above it; of a zone that stands there twice the first counts, as in Unbound. So zones are judged at the end
 * of the document.
 *
 * A zone that passes ("transparent" and the like), or that leads somewhere, is an exception of the list's own if the zone
 * nearest above it blocks. In a list that blocks nothing all that pass are: it is one of exceptions.
 */
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/text.h"
#include "feedsync/formats/by_line.h"
#include "feedsync/formats/held.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/value.h"

/* What is known of a held zone. */
enum { ZONE_ALWAYS = 1 /* blocks */, ZONE_PASSES = 2, ZONE_LEADS = 4 };

struct unbound_state {
	struct held zones;
	struct held data; /* those that lead somewhere */
	bool judged;      /* some zones are to be judged */
	bool blocks;      /* something is blocked in any case */
	bool view;        /* what stands here is for a view: for some clients */
};

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

/* Takes "NAME TYPE" off the statement. Returns REJECT_COUNT where the zone is taken. */
static enum reject take_zone(const struct parse *parse, struct span *rest, const struct position *position, int *status)
{
	static const char *const always[] = {
		"always_nxdomain", "always_null", "always_refuse", "always_nodata", "always_deny", NULL};
	static const char *const by_data[] = {
		"refuse", "static", "deny", "inform_deny", "redirect", "inform_redirect", NULL};
	static const char *const passing[] = {
		"transparent", "typetransparent", "always_transparent", "nodefault", "inform", NULL};
	static const char *const addresses[] = {"block_a", NULL};
	struct unbound_state *state = parse->state;
	struct span name = take_argument(rest), type = take_argument(rest);
	if (name.length == 0 || type.length == 0)
		return type.length > 0 ? REJECT_OPTION : REJECT_SYNTAX;
	if (state->view)
		return REJECT_CLIENT;
	name = span_without_dot(name);
	if (span_is_one_of(type, always)) {
		state->blocks = true;
		*status = sink_name(parse->sink, position, name.text, name.length, SCOPE_SUBTREE);
		if (*status == 0 &&
			state->zones.count < MAX_HELD) /* a list of more is hardly one of zones to be judged */
			*status = held_add(&state->zones, position, name, SCOPE_SUBTREE, ZONE_ALWAYS);
		return REJECT_COUNT;
	}
	bool passes = span_is_one_of(type, passing);
	if (!passes && !span_is_one_of(type, by_data))
		return span_is_one_of(type, addresses) ? REJECT_QUERY_TYPE : REJECT_OPTION;
	state->judged = true;
	*status = held_add(&state->zones, position, name, SCOPE_SUBTREE, passes ? ZONE_PASSES : 0);
	return REJECT_COUNT;
}

static bool is_number(struct span word)
{
	bool digits = word.length > 0;
	for (size_t i = 0; i < word.length; i++)
		digits &= word.text[i] >= '0' && word.text[i] <= '9';
	return digits;
}

/* Takes "NAME [TTL] [IN] TYPE RDATA" off the statement. Returns as take_zone. */
static enum reject take_data(const struct parse *parse, struct span *rest, const struct position *position, int *status)
{
	static const char *const classes[] = {"IN", NULL}, *const addresses[] = {"A", "AAAA", NULL},
				 *const ways[] = {
					 "A", "AAAA", "CNAME", "DNAME", "HTTPS", "SVCB", "MX", "SRV", "PTR", NULL};
	struct unbound_state *state = parse->state;
	struct span record = take_argument(rest), name = span_without_dot(span_word(&record)),
		    word = span_word(&record);
	while (word.length > 0 && (span_is_one_of(word, classes) || is_number(word)))
		word = span_word(&record);
	record = span_trim(record);
	if (state->view)
		return REJECT_CLIENT;
	if (name.length == 0 || record.length == 0)
		return record.length > 0 ? REJECT_REDIRECT : REJECT_SYNTAX;
	if (!span_is_one_of(word, addresses) || !span_leads_nowhere(record)) {
		if (span_is_one_of(word, ways))
			*status = held_add(&state->data, position, name, SCOPE_EXACT, 0);
		return REJECT_REDIRECT;
	}
	state->blocks = true;
	*status = sink_name(parse->sink, position, name.text, name.length, SCOPE_EXACT);
	return REJECT_COUNT;
}

/* Takes a key and its colon off the line. An empty one: there is none. */
static struct span take_statement(struct span *rest)
{
	struct span after = *rest, word = span_word(&after);
	const char *colon = memchr(word.text, ':', word.length);
	size_t length = colon ? (size_t)(colon + 1 - word.text) : 0;
	*rest = (struct span){word.text + length, rest->length - (size_t)(word.text - rest->text) - length};
	return (struct span){word.text, length};
}

/* A line may hold several statements. */
static int parse_statements(const struct parse *parse, struct span line, const struct position *position)
{
	static const char *const zone[] = {"local-zone:", NULL}, *const data[] = {"local-data:", NULL},
				 *const includes[] = {"include:", "include-toplevel:", NULL},
				 *const view[] = {"view:", NULL}, *const server[] = {"server:", NULL};
	struct unbound_state *state = parse->state;
	int status = 0;
	struct span rest = span_without_comment(line, "\"'");
	while (status == 0 && (rest = span_trim(rest)).length > 0) {
		const struct span whole = rest;
		struct span key = take_statement(&rest);
		enum reject reject = REJECT_SYNTAX;
		if (span_is_one_of(key, zone))
			reject = take_zone(parse, &rest, position, &status);
		else if (span_is_one_of(key, data))
			reject = take_data(parse, &rest, position, &status);
		else if (span_is_one_of(key, includes))
			reject = REJECT_INCLUDE;
		else if (span_trim(rest).length == 0 || span_is_one_of(key, server))
			state->view = span_is_one_of(key, view);
		if (span_is_one_of(key, server) || span_is_one_of(key, view) || reject == REJECT_COUNT)
			continue;
		sink_reject(parse->sink, position, reject, whole.text, whole.length);
		if (reject == REJECT_SYNTAX || reject == REJECT_INCLUDE)
			break; /* where the next statement begins nobody knows */
	}
	return status;
}

/* ---- at the end ---- */

/* Notes at the zones that their data lead somewhere. */
static void judge_data(struct unbound_state *state, const struct nameset *zones)
{
	for (size_t i = 0; i < state->data.count; i++) {
		struct namekey key;
		const struct nameset_entry *zone = NULL;
		if (held_key(held_name(&state->data, &state->data.entry[i]), &key))
			zone = nameset_above(zones, &key);
		if (zone)
			state->zones.entry[zone->mark].sort |= ZONE_LEADS;
	}
}

static bool zone_blocks(unsigned sort)
{
	return (sort & ZONE_ALWAYS) != 0 || (sort & (ZONE_PASSES | ZONE_LEADS)) == 0;
}

/* Whether the zone nearest above this one blocks. */
static bool stands_in_block(const struct unbound_state *state, const struct nameset *zones, const struct namekey *key)
{
	struct namekey up = *key;
	const struct nameset_entry *above = namekey_up(&up) ? nameset_above(zones, &up) : NULL;
	return above && zone_blocks(state->zones.entry[above->mark].sort);
}

static int settle_zone(const struct parse *parse, const struct nameset *zones, const struct held_entry *entry)
{
	const struct unbound_state *state = parse->state;
	const struct position position = {parse->document, entry->line, NULL};
	struct span name = held_name(&state->zones, entry);
	struct namekey key;
	enum scope scope = SCOPE_SUBTREE;
	unsigned sort = entry->sort;
	bool frees = (sort & ZONE_PASSES) && !state->blocks;
	if (held_key(name, &key)) {
		sort = state->zones.entry[nameset_at(zones, &key)->mark].sort;
		frees |= stands_in_block(state, zones, &key);
	} else if (sort & ZONE_PASSES) {
		frees = true; /* "*.x" */
	}
	if (zone_blocks(sort))
		return sink_name(parse->sink, &position, name.text, name.length, scope);
	if (frees) {
		name = value_name(name, SCOPE_BELOW, &scope);
		return sink_rule(parse->sink, &position, name.text, name.length, scope, RULE_EXCEPT);
	}
	sink_reject(
		parse->sink, &position, sort & ZONE_PASSES ? REJECT_OPTION : REJECT_REDIRECT, name.text, name.length);
	return 0;
}

static int settle_zones(const struct parse *parse)
{
	struct unbound_state *state = parse->state;
	struct nameset zones = {0};
	int status = 0;
	for (size_t i = 0; status == 0 && i < state->zones.count; i++) {
		struct namekey key;
		if (held_key(held_name(&state->zones, &state->zones.entry[i]), &key))
			status = nameset_add(&zones, &key, (uint32_t)i);
	}
	nameset_sort(&zones);
	if (status == 0)
		judge_data(state, &zones);
	for (size_t i = 0; i < state->zones.count; i++)
		state->blocks |= zone_blocks(state->zones.entry[i].sort);
	for (size_t i = 0; status == 0 && i < state->zones.count; i++)
		if ((state->zones.entry[i].sort & ZONE_ALWAYS) == 0)
			status = settle_zone(parse, &zones, &state->zones.entry[i]);
	nameset_free(&zones);
	return status;
}

static int parse_configuration(const struct parse *parse)
{
	struct unbound_state state = {0};
	struct parse with = *parse;
	with.state = &state;
	int status = parse_by_line(parse_statements, &with);
	if (status == 0 && state.judged)
		status = settle_zones(&with);
	held_free(&state.zones);
	held_free(&state.data);
	return held_error(parse, status);
}

const struct format format_unbound = {
	.name = "unbound",
	.sentence = "a configuration of Unbound: what blocks or frees names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_document = parse_configuration,
};
