/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX: patterns, latest, and which indicators count. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "feedsync/formats/stix/stix_pattern.h"

/* ---- patterns ---- */

/* What a pattern holds, as text: "name a.example, other, url http://b.example". */
static const char *describe(const char *text, char to[1024])
{
	static const char *const kinds[] = {"name", "host", "url", "other", "unusable"};
	struct pattern pattern;
	/* A copy of just that size: a sanitizer sees what is read beyond. */
	size_t length = strlen(text), used = 0;
	char *copy = malloc(length + (length == 0));
	memcpy(copy, text, length);
	int status = pattern_parse(&pattern, copy, length);
	to[0] = '\0';
	if (status != 0)
		snprintf(to, 1024, "%s", status == -EBADMSG ? "refused" : "?");
	for (size_t i = 0; status == 0 && i < pattern.count; i++) {
		const struct pattern_item *item = &pattern.items[i];
		char value[256] = "";
		bool text_of_interest = item->kind <= PATTERN_URL;
		size_t value_length = text_of_interest ? pattern_value(item, value, sizeof value) : 0;
		assert_int_equal(value_length, strlen(value));
		used += (size_t)snprintf(to + used, 1024 - used, "%s%s%s%s", used ? ", " : "", kinds[item->kind],
			text_of_interest ? " " : "", value);
	}
	pattern_end(&pattern);
	free(copy);
	return to;
}

