/* SPDX-License-Identifier: BSD-3-Clause */
/* Names as people write them: refanged, with ports, as URLs, behind "*.". */
#include "tests/unit/parse.h"
#include "feedsync/formats/value.h"

static void marks(void **state)
{
	(void)state;
	static const struct {
		const char *text, *plain;
	} cases[] = {
		{"", ""},
		{"evil.example", "evil.example"},
		{"evil[.]example", "evil.example"},
		{"a[.]b(.)c{.}d", "a.b.c.d"},
		{"a[dot]b(DOT)c{Dot}d", "a.b.c.d"},
		{"hxxp://evil[.]example", "http://evil.example"},
		{"hXXps[:]//evil[.]example", "https://evil.example"},
		{"hxxps[://]u[@]evil.example", "https://u@evil.example"},
		{"xhxxp.example", "xhxxp.example"},
		{"[.", "[."},
		{"[.]", "."},
		{"[::1]", "[::1]"},
		{"[[.]]", "[.]"},
		{"[do", "[do"},
		{"hxx", "hxx"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		char *text = (char *)edge_copy(cases[i].text, length);
		size_t got = value_refang(text, length);
		if (got != strlen(cases[i].plain) || memcmp(text, cases[i].plain, got) != 0)
			fail_msg("%s: %.*s", cases[i].text, (int)got, text);
		edge_free((uint8_t *)text, length);
	}
}

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
		{&urls, "hxxp://evil[.]example/", "", "syntax"},
		{&pages, "http://evil.example/login?a=b#c", "exact:evil.example", ""},
		{&pages, "http://192.0.2.1/x", "", "address"},
		{&pages, "http:///x", "", "single_label"}, /* so libcurl reads it */
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

static void long_ones(void **state)
{
	(void)state;
	char text[4000];
	memset(text, 'a', sizeof text);
	memcpy(text, "http://evil.example/", 20);
	const struct parse_options *const options[] = {&refanged, &ports, &urls, &all};
	for (unsigned i = 0; i < 4; i++)
		for (size_t length = 2040; length < 2060; length++) {
			struct parsed p = parse_octets("domains", options[i], text, length);
			assert_int_equal(p.status, 0);
			assert_int_equal(p.counts.entries + counts_rejected(&p.counts), 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
		cmocka_unit_test(values),
		cmocka_unit_test(long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
