/* SPDX-License-Identifier: BSD-3-Clause */
/* Response policy zones: what is refused as a whole. What a zone gives: tests/data/formats/rpz. */
#include <errno.h>

#include "tests/unit/parse.h"

#define SOA "$TTL 300\n@ SOA localhost. root.localhost. (1 2h\n 30m 30d 1h)\n NS localhost.\n"
#define IN_ZONE "$ORIGIN rpz.zone.\n" SOA

static void places(void **state)
{
	(void)state;
	static const char text[] = IN_ZONE "\n; comment\nx.other. CNAME .\n\n192.0.2.1 CNAME .";
	const struct parse_options options = {.below = true};
	struct parsed p = parse_octets("rpz", &options, text, sizeof text - 1);
	assert_int_equal(p.samples.count, 2);
	assert_string_equal(p.samples.sample[0].text, "doc:8: x.other");
	assert_string_equal(p.samples.sample[1].text, "doc:10: 192.0.2.1");
}

static void no_zones(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t length; /* 0: up to its end */
		const char *why;
	} cases[] = {
		{"", 0, "no SOA record"},
		{"; nothing\n$TTL 5\n", 0, "no SOA record"},
		{"<!doctype html>\n<html>\n", 0, "HTML"},
		{"evil.example CNAME .\nrpz.zone. SOA a. b. 1 2 3 4 5\n", 0, "line 2: no zone: an SOA record behind"},
		{"rpz.zone. NS a.\nzone. SOA a. b. 1 2 3 4 5\n", 0, "line 2: no zone: an SOA record behind"},
		{"a..b SOA a. b. 1 2 3 4 5\n", 0, "line 1: no zone: its own name"},
		{"evil.example\nother.example\n", 0, "line "},
		{SOA "evil.example CNAME\n", 0, "line 5: no zone: "},
		{SOA "evil.example CNAME . (\nother.example CNAME .\n", 0, "no zone: "},
		{SOA "evil.example A 192.0.2.256\n", 0, "line 5: no zone: "},
		{SOA "$INCLUDE /etc/passwd\n", 0, "line 5: $INCLUDE"},
		{SOA "$GENERATE 1-9 a$ CNAME .\n", 0, "line 5: $GENERATE"},
		{"$ORIGIN a..b.\n" SOA, 0, "line 1: no zone: "},
		{"\0\0\0\2\0\0\0\1", 8, "masterfile-format"},
		{SOA "a\0b.example CNAME .\n", sizeof SOA + 20, "NUL octet"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct parse_options options = {.below = true};
		size_t length = cases[i].length ? cases[i].length : strlen(cases[i].text);
		struct parsed p = parse_octets("rpz", &options, cases[i].text, length);
		if (p.status != -EBADMSG || !strstr(p.why.text, cases[i].why))
			fail_msg("%s: %d %s", cases[i].text, p.status, p.why.text);
	}
}

static void long_lines(void **state)
{
	(void)state;
	enum { SIZE = 3000000 };
	char *text = malloc(SIZE);
	size_t length = (size_t)sprintf(text, "%s", SOA);
	memset(text + length, 'a', SIZE - length);
	memcpy(text + SIZE - 24, "\nevil.example CNAME .   \n", 24);
	const struct parse_options options = {.below = true};
	struct parsed p = parse_octets("rpz", &options, text, SIZE);
	assert_true(p.status == -EBADMSG || (p.status == 0 && p.counts.entries <= 1));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(no_zones),
		cmocka_unit_test(long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