static const struct {
	const char *text, *holds;
} pattern_cases[] = {
	{"[domain-name:value = 'x.example']", "name x.example"},
	{"[domain-name:value='x.example']", "name x.example"},
	{"  [\tdomain-name:value\n==\r'x.example'  ]  ", "name x.example"},
	{"[domain-name:value = 'a' OR domain-name:value = 'b' OR domain-name:value='c']", "name a, name b, name c"},
	{"[domain-name:value IN ('a', 'b','c')]", "name a, name b, name c"},
	{"[domain-name:value = 'a'] OR [domain-name:value = 'b']", "name a, name b"},
	{"([domain-name:value = 'a'] OR ([url:value = 'http://b/'] OR [domain-name:value = 'c']))",
		"name a, url http://b/, name c"},
	{"[(domain-name:value = 'a' OR (domain-name:value = 'b'))]", "name a, name b"},
	{"[url:value = 'http://x.example/']", "url http://x.example/"},
	{"[hostname:value = 'a' OR x-opencti-hostname:value = 'b']", "host a, host b"},
	{"[hostname:value IN ('a', 'b') OR hostname:value LIKE 'c']", "host a, host b, unusable"},
	/* escapes */
	{"[url:value = 'http://x.example/it\\'s']", "url http://x.example/it's"},
	{"[domain-name:value = 'a\\\\b']", "name a\\b"},
	{"[domain-name:value = 'a\\'] OR [domain-name:value = \\'b']", "name a'] OR [domain-name:value = 'b"},
	/* what a name leads to does not matter; neither does what MISP notes */
	{"[domain-name:value = 'a' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']", "name a"},
	{"[domain-name:resolves_to_refs[0].value = '192.0.2.1' AND domain-name:value = 'a']", "name a"},
	{"[domain-name:value = 'a' AND domain-name:x_misp_hostname = 'a' AND "
	 "domain-name:resolves_to_refs[*].value = "
	 "'192.0.2.1']",
		"name a"},
	{"[(domain-name:value = 'a' OR domain-name:value = 'b') AND domain-name:resolves_to_refs[*].value IN "
	 "('1', '2')]",
		"name a, name b"},
	{"[domain-name:resolves_to_refs[*].value = '192.0.2.1']", "unusable"},
	{"[domain-name:value = 'a' OR domain-name:resolves_to_refs[*].value = '192.0.2.1']", "name a, unusable"},
	{"[domain-name:value = 'a' AND domain-name:resolves_to_refs[*].value != '192.0.2.1']", "unusable"},
	{"[domain-name:value = 'a' AND domain-name:resolves_to_refs[*].value NOT = '192.0.2.1']", "unusable"},
	/* alternatives of which only some are names */
	{"[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a']", "other, name a"},
	{"[file:hashes.'SHA-256' = 'aa'] OR [domain-name:value = 'a']", "other, name a"},
	{"[file:hashes.'SHA-256' IN ('aa', 'bb')]", "other"},
	{"[network-traffic:dst_port = 443 OR process:is_hidden = true OR file:size >= 1.5e+3]", "other, other, other"},
	{"[x:created > t'2020-01-01T00:00:00Z' OR x:y = h'ff' OR x:y = b'AA==']", "other, other, other"},
	/* names that mean less alone */
	{"[domain-name:value = 'a' AND network-traffic:dst_port = '8443']", "unusable"},
	{"[domain-name:value = 'a' AND domain-name:value = 'b']", "unusable"},
	{"[domain-name:value = 'a' AND url:value = 'http://a/x']", "unusable"},
	{"[domain-name:value = 'a'] AND [domain-name:value = 'b']", "unusable"},
	{"[domain-name:value = 'a'] AND [ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'c']",
		"unusable, name c"},
	{"[domain-name:value = 'c' OR domain-name:value = 'a' AND file:name = 'b']", "name c, unusable"},
	/* other comparisons */
	{"[domain-name:value != 'a']", "unusable"},
	{"[domain-name:value <> 'a']", "unusable"},
	{"[domain-name:value NOT = 'a']", "unusable"},
	{"[domain-name:value NOT IN ('a', 'b')]", "unusable"},
	{"[domain-name:value LIKE '%.example']", "unusable"},
	{"[domain-name:value MATCHES '^x']", "unusable"},
	{"[domain-name:value > 'a']", "unusable"},
	{"[domain-name:value = 7]", "unusable"},
	{"[domain-name:value = t'2020-01-01T00:00:00Z']", "unusable"},
	{"[EXISTS domain-name:value]", "unusable"},
	{"[domain-name:value[0] = 'a']", "other"},
	{"[domain-name:values = 'a']", "other"},
	/* no pattern, or too much of one */
	{"", "refused"},
	{"x.example", "refused"},
	{"[]", "refused"},
	{"[domain-name:value = 'a'", "refused"},
	{"[domain-name:value = 'a]", "refused"},
	{"[domain-name:value = 'a\\", "refused"},
	{"[domain-name:value = \"a\"]", "refused"},
	{"[domain-name:value 'a']", "refused"},
	{"[domain-name:value IN 'a']", "refused"},
	{"[domain-name:value IN ()]", "refused"},
	{"[domain-name:value IN ('a',)]", "refused"},
	{"[domain-name:value = 'a' OR]", "refused"},
	{"[domain-name:value = 'a' XOR domain-name:value = 'b']", "refused"},
	{"[domain-name:value = 'a'] [domain-name:value = 'b']", "refused"},
	{"[domain-name:value = 'a'] FOLLOWEDBY [domain-name:value = 'b']", "refused"},
	{"[domain-name:value = 'a'] WITHIN 5 SECONDS", "refused"},
	{"[domain-name:value = 'a'] REPEATS 5 TIMES", "refused"},
	{"[domain-name:value = 'a'] START t'2020-01-01T00:00:00Z' STOP t'2020-01-02T00:00:00Z'", "refused"},
	{"[[domain-name:value = 'a']]", "refused"},
	{"[domain-name: value = 'a']", "refused"},
	{"[domain-name:value = 'a'])", "refused"},
	{"[domain-name:value = 'a' /* or */]", "refused"},
	{"[domain-name:resolves_to_refs[*.value = 'a']", "refused"},
};

static void patterns(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof pattern_cases / sizeof *pattern_cases; i++) {
		char text[1024];
		if (strcmp(describe(pattern_cases[i].text, text), pattern_cases[i].holds) != 0)
			fail_msg("%s: got \"%s\", not \"%s\"", pattern_cases[i].text, text, pattern_cases[i].holds);
	}
}

