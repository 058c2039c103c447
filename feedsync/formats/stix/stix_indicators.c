/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/stix/stix_indicators.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/formats/parse.h"
#include "feedsync/formats/stix/stix_pattern.h"
#include "feedsync/base/uuid.h"
#include "feedsync/formats/value.h"
#include "libweir/hash.h"

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

/* By what indicators of one id and one time are told apart, which is what publishers must not make and do make: the newest is
 * both. */
static uint32_t sum_of_pattern(const struct node *object)
{
	size_t length = 0;
	const char *pattern = node_text(node_get(object, "pattern"), &length);
	return pattern ? (uint32_t)XXH3_64bits(pattern, length) : 0;
}

int stix_note(const struct node *objects, struct latest *latest, struct stix_markings *markings)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(objects); i++) {
		const struct node *object = node_at(objects, i);
		if (is_indicator(object))
			status = latest_add(latest, id_of(object), modified_of(object), sum_of_pattern(object));
		else
			status = stix_markings_note(markings, object);
	}
	return status;
}

/* ---- what keeps an indicator from being used ---- */

/* Whether valid_until is past. A time that cannot be read counts as past. */
static bool is_expired(const struct node *object, const struct parse_options *options)
{
	const struct node *until = node_get(object, "valid_until");
	uint64_t us;
	if (node_is_null(until))
		return false;
	return !timestamp_read_rfc3339(node_text(until, NULL), &us) || us / 1000000 <= parse_now(options);
}

/* Whether valid_from lies ahead, by more than clocks may differ. Without a time that can be read it is valid already. */
static bool is_not_yet_valid(const struct node *object, const struct parse_options *options)
{
	const char *from = node_text(node_get(object, "valid_from"), NULL);
	uint64_t us;
	return timestamp_read_rfc3339(from, &us) && us / 1000000 > parse_now(options) + MAX_CLOCK_STEP_S;
}

/* STIX 2.1 has the word among the types, STIX 2.0 among the labels, where many servers still put it. */
static bool is_benign(const struct node *object)
{
	return has(node_get(object, "indicator_types"), "benign") || has(node_get(object, "labels"), "benign");
}

static int read_detection(void *context, const char *key, const struct node *extension)
{
	(void)key;
	const struct node *detection = node_get(extension, "detection");
	*(bool *)context |= !node_is_null(detection) && !node_truth(detection);
	return 0;
}

/* Whether the indicator says that it is not for detection: by a property of its own, or in an extension. */
static bool is_not_for_detection(const struct node *object)
{
	const struct node *detection = node_get(object, "x_opencti_detection");
	bool not_for = !node_is_null(detection) && !node_truth(detection);
	int status = node_each(node_get(object, "extensions"), read_detection, &not_for);
	return not_for && status == 0;
}

static bool is_doubtful(const struct node *object, const struct parse_options *options)
{
	uint64_t confidence;
	return options->min_confidence > 0 &&
	       (!node_number(node_get(object, "confidence"), &confidence) || confidence < options->min_confidence);
}

static bool is_of_another_language(const struct node *object)
{
	const struct node *type =
		node_get(object, "pattern_type"); /* STIX 2.0 has no types: there is only one language */
	return type && !node_is(type, "stix");
}

/* Whether our own organisation made it. Its identity has the UUID that Weir makes (share), or the organisation's own, as in
 * what MISP converts to STIX. */
static bool is_indicator_ours(const struct node *object, const struct parse_options *options)
{
	static const char identity[] = "identity--";
	const char *by = node_text(node_get(object, "created_by_ref"), NULL);
	if (!by || strncmp(by, identity, sizeof identity - 1) != 0)
		return false;
	by += sizeof identity - 1;
	return (options->own_identity && strcasecmp(by, options->own_identity) == 0) ||
	       (options->own_organisation && strcasecmp(by, options->own_organisation) == 0);
}

static bool is_indicator_forbidden(const struct node *object, const struct parse *parse, enum reject *reject)
{
	const struct parse_options *options = parse->options;
	const struct markings markings = parse->sink->markings;
	if (is_indicator_ours(object, options))
		*reject = REJECT_OURS;
	else if (is_of_another_language(object))
		*reject = REJECT_TYPE;
	else if (node_truth(node_get(object, "revoked")))
		*reject = REJECT_REVOKED;
	else if (is_expired(object, options))
		*reject = REJECT_EXPIRED;
	else if (is_not_yet_valid(object, options))
		*reject = REJECT_NOT_YET;
	else if (is_benign(object))
		*reject = REJECT_BENIGN;
	else if (markings_tlp_forbids(markings) && !options->lenient_tlp)
		*reject = REJECT_TLP;
	else if (markings_pap_forbids(markings) && !options->lenient_pap)
		*reject = REJECT_PAP;
	else if ((options->detection_only && is_not_for_detection(object)) || is_doubtful(object, options))
		*reject = REJECT_CONDITION;
	else
		return false;
	return true;
}

/* ---- what it says ---- */

/* Takes the text of a name or a URL, which has room in `value`. */
static int take_value(struct sink *sink, const struct position *position, const struct pattern_item *item, char *value,
	enum scope scope)
{
	struct span name = {value, pattern_value(item, value, item->length + 1)};
	if (item->kind == PATTERN_URL)
		return value_take_url(sink, position, name, SCOPE_EXACT, false);
	scope = item->kind == PATTERN_HOST ? SCOPE_EXACT : scope;
	name = value_name(name, SCOPE_SUBTREE, &scope);
	return sink_name(sink, position, name.text, name.length, scope);
}

static int take_alternative(
	struct sink *sink, const struct position *position, const struct pattern_item *item, enum scope scope)
{
	char space[1024];
	switch (item->kind) {
	case PATTERN_NAME:
	case PATTERN_HOST:
	case PATTERN_URL: {
		char *value = item->length < sizeof space ? space : malloc(item->length + 1);
		int status = value ? take_value(sink, position, item, value, scope) : -ENOMEM;
		if (value != space)
			free(value);
		return status;
	}
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
	const struct detail detail = {id[0] ? id : "indicator ?", NULL, 0};
	const struct position position = {parse->document, 0, &detail};
	bool one_host = has(labels, "misp:type=\"hostname\"") || has(labels, "misp:type=\"hostname|port\"");
	enum reject reject;
	int status = 0;
	parse->sink->markings = stix_markings_of(parse->state, object);
	parse->sink->indicator = id;
	if (!pattern || !id[0])
		sink_reject(parse->sink, &position, REJECT_SYNTAX, pattern ? pattern : "", pattern ? length : 0);
	else if (is_indicator_forbidden(object, parse, &reject))
		sink_reject(parse->sink, &position, reject, pattern, length);
	else
		status = take_pattern(
			parse->sink, &position, pattern, length, one_host ? SCOPE_EXACT : parse->options->scope);
	parse->sink->indicator = NULL;
	return status;
}

/* Each object of STIX tells its type. What does not is of something else, and must not look like a bundle in which no
 * indicator is left. */
static void take_other_object(const struct node *object, const struct parse *parse)
{
	static const struct detail detail = {"object ?", NULL, 0};
	const struct position position = {parse->document, 0, &detail};
	if (!node_text(node_get(object, "type"), NULL))
		sink_reject(parse->sink, &position, REJECT_SYNTAX, "", 0);
}

int stix_rules(const struct node *objects, struct latest *latest, const struct parse *parse)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(objects); i++) {
		const struct node *object = node_at(objects, i);
		if (!is_indicator(object))
			take_other_object(object, parse);
		else if (latest_next(latest))
			status = take_indicator(object, parse);
	}
	return status;
}
