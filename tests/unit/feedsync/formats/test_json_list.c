/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists in JSON, read item by item: what is taken, where what is wrong stands, and what is too large. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "tests/unit/parse.h"

static const struct parse_options plain = {.field = "host"}, deep = {.field = "host", .items = "data.list"};

struct list_case {
	const char *text;
	const struct parse_options *options;
	const char *rules, *rejects;
	const char *why; /* NULL: it is a list */
};

static const struct list_case list_cases[] = {
	{"", &plain, "", "", NULL},
	{" \r\n\t", &plain, "", "", NULL},
	{"[]", &plain, "", "", NULL},
	{"\xef\xbb\xbf [ \"a.example\" ] \n", &plain, "exact:a.example", "", NULL},
	{"\xef\xbb\xbf{\"host\":\"a.example\"}\n", &plain, "exact:a.example", "", NULL},
	{"\xef\xbb[\"a.example\"]", &plain, "", "", "not JSON"},
	{"\xbf[\"a.example\"]", &plain, "", "", "not JSON"},
	{"[{\"host\":\"a.example\"},{\"host\":\"*.b.example\"}]", &plain, "exact:a.example subtree:b.example", "",
		NULL},
	{"[{\"host\":\"a.example\\u002e\"},{\"h\":{\"host\":1}},7,null,[\"x\"],\"b.example\"]", &plain,
		"exact:a.example exact:b.example", "syntax:4", NULL},
	{"[{\"host\":\"}]\\\"a.example\"},\"b.example\"]", &plain, "exact:b.example", "character", NULL},
	/* no arrays, or not quite */
	{"[", &plain, "", "", "item 1: line 1: cut off: a value expected"},
	{"[\"a.example\"", &plain, "exact:a.example", "", "line 1: cut off: ',' or ']' expected"},
	{"[\"a.example\",\n", &plain, "exact:a.example", "", "item 2: line 2: cut off: a value expected"},
	{"[\"a.example\",]", &plain, "exact:a.example", "", "item 2: line 1: a value expected near ']'"},
	{"[,]", &plain, "", "", "item 1: line 1: a value expected near ','"},
	{"[\"a.example\" \"b.example\"]", &plain, "exact:a.example", "", "',' or ']' expected near '\"'"},
	{"[\"a.example\"]]", &plain, "exact:a.example", "", "the end of the document expected near ']'"},
	{"[\"a.example\"}", &plain, "exact:a.example", "", "',' or ']' expected near '}'"},
	{"[\n{\"host\":\n\"a.example\",}\n]", &plain, "", "", "item 1: line 3, column"},
	{"[{\"host\":\"a.example\"", &plain, "", "", "item 1: line 1: cut off: the value that begins here has no end"},
	{"[\n{\"host\":\"a.example\"},\n{\"host\":\"b.example},\n{\"host\":\"c.example\"}\n]\n", &plain,
		"exact:a.example", "", "item 2: line 3: a text without the quote that ends it"},
	{"[{\"host\":\"a.example\"},\n{\"host\":\"b.example\"\n\n\n", &plain, "exact:a.example", "",
		"item 2: line 2: cut off: the value that begins here has no end"},
	{"{\"a\":\"x\r\n\",\n\"b\":[]}", &deep, "", "", "line 1: a text without the quote that ends it"},
	{"[\"a.exa", &plain, "", "", "cut off"},
	{"[\"\\", &plain, "", "", "cut off"},
	{"[tru]", &plain, "", "", "item 1: line 1, column"},
	{"[1 2]", &plain, "", "syntax", "',' or ']' expected"},
	{"[{\"host\":\"a.example\",\"host\":\"b.example\"}]", &plain, "", "", "duplicate"},
	{"7", &plain, "", "", "not JSON"},
	/* an array in objects */
	{"{\"data\":{\"n\":[1,{\"x\":[]},\"]\"],\"list\":[{\"host\":\"a.example\"}],\"m\":{}},\"z\":1.5e3}", &deep,
		"exact:a.example", "", NULL},
	{"{\"d\\u0061ta\":{\"list\":[\"a.example\"]}}", &deep, "exact:a.example", "", NULL},
	{"{\"data\":{\"list\":[]}}", &deep, "", "", NULL},
	{"{}", &deep, "", "", "no \"data\""},
	{"{\"data\":{}}", &deep, "", "", "no \"list\""},
	{"{\"data.list\":[]}", &deep, "", "", "no \"data\""},
	{"{\"data\":[]}", &deep, "", "", "an object expected near '['"},
	{"{\"data\":{\"list\":7}}", &deep, "", "", "the array of items expected near '7'"},
	{"[]", &deep, "", "", "an object expected near '['"},
	{"{\"data\":{\"list\":[]},\"data\":{\"list\":[]}}", &deep, "", "", "a second \"data\""},
	{"{\"data\":{\"list\":[]}", &deep, "", "", "cut off"},
	{"{\"data\":{\"list\":[]}}x", &deep, "", "", "the end of the document"},
	{"{\"data\":{\"list\":[]},}", &deep, "", "", "a member's name expected near '}'"},
	{"{\"data\" {\"list\":[]}}", &deep, "", "", "':' expected"},
	{"{\"x\":[1,],\"data\":{\"list\":[]}}", &deep, "", "", "a value expected near ']'"},
	{"{\"x\":{\"y\":1,},\"data\":{\"list\":[]}}", &deep, "", "", "a string expected near '}'"},
	{"{\"x\":{\"y\" 1},\"data\":{\"list\":[]}}", &deep, "", "", "':' expected"},
	{"{\"x\":{y:1},\"data\":{\"list\":[]}}", &deep, "", "", "a string expected near 'y'"},
	{"{\"x\":01,\"data\":{\"list\":[]}}", &deep, "", "", "line 1, column"},
	{"{\"x\":[1}", &deep, "", "", "',' or ']' expected near '}'"},
	/* an object a line */
	{"{\"host\":\"a.example\"}\r\n\n \t\r\n{\"host\":\"b.example\"}", &plain, "exact:a.example exact:b.example", "",
		NULL},
	{"{\"host\":\"a.example\"}\n{\"host\":\n{\"host\":\"b.example\"} x\n{}\n[]\n{\"host\":\"c.example\"}", &plain,
		"exact:a.example exact:c.example", "syntax:4", NULL},
};