/* Nesting and length have limits. */
static void bounds(void **state)
{
	(void)state;
	char text[1024], nested[2048] = "";
	for (unsigned depth = 0; depth <= 33; depth++) {
		memset(nested, '(', depth);
		int length = snprintf(nested + depth, 64, "[domain-name:value = 'a']");
		memset(nested + depth + length, ')', depth);
		nested[depth * 2 + (unsigned)length] = '\0';
		assert_string_equal(describe(nested, text), depth <= 32 ? "name a" : "refused");
	}
	char *longest = malloc(MAX_PATTERN + 2);
	int length = snprintf(longest, MAX_PATTERN, "[domain-name:value = 'a']");
	memset(longest + length, ' ', (size_t)(MAX_PATTERN + 1 - length));
	struct pattern pattern;
	assert_int_equal(pattern_parse(&pattern, longest, MAX_PATTERN), 0);
	pattern_end(&pattern);
	assert_int_equal(pattern_parse(&pattern, longest, MAX_PATTERN + 1), -EBADMSG);
	pattern_end(&pattern);
	free(longest);
	/* A value that is longer than its buffer, and one that just fits. */
	char value[4];
	struct pattern_item item = {PATTERN_NAME, "ab\\'d", 5};
	assert_int_equal(pattern_value(&item, value, sizeof value), 0);
	item.length = 4;
	assert_int_equal(pattern_value(&item, value, sizeof value), 3);
	assert_string_equal(value, "ab'");
}

/* ---- indicators ---- */

static int collect(void *context, const struct rule *rule)
{
	char *text = context, name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	snprintf(text + strlen(text), 512 - strlen(text), "%s%s:%s", text[0] ? " " : "", scope_text(rule->scope), name);
	return 0;
}

static int parse(const char *text, enum scope scope, bool lenient, char rules[512], struct parse_counts *counts)
{
	*counts = (struct parse_counts){0};
	rules[0] = '\0';
	struct sink sink = {.take = collect, .context = rules, .counts = counts};
	const struct parse_options options = {.scope = scope, .lenient_tlp = lenient};
	struct why why = {""};
	FILE *in = tmpfile();
	const struct parse parse = {.in = in, .document = "doc", .options = &options, .sink = &sink, .why = &why};
	fputs(text, in);
	rewind(in);
	int status = format_stix.parse_document(&parse);
	fclose(in);
	assert_int_equal(status != 0, why.text[0] != '\0');
	return status;
}

#define ID "indicator--00000000-0000-4000-8000-00000000000"
#define INDICATOR(number, more) "{\"type\":\"indicator\",\"id\":\"" ID number "\",\"pattern_type\":\"stix\"," more "}"
#define NAMED(number, name, more)                                                                                      \
	INDICATOR(number, "\"pattern\":\"[domain-name:value = '" name "']\",\"modified\":\"2020-01-01T00:00:"          \
			  "00Z\"" more)

