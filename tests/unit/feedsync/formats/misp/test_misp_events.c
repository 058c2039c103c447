/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/registry.h"

static struct node *parse(const char *text)
{
	struct why why;
	struct node *node = json_parse(text, strlen(text), &why);
	if (!node)
		fail_msg("%s: %s", text, why.text);
	return node;
}

static void envelopes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool found;
	} cases[] = {
		{"{\"Event\":{\"uuid\":\"x\",\"info\":\"\"}}", true},
		{"{\"response\":[{\"Event\":{\"uuid\":\"x\",\"info\":\"\"}}]}", true},
		{"{\"response\":{\"Event\":{\"uuid\":\"x\",\"info\":\"\"}}}", true},
		{"[{\"Event\":{\"uuid\":\"x\",\"Attribute\":[]}}]", true},
		{"{\"uuid\":\"x\",\"Object\":[]}", true},
		{"[{\"Event\":{\"info\":\"\"}},{\"Event\":{\"info\":\"\"}}]", false},
		{"{}", false},
		{"[]", false},
		{"[[]]", false},
		{"{\"Event\":[]}", false},
		{"{\"response\":[]}", false},
		{"{\"errors\":\"no\"}", false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct node *node = parse(cases[i].text);
		const struct node *event = misp_event(node);
		if ((event != NULL) != cases[i].found)
			fail_msg("%s", cases[i].text);
		if (event && node_get(event, "uuid"))
			assert_string_equal(node_text(node_get(event, "uuid"), NULL), "x");
		node_free(node);
	}
	assert_null(misp_event(NULL));
}

static int collect(void *context, const struct rule *rule)
{
	char *text = context, name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	snprintf(text + strlen(text), 256 - strlen(text), "%s%s:%s", text[0] ? " " : "", scope_text(rule->scope), name);
	return 0;
}

/* An attribute, what comes of it, and why it is rejected (-1: it is not). */
static const struct {
	const char *attribute, *rules;
	int reject;
} attribute_cases[] = {
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true", "subtree:a.example", -1},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":\"1\",\"deleted\":0", "subtree:a.example", -1},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":1,\"deleted\":false,\"Tag\":null", "subtree:a.example",
		-1},
	{"\"type\":\"hostname\",\"value\":\"a.example\",\"to_ids\":\"true\"", "exact:a.example", -1},
	{"\"type\":\"domain|ip\",\"value\":\"a.example|192.0.2.1\",\"to_ids\":true", "subtree:a.example", -1},
	{"\"type\":\"hostname|port\",\"value\":\"a.example\",\"to_ids\":true", "exact:a.example", -1},
	{"\"type\":\"domain\",\"value\":\"a.example\"", "", REJECT_NOT_IDS},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":\"0\"", "", REJECT_NOT_IDS},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"deleted\":\"1\"", "", REJECT_DELETED},
	{"\"type\":\"url\",\"value\":\"http://a.example:8080/\",\"to_ids\":true", "exact:a.example", -1},
	{"\"type\":\"url\",\"value\":\"http://a.example/login\",\"to_ids\":true", "", REJECT_PATH},
	{"\"type\":\"url\",\"value\":\"http://192.0.2.1/\",\"to_ids\":true", "", REJECT_ADDRESS},
	{"\"type\":\"url\",\"value\":\"mailto:a@a.example\",\"to_ids\":true", "", REJECT_SYNTAX},
	{"\"type\":\"url\",\"value\":\"http://a.example/\"", "", REJECT_NOT_IDS},
	{"\"type\":\"uri\",\"value\":\"/login\",\"to_ids\":true", "", REJECT_TYPE},
	{"\"type\":7,\"value\":\"a.example\",\"to_ids\":true", "", REJECT_SYNTAX},
	{"\"type\":\"domain\",\"value\":[\"a.example\"],\"to_ids\":true", "", REJECT_SYNTAX},
	{"\"type\":\"domain\",\"value\":\"a\\u0000.example\",\"to_ids\":true", "", REJECT_NUL},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":[{\"name\":\"PAP:RED\"}]", "",
		REJECT_PAP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":[7,{},{\"name\":7},{\"name\":"
	 "\"TLP:red\"}]",
		"", REJECT_TLP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"TLP: AMBER + STRICT\"", "", REJECT_TLP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"TLP RED, for us only\"", "",
		REJECT_TLP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"pap-amber\"", "", REJECT_PAP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"tlp:redacted\"", "subtree:a.example",
		-1},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"tlp:amber\"", "subtree:a.example", -1},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":{\"name\":\"tlp:red \"}", "", REJECT_TLP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":\"tlp:red\"", "", REJECT_TLP},
	{"\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true,\"Tag\":[\"workflow:state=Draft\"]", "",
		REJECT_WORKFLOW},
};

/* Attributes as they come; the whole set of rules is tried by the system tests. */
static void attributes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof attribute_cases / sizeof *attribute_cases; i++) {
		char text[512], rules[256] = "";
		snprintf(text, sizeof text, "{\"Attribute\":[{%s}]}", attribute_cases[i].attribute);
		struct node *node = parse(text);
		struct parse_counts counts = {0};
		struct sink sink = {.take = collect, .context = rules, .counts = &counts};
		const struct parse_options options = {.scope = SCOPE_SUBTREE};
		const struct parse parse = {.document = "doc", .options = &options, .sink = &sink};
		assert_int_equal(misp_event_rules(misp_event(node), &parse), 0);
		if (strcmp(rules, attribute_cases[i].rules) != 0)
			fail_msg("%s: \"%s\"", text, rules);
		if (counts_rejected(&counts) != (attribute_cases[i].reject >= 0) ||
			(attribute_cases[i].reject >= 0 && !counts.rejected[attribute_cases[i].reject]))
			fail_msg("%s: rejected otherwise", text);
		node_free(node);
	}
}