static void lists(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof list_cases / sizeof *list_cases; i++) {
		const struct list_case *c = &list_cases[i];
		char rejects[256];
		struct parsed p = parse_octets("json", c->options, c->text, strlen(c->text));
		if (p.status != (c->why ? -EBADMSG : 0) || (c->why && !strstr(p.why.text, c->why)) ||
			strcmp(p.rules.text, c->rules) != 0 || strcmp(rejects_of(&p.counts, rejects), c->rejects) != 0)
			fail_msg("%s: %d %s \"%s\", rejected \"%s\"", c->text, p.status, p.why.text, p.rules.text,
				rejects_of(&p.counts, rejects));
	}
}

static void places(void **state)
{
	(void)state;
	static const char array[] = "[\n\"a.example\",\n\n{\"host\":\n\"b..example\"}]";
	struct parsed p = parse_octets("json", &plain, array, sizeof array - 1);
	assert_int_equal(p.samples.count, 1);
	assert_string_equal(p.samples.sample[0].text, "doc:4 item 2: b..example");
	static const char lines[] = "\n\n{\"host\":\"a.example\"}\n\n{\"host\":\"b..example\"}\n{\"a\0b\":1}\n";
	p = parse_octets("json", &plain, lines, sizeof lines - 1);
	assert_int_equal(p.samples.count, 2);
	assert_string_equal(p.samples.sample[0].text, "doc:5: b..example");
	assert_memory_equal(p.samples.sample[1].text, "doc:6: ", 7);
}

/* One item, or line, as large as it may be, and one octet larger. */
static void too_large(void **state)
{
	(void)state;
	char *text = malloc(MAX_JSON_ITEM + 100);
	for (unsigned more = 0; more < 2; more++) {
		static const char start[] = "{\"host\":\"a.example\",\"x\":\"";
		size_t size = MAX_JSON_ITEM + more;
		memset(text, 'x', size + 1);
		text[0] = '[';
		memcpy(text + 1, start, sizeof start - 1);
		memcpy(text + 1 + size - 2, "\"}]", 3);
		struct parsed p = parse_octets("json", &plain, text, size + 2);
		assert_int_equal(p.status, more ? -EBADMSG : 0);
		if (more)
			assert_non_null(strstr(p.why.text, "a value of more than"));
		assert_int_equal(p.counts.entries, !more);
		/* As a line, it is lost alone. */
		size_t length = size + 1;
		length += (size_t)sprintf(text + length, "\n{\"host\":\"b.example\"}\n");
		p = parse_octets("json", &plain, text + 1, length - 1);
		assert_int_equal(p.status, 0);
		assert_int_equal(p.counts.entries, 2 - more);
		assert_int_equal(p.counts.rejected[REJECT_LONG_LINE], more);
	}
	/* Deep nesting is refused, not followed. */
	memset(text, '[', MAX_JSON_ITEM);
	assert_int_equal(parse_octets("json", &plain, text, MAX_JSON_ITEM).status, -EBADMSG);
	memcpy(text, "{\"x\":", 5);
	struct parsed p = parse_octets("json", &deep, text, MAX_JSON_ITEM);
	assert_int_equal(p.status, -EBADMSG);
	assert_non_null(strstr(p.why.text, "deeper than"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(places),
		cmocka_unit_test(too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