static const struct {
	const char *objects, *rules;
	int reject; /* -1: nothing is rejected */
} indicator_cases[] = {
	{NAMED("1", "a.example", ""), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"labels\":[\"misp:type=\\\"hostname\\\"\"]"), "exact:a.example", -1},
	{NAMED("1", "a.example", ",\"labels\":[\"x\",\"misp:type=\\\"hostname|port\\\"\"]"), "exact:a.example", -1},
	{NAMED("1", "a.example", ",\"labels\":[\"misp:type=\\\"domain\\\"\",7]"), "subtree:a.example", -1},
	{INDICATOR("1", "\"pattern\":\"[url:value='http://a.example/']\""), "exact:a.example", -1},
	{INDICATOR("1", "\"pattern\":\"[url:value='http://a.example/x']\""), "", REJECT_PATH},
	{INDICATOR("1", "\"pattern\":\"[url:value='http://']\""), "", REJECT_SYNTAX},
	{INDICATOR("1", "\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\""), "", REJECT_TYPE},
	{INDICATOR("1", "\"pattern\":\"[domain-name:value LIKE 'a%']\""), "", REJECT_EXPRESSION},
	{INDICATOR("1", "\"pattern\":\"a.example\""), "", REJECT_EXPRESSION},
	{INDICATOR("1", "\"pattern\":7"), "", REJECT_SYNTAX},
	{NAMED("1", "192.0.2.1", ""), "", REJECT_ADDRESS},
	{NAMED("1", "a\\u0000.example", ""), "", REJECT_NUL},
	{NAMED("", "a.example", ""), "", REJECT_SYNTAX}, /* no UUID */
	{"{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'a.example']\"}", "", REJECT_SYNTAX},
	{"{\"type\":\"indicator\",\"id\":\"" ID "1\",\"pattern\":\"[domain-name:value = 'a.example']\"}",
		"subtree:a.example", -1},
	{"{\"type\":\"indicator\",\"id\":\"" ID "1\",\"pattern\":\"rule x { }\",\"pattern_type\":\"yara\"}", "",
		REJECT_TYPE},
	/* no indicators */
	{"{\"type\":\"domain-name\",\"value\":\"a.example\"}", "", -1},
	/* no objects of STIX */
	{"7", "", REJECT_SYNTAX},
	{"null", "", REJECT_SYNTAX},
	{"[]", "", REJECT_SYNTAX},
	{"{}", "", REJECT_SYNTAX},
	{"{\"type\":7}", "", REJECT_SYNTAX},
	/* states */
	{NAMED("1", "a.example", ",\"revoked\":true"), "", REJECT_REVOKED},
	{NAMED("1", "a.example", ",\"revoked\":false"), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"valid_until\":\"2020-01-01T00:00:00Z\""), "", REJECT_EXPIRED},
	{NAMED("1", "a.example", ",\"valid_until\":\"9999-01-01T00:00:00Z\""), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"valid_until\":\"soon\""), "", REJECT_EXPIRED},
	{NAMED("1", "a.example", ",\"valid_until\":null"), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"indicator_types\":[\"benign\"]"), "", REJECT_BENIGN},
	{NAMED("1", "a.example", ",\"indicator_types\":[\"malicious-activity\"]"), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"labels\":[\"x\",\"Benign\"]"), "", REJECT_BENIGN},
	{NAMED("1", "a.example", ",\"labels\":[\"malicious-activity\"]"), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"valid_from\":\"9999-01-01T00:00:00Z\""), "", REJECT_NOT_YET},
	{NAMED("1", "a.example", ",\"valid_from\":\"2020-01-01T00:00:00Z\""), "subtree:a.example", -1},
	{NAMED("1", "a.example", ",\"valid_from\":\"soon\""), "subtree:a.example", -1},
	/* names as they are written */
	{NAMED("1", ".a.example", ""), "subtree:a.example", -1},
	{NAMED("1", "*.a.example", ",\"labels\":[\"misp:type=\\\"hostname\\\"\"]"), "subtree:a.example", -1},
	{NAMED("1", "a*.example", ""), "", REJECT_PATTERN},
	{INDICATOR("1", "\"pattern\":\"[hostname:value='a.example']\""), "exact:a.example", -1},
	/* the newest version, wherever it stands */
	{NAMED("1", "old.example", "") "," INDICATOR("1", "\"pattern\":\"[domain-name:value='new.example']\","
							  "\"modified\":\"2020-01-01T00:00:00.001Z\""),
		"subtree:new.example", -1},
	{INDICATOR("1", "\"pattern\":\"[domain-name:value='new.example']\",\"modified\":\"2021-01-01T00:00:"
			"00Z\"") "," NAMED("1", "old.example", ""),
		"subtree:new.example", -1},
	{NAMED("1", "old.example", "") "," INDICATOR("1", "\"pattern\":\"[domain-name:value='old.example']\","
							  "\"modified\":\"2021-01-01T00:00:00Z\",\"revoked\":true"),
		"", REJECT_REVOKED},
	/* two things of one id and one time */
	{NAMED("1", "a.example", "") "," NAMED("1", "b.example", "") "," NAMED("1", "a.example", ""),
		"subtree:b.example subtree:a.example", -1},
	{NAMED("1", "a.example", "") "," NAMED("1", "a.example", "") "," NAMED("2", "b.example", ""),
		"subtree:a.example subtree:b.example", -1},
};

static void indicators(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof indicator_cases / sizeof *indicator_cases; i++) {
		char text[2048], rules[512];
		struct parse_counts counts;
		snprintf(text, sizeof text, "{\"type\":\"bundle\",\"objects\":[%s]}", indicator_cases[i].objects);
		assert_int_equal(parse(text, SCOPE_SUBTREE, false, rules, &counts), 0);
		if (strcmp(rules, indicator_cases[i].rules) != 0)
			fail_msg("%s: \"%s\"", text, rules);
		if (counts_rejected(&counts) != (indicator_cases[i].reject >= 0) ||
			(indicator_cases[i].reject >= 0 && !counts.rejected[indicator_cases[i].reject]))
			fail_msg("%s: rejected otherwise", text);
		if (counts_rejected(&counts) > 0)
			assert_true(strncmp(counts.first.text, "doc indicator", 13) == 0 ||
				    strncmp(counts.first.text, "doc object ?", 12) == 0);
	}
}