/* Answers of attributes/restSearch: how many attributes, -1 = it is none; and the rules. */
static void answers(void **state)
{
	(void)state;
#define ATTRIBUTE "\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":true"
	static const struct {
		const char *text;
		int count;
		const char *rules;
	} cases[] = {
		{"{\"response\":{\"Attribute\":[{" ATTRIBUTE "}]}}", 1, "subtree:a.example"},
		{"{\"Attribute\":[{" ATTRIBUTE "},7,null]}", 3, "subtree:a.example"},
		{"{\"response\":{\"Attribute\":[]}}", 0, ""},
		{"{\"response\":[]}", 0, ""},
		{"{\"response\":[{" ATTRIBUTE "}]}", -1, ""},
		{"{\"response\":{\"Attribute\":{}}}", -1, ""},
		{"{\"message\":\"no\"}", -1, ""},
		{"[]", -1, ""},
		/* the event's tags and state */
		{"{\"Attribute\":[{" ATTRIBUTE ",\"Tag\":[{\"name\":\"tlp:red\",\"inherited\":1}]}]}", 1, ""},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"Event\":{\"Tag\":[{\"name\":\"PAP:RED\"}]}}]}", 1, ""},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"Event\":{\"published\":false}}]}", 1, ""},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"Event\":{\"published\":\"1\"}}]}", 1, "subtree:a.example"},
		/* roles in an object that has no name here */
		{"{\"Attribute\":[{" ATTRIBUTE ",\"object_relation\":\"domain\",\"Object\":{\"id\":\"1\"}}]}", 1,
			"subtree:a.example"},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"object_relation\":null}]}", 1, "subtree:a.example"},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"object_relation\":\"ns-record\",\"Object\":{\"id\":\"1\"}}]}", 1,
			""},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"object_relation\":\"domain\",\"Object\":{\"name\":\"victim\"}}]}", 1,
			""},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"object_relation\":\"d\",\"Object\":{\"name\":\"other\"}}]}", 1,
			"subtree:a.example"},
		{"{\"Attribute\":[{" ATTRIBUTE ",\"Object\":{\"deleted\":true}}]}", 1, ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char rules[256] = "";
		struct node *node = parse(cases[i].text);
		const struct node *list = misp_attributes(node);
		struct parse_counts counts = {0};
		struct sink sink = {.take = collect, .context = rules, .counts = &counts};
		const struct parse_options options = {.scope = SCOPE_SUBTREE};
		const struct parse parse = {.document = "doc", .options = &options, .sink = &sink};
		if ((list ? (int)node_count(list) : -1) != cases[i].count)
			fail_msg("%s", cases[i].text);
		for (size_t a = 0; a < node_count(list); a++)
			assert_int_equal(misp_attribute_rules(node_at(list, a), &parse), 0);
		if (strcmp(rules, cases[i].rules) != 0)
			fail_msg("%s: \"%s\"", cases[i].text, rules);
		node_free(node);
	}
}

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What a signed manifest vouches by; what is no digest is not told. */
static void integrity(void **state)
{
	(void)state;
	static const struct {
		const char *text, *sha256;
	} cases[] = {
		{"\"" SUM "\"", SUM},
		{"\"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdeF\"", SUM},
		{"\"0" SUM "\"", ""},
		{"\"0123456789abcdef\"", ""},
		{"\"g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"", ""},
		{"\" 123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"", ""},
		{"\"\"", ""},
		{"5", ""},
		{"null", ""},
		{"[\"" SUM "\"]", ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[256];
		struct manifest_entry *entries;
		size_t count;
		struct why why;
		snprintf(text, sizeof text, "{\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11\":{\"integrity:sha256\":%s}}",
			cases[i].text);
		struct node *node = parse(text);
		assert_int_equal(misp_manifest(node, &entries, &count, &why), 0);
		assert_int_equal(count, 1);
		assert_string_equal(entries[0].sha256, cases[i].sha256);
		free(entries);
		node_free(node);
	}
}

static void manifests(void **state)
{
	(void)state;
	struct why why;
	struct manifest_entry *entries;
	size_t count;
	struct node *node = parse("{\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11\":{\"timestamp\":\"1773838800\"},"
				  "\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c12\":{\"timestamp\":5},"
				  "\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c13\":[]}");
	assert_int_equal(misp_manifest(node, &entries, &count, &why), 0);
	assert_int_equal(count, 3);
	assert_int_equal(entries[0].timestamp, 1773838800);
	assert_int_equal(entries[1].timestamp, 5);
	assert_int_equal(entries[2].timestamp, 0);
	free(entries);
	node_free(node);
	static const char *const bad[] = {
		"[]", "{\"0\":{}}", "{\"../x\":{}}", "{\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11\":{},\"x\":{}}"};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct why reason;
		const char *text = bad[i];
		node = json_parse(text, strlen(text), &reason);
		/* jansson takes no lone value at the top: that is refused one step earlier */
		if (node)
			assert_int_equal(misp_manifest(node, &entries, &count, &why), -EBADMSG);
		node_free(node);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes),
		cmocka_unit_test(attributes),
		cmocka_unit_test(answers),
		cmocka_unit_test(manifests),
		cmocka_unit_test(integrity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
