/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/stix/stix_indicators.h"

#include <string.h>
#include <strings.h>

#include "feedsync/base/timestamp.h"
#include "feedsync/base/url.h"
#include "feedsync/formats/parse.h"
#include "feedsync/formats/stix/stix_pattern.h"
#include "feedsync/formats/uuid.h"
#include "feedsync/formats/value.h"

const struct node *stix_objects(const struct node *document)
{
	const struct node *objects = node_is_object(document) ? node_get(document, "objects") : document;
	return node_is_array(objects) ? objects : NULL;
}

/* Whether a list has a word. */
static bool has(const struct node *list, const char *word)
{
	for (size_t i = 0; i < node_count(list); i++)
		if (node_is(node_at(list, i), word))
			return true;
	return false;
}

static bool is_indicator(const struct node *object)
{
	return node_is(node_get(object, "type"), "indicator");
}

/* The id of an indicator, or "" if it has no valid one. */
static const char *id_of(const struct node *object)
{
	static const char start[] = "indicator--";
	const char *id = node_text(node_get(object, "id"), NULL);
	bool valid = id && strncmp(id, start, sizeof start - 1) == 0 && uuid_is_valid(id + sizeof start - 1);
	return valid ? id : "";
}

static uint64_t modified_of(const struct node *object)
{
	uint64_t us;
	const char *modified = node_text(node_get(object, "modified"), NULL);
	const char *created = node_text(node_get(object, "created"), NULL);
	return timestamp_read_rfc3339(modified ? modified : created, &us) ? us : 0;
}

int stix_note(const struct node *objects, struct latest *latest)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(objects); i++) {
		const struct node *object = node_at(objects, i);
		if (is_indicator(object))
			status = latest_add(latest, id_of(object), modified_of(object));
	}
	return status;
}

/* ---- what keeps an indicator from being used ---- */

/* Whether a marking is TLP:RED or TLP:AMBER+STRICT: of TLP 1, or of TLP 2. */
static bool is_strict_marking(const struct node *marking)
{
	return node_is(marking, "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed") ||
	       node_is(marking, "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1") ||
	       node_is(marking, "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003");
}

static bool is_marked_strict(const struct node *object)
{
	const struct node *whole = node_get(object, "object_marking_refs"),
			  *parts = node_get(object, "granular_markings");
	bool strict = false;
	for (size_t i = 0; i < node_count(whole); i++)
		strict |= is_strict_marking(node_at(whole, i));
	for (size_t i = 0; i < node_count(parts); i++)
		strict |= is_strict_marking(node_get(node_at(parts, i), "marking_ref"));
	return strict;
}

/* Whether valid_until is past. A time that cannot be read counts as past. */
static bool is_expired(const struct node *object, const struct parse_options *options)
{
	const struct node *until = node_get(object, "valid_until");
	uint64_t us;
	if (node_is_null(until))
		return false;
	return !timestamp_read_rfc3339(node_text(until, NULL), &us) || us / 1000000 <= parse_now(options);
}

static bool is_of_another_language(const struct node *object)
{
	const struct node *type =
		node_get(object, "pattern_type"); /* STIX 2.0 has no types: there is only one language */
	return type && !node_is(type, "stix");
}

static bool is_indicator_forbidden(const struct node *object, const struct parse_options *options, enum reject *reject)
{
	if (is_of_another_language(object))
		*reject = REJECT_TYPE;
	else if (node_truth(node_get(object, "revoked")))
		*reject = REJECT_REVOKED;
	else if (is_expired(object, options))
		*reject = REJECT_EXPIRED;
	else if (has(node_get(object, "indicator_types"), "benign"))
		*reject = REJECT_BENIGN;
	else if (!options->lenient_tlp && is_marked_strict(object))
		*reject = REJECT_TLP;
	else
		return false;
	return true;
}

/* ---- what it says ---- */

static int take_alternative(
	struct sink *sink, const struct position *position, const struct pattern_item *item, enum scope scope)
{
	char value[URL_MAX + 1];
	size_t length;
	switch (item->kind) {
	case PATTERN_NAME:
	case PATTERN_URL:
		length = pattern_value(item, value, sizeof value);
		if (length == 0 && item->length > 0)
			sink_reject(sink, position, REJECT_LONG_NAME, item->text, item->length);
		else if (item->kind == PATTERN_NAME)
			return sink_name(sink, position, value, length, scope);
		else
			return value_take_url(sink, position, (struct span){value, length}, SCOPE_EXACT, false);
		break;
	case PATTERN_OTHER: sink_reject(sink, position, REJECT_TYPE, item->text, item->length); break;
	case PATTERN_UNUSABLE: sink_reject(sink, position, REJECT_EXPRESSION, item->text, item->length); break;
	}
	return 0;
}

static int take_pattern(
	struct sink *sink, const struct position *position, const char *text, size_t length, enum scope scope)
{
	struct pattern pattern;
	int status = 0;
	if (pattern_parse(&pattern, text, length) != 0)
		sink_reject(sink, position, REJECT_EXPRESSION, text, length);
	else
		for (size_t i = 0; status == 0 && i < pattern.count; i++)
			status = take_alternative(sink, position, &pattern.items[i], scope);
	pattern_end(&pattern);
	return status;
}

static int take_indicator(const struct node *object, const struct parse *parse)
{
	size_t length;
	const char *pattern = node_text(node_get(object, "pattern"), &length), *id = id_of(object);
	const struct node *labels = node_get(object, "labels");
	const struct position position = {parse->document, 0, id[0] ? id : "indicator ?"};
	bool one_host = has(labels, "misp:type=\"hostname\"") || has(labels, "misp:type=\"hostname|port\"");
	enum reject reject;
	if (!pattern || !id[0])
		sink_reject(parse->sink, &position, REJECT_SYNTAX, pattern ? pattern : "", pattern ? length : 0);
	else if (is_indicator_forbidden(object, parse->options, &reject))
		sink_reject(parse->sink, &position, reject, pattern, length);
	else
		return take_pattern(
			parse->sink, &position, pattern, length, one_host ? SCOPE_EXACT : parse->options->scope);
	return 0;
}

int stix_rules(const struct node *objects, struct latest *latest, const struct parse *parse)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(objects); i++) {
		const struct node *object = node_at(objects, i);
		if (is_indicator(object) && latest_next(latest))
			status = take_indicator(object, parse);
	}
	return status;
}