#define REFERENCE ",\"object_marking_refs\":[\"marking-definition--00000000-0000-4000-8000-000000000000\"]"
#define DEFINED(more)                                                                                                  \
	"{\"type\":\"marking-definition\",\"id\":\"marking-definition--00000000-0000-4000-8000-000000000000\"," more "}"

/* What a definition or a label says. */
static void meanings(void **state)
{
	(void)state;
	enum { NONE, TLP = 1, PAP = 2 };
	static const struct {
		const char *objects;
		int forbids;
	} cases[] = {
		{DEFINED("\"definition\":{\"tlp\":\"red\"}"), TLP},
		{DEFINED("\"definition\":{\"tlp\":\"amber\"}"), NONE},
		{DEFINED("\"definition\":{\"tlp\":\"AMBER+STRICT\"}"), TLP},
		{DEFINED("\"definition\":{\"tlp\":7}"), NONE},
		{DEFINED("\"extensions\":{\"x\":7,\"y\":{\"tlp_2_0\":\"amber+strict\"}}"), TLP},
		{DEFINED("\"extensions\":{\"y\":{\"tlp_2_0\":\"green\"}}"), NONE},
		{DEFINED("\"definition\":{\"statement\":\"custom\"},\"x_opencti_definition\":\"TLP:AMBER+STRICT\""),
			TLP},
		{DEFINED("\"definition\":{\"statement\":\"PAP:RED\"}"), PAP},
		{DEFINED("\"definition\":{\"statement\":\"pap=\\\"amber\\\"\"}"), PAP},
		{DEFINED("\"definition\":{\"statement\":\"PAP:GREEN\"}"), NONE},
		{DEFINED("\"definition\":{\"statement\":\"TLP: AMBER + STRICT, for members\"}"), TLP},
		{DEFINED("\"definition\":{\"statement\":\"TLP:REDACTED\"}"), NONE},
		{DEFINED("\"definition\":{\"statement\":\"not TLP:RED\"}"), NONE},
		{DEFINED("\"name\":\"TLP:RED\""), TLP},
		/* the last of two does not hide the first */
		{DEFINED("\"name\":\"TLP:RED\"") "," DEFINED("\"name\":\"PAP:RED\""), TLP | PAP},
		{"{\"type\":\"marking-definition\",\"id\":7,\"name\":\"TLP:RED\"}", NONE},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* The definition stands in front, or behind. */
		for (unsigned behind = 0; behind < 2; behind++) {
			static const char named[] = NAMED("1", "a.example", REFERENCE);
			char text[2048], rules[512];
			struct parse_counts counts;
			snprintf(text, sizeof text, "[%s,%s]", behind ? named : cases[i].objects,
				behind ? cases[i].objects : named);
			assert_int_equal(parse(text, SCOPE_EXACT, false, rules, &counts), 0);
			if (strcmp(rules, cases[i].forbids ? "" : "exact:a.example") != 0)
				fail_msg("%s: \"%s\"", text, rules);
			assert_int_equal(counts.rejected[REJECT_TLP], (cases[i].forbids & TLP) != 0);
			assert_int_equal(counts.rejected[REJECT_PAP], cases[i].forbids == PAP);
		}
	}
	static const char *const labels[] = {
		"tlp:red", "TLP:AMBER+STRICT", "tlp:amber", "PAP:AMBER", "pap:clear", "red"};
	static const int label_forbids[] = {TLP, TLP, NONE, PAP, NONE, NONE};
	for (unsigned i = 0; i < sizeof labels / sizeof *labels; i++) {
		char text[1024], rules[512];
		struct parse_counts counts;
		snprintf(text, sizeof text, "[" NAMED("1", "a.example", ",\"labels\":[7,\"%s\"]") "]", labels[i]);
		assert_int_equal(parse(text, SCOPE_EXACT, false, rules, &counts), 0);
		assert_string_equal(rules, label_forbids[i] ? "" : "exact:a.example");
	}
}

