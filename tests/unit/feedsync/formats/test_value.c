/* SPDX-License-Identifier: BSD-3-Clause */
/* Names as people write them: refanged, with ports, as URLs, behind "*.". */
#include "tests/unit/parse.h"
#include "feedsync/formats/value.h"

static const struct parse_options names = {.scope = SCOPE_EXACT}, refanged = {.refang = true}, ports = {.ports = true},
				  urls = {.urls = true}, pages = {.urls = true, .pages = true},
				  all = {.urls = true, .pages = true, .refang = true}, below = {.below = true},
				  both = {.refang = true, .ports = true};

static void values(void **state)
{
	(void)state;
	static const struct {
		const struct parse_options *options;
		const char *text, *rules, *rejects;
	} cases[] = {
		{&names, "evil[.]example", "", "character"},
		{&refanged, " evil[.]example ", "exact:evil.example", ""},
		{&refanged, "*[.]evil(dot)example", "subtree:evil.example", ""},
		{&refanged, "hxxp://evil[.]example", "", "url"},
		{&refanged, "evil[.][.]example", "", "empty_label"},
		{&ports, "evil.example:8080", "exact:evil.example", ""},
		{&ports, "evil.example", "exact:evil.example", ""},
		{&ports, "evil.example:", "", "character"},
		{&ports, "evil.example:123456", "", "port"},
		{&ports, "evil.example:80x", "", "character"},
		{&ports, "evil.example:80:80", "", "address"},
		{&ports, "192.0.2.1:80", "", "address"},
		{&ports, "[2001:db8::1]:443", "", "address"},
		{&ports, ":80", "", "single_label"},
		{&ports, "*.evil.example:80", "subtree:evil.example", ""},
		{&both, "evil[.]example[:]80", "exact:evil.example", ""},
		{&below, "*.evil.example", "below:evil.example", ""},
		{&below, "evil.example", "exact:evil.example", ""},
		{&urls, "http://Evil.example./", "exact:evil.example", ""},
		{&urls, "https://u:p@evil.example:8443", "exact:evil.example", ""},
		{&urls, "evil.example", "exact:evil.example", ""},
		{&urls, "http://evil.example/login", "", "path"},
		{&urls, "http://evil.example/?q", "", "path"},
		{&urls, "http://192.0.2.1/", "", "address"},
		{&urls, "http://[2001:db8::1]/", "", "address"},
		{&urls, "hxxp://evil[.]example/", "", "character"},
		{&pages, "http://evil.example/login?a=b#c", "exact:evil.example", ""},
		{&pages, "http://192.0.2.1/x", "", "address"},
		{&pages, "http:///evil.example", "exact:evil.example", ""}, /* as browsers read it */
		{&urls, "https://files.example/#!abc", "", "path"},
		{&urls, "https://files.example/?", "", "path"},
		{&pages, "http://", "", "syntax"},
		{&all, "hxxps://evil[.]example/x", "exact:evil.example", ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[256], rejects[256];
		struct parsed p = parse_octets("domains", cases[i].options, cases[i].text, strlen(cases[i].text));
		if (p.status != 0 || strcmp(p.rules.text, cases[i].rules) != 0 ||
			strcmp(rejects_of(&p.counts, rejects), cases[i].rejects) != 0)
			fail_msg("%s: \"%s\", rejected \"%s\"", cases[i].text, p.rules.text,
				rejects_of(&p.counts, rejects));
		/* In the formats with fields it is the same. */
		struct parse_options options = *cases[i].options;
		options.field = "host";
		snprintf(text, sizeof text, "host\n\"%s\"\n", cases[i].text);
		struct parsed csv = parse_octets("csv", &options, text, strlen(text));
		snprintf(text, sizeof text, "[{\"host\":\"%s\"}]", cases[i].text);
		struct parsed json = parse_octets("json", &options, text, strlen(text));
		assert_string_equal(csv.rules.text, p.rules.text);
		assert_string_equal(json.rules.text, p.rules.text);
	}
}

/* However long a URL is, its host stands in front. */
static void long_ones(void **state)
{
	(void)state;
	char text[4000];
	memset(text, 'a', sizeof text);
	memcpy(text, "http://evil.example/", 20);
	static const struct {
		const struct parse_options *options;
		const char *rules, *rejects;
	} cases[] = {{&refanged, "", "url"}, {&ports, "", "url"}, {&urls, "", "path"},
		{&pages, "exact:evil.example", ""}, {&all, "exact:evil.example", ""}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t length = 2040; length < sizeof text; length += length < 2060 ? 1 : 97) {
			char rejects[256];
			struct parsed p = parse_octets("domains", cases[i].options, text, length);
			assert_int_equal(p.status, 0);
			assert_string_equal(p.rules.text, cases[i].rules);
			assert_string_equal(rejects_of(&p.counts, rejects), cases[i].rejects);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