/* What the feed's settings want of an indicator. */
static void conditions(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		bool for_detection;  /* with `detection-only` */
		unsigned confidence; /* up to this minimum it is used */
	} cases[] = {
		{"", true, 0},
		{",\"x_opencti_detection\":true,\"confidence\":60", true, 60},
		{",\"x_opencti_detection\":false,\"confidence\":100", false, 100},
		{",\"x_opencti_detection\":null,\"confidence\":\"15\"", true, 15},
		{",\"extensions\":{\"extension-definition--1\":{\"detection\":false},\"x\":7}", false, 0},
		{",\"extensions\":{\"extension-definition--1\":{\"detection\":true}},\"confidence\":0", true, 0},
		{",\"confidence\":[99]", true, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (unsigned minimum = 0; minimum <= 100; minimum += 5) {
			for (unsigned only = 0; only < 2; only++) {
				char text[1024], rules[512] = "";
				struct parse_counts counts = {0};
				struct why why = {""};
				snprintf(text, sizeof text, "[" NAMED("1", "a.example", "%s") "]", cases[i].more);
				struct sink sink = {.take = collect, .context = rules, .counts = &counts};
				const struct parse_options options = {
					.detection_only = only, .min_confidence = minimum};
				FILE *in = fmemopen(text, strlen(text), "r");
				const struct parse parse = {
					.in = in, .document = "doc", .options = &options, .sink = &sink, .why = &why};
				assert_int_equal(format_stix.parse_document(&parse), 0);
				fclose(in);
				bool used = (!only || cases[i].for_detection) &&
					    (minimum == 0 || minimum <= cases[i].confidence);
				if (counts.entries != used || counts.rejected[REJECT_CONDITION] == used)
					fail_msg("%s, minimum %u, %u: \"%s\"", cases[i].more, minimum, only, rules);
			}
		}
	}
}

static void markings(void **state)
{
	(void)state;
	static const struct {
		const char *id;
		bool strict;
	} cases[] = {
		{"613f2e26-407d-48c7-9eca-b8e91df99dc9", false}, /* TLP 1: white, green, amber, red */
		{"34098fce-860f-48ae-8e50-ebd3cc5e41da", false}, {"f88d31f6-486f-44da-b317-01333bde0b82", false},
		{"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", true},
		{"94868c89-83c2-464b-929b-a1a8aa3c8487", false}, /* TLP 2: clear, green, amber, amber+strict, red */
		{"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", false}, {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", false},
		{"939a9414-2ddd-4d32-a0cd-375ea402b003", true}, {"e828b379-4e03-4974-9ac4-e53a884c97c1", true},
		{"826578e1-40ad-459f-bc73-ede076f81f37", true}, /* OpenCTI: amber+strict */
	};
	for (unsigned i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		char text[1024], marking[256], rules[512];
		struct parse_counts counts;
		snprintf(marking, sizeof marking,
			i % 2 ? "\"granular_markings\":[{\"marking_ref\":\"marking-definition--%s\",\"selectors\":["
				"\"pattern\"]}]"
			      : "\"object_marking_refs\":[\"x\",\"marking-definition--%s\"]",
			cases[i / 2].id);
		snprintf(text, sizeof text,
			"[" INDICATOR("1", "\"pattern\":\"[domain-name:value='a.example']\",%s") "]", marking);
		assert_int_equal(parse(text, SCOPE_EXACT, false, rules, &counts), 0);
		assert_string_equal(rules, cases[i / 2].strict ? "" : "exact:a.example");
		assert_int_equal(counts.rejected[REJECT_TLP], cases[i / 2].strict);
		assert_int_equal(parse(text, SCOPE_EXACT, true, rules, &counts), 0);
		assert_string_equal(rules, "exact:a.example");
	}
}

static void documents(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {{"{\"objects\":[]}", 0}, {"[]", 0}, {"{}", -EBADMSG}, {"{\"objects\":{}}", -EBADMSG},
		{"{\"objects\":[", -EBADMSG}, {"<html>", -EBADMSG}, {"", -EBADMSG}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char rules[512];
		struct parse_counts counts;
		assert_int_equal(parse(cases[i].text, SCOPE_SUBTREE, false, rules, &counts), cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(bounds),
		cmocka_unit_test(indicators),
		cmocka_unit_test(markings),
		cmocka_unit_test(meanings),
		cmocka_unit_test(conditions),
		cmocka_unit_test(documents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
