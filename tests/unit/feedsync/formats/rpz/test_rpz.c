/* SPDX-License-Identifier: BSD-3-Clause */
/* Response policy zones. */
#include <errno.h>

#include "tests/unit/parse.h"

#define SOA "$TTL 300\n@ SOA localhost. root.localhost. (1 2h\n 30m 30d 1h)\n NS localhost.\n"
#define IN_ZONE "$ORIGIN rpz.zone.\n" SOA

static void check(const char *text, bool below, const char *rules, const char *rejects)
{
	const struct parse_options options = {.below = below};
	char got[256];
	struct parsed p = parse_octets("rpz", &options, text, strlen(text));
	if (p.status != 0 || strcmp(p.rules.text, rules) != 0 || strcmp(rejects_of(&p.tally, got), rejects) != 0)
		fail_msg("%s: %d %s \"%s\", rejected \"%s\"", text, p.status, p.why.text, p.rules.text,
			rejects_of(&p.tally, got));
}

static void actions(void **state)
{
	(void)state;
	static const struct {
		const char *record, *rules, *rejects;
	} cases[] = {
		{"evil.example CNAME .", "exact:evil.example", ""},
		{"Evil.Example 60 IN CNAME *.", "exact:evil.example", ""},
		{"evil.example CNAME rpz-drop.", "exact:evil.example", ""},
		{"evil.example CNAME RPZ-TCP-only.", "exact:evil.example", ""},
		{"good.example CNAME rpz-passthru.", "except-exact:good.example", ""},
		{"*.good.example CNAME rpz-passthru.", "except-below:good.example", ""},
		{"good.example CNAME good.example.", "except-exact:good.example", ""}, /* the older way */
		{"*.good.example CNAME *.good.example.", "except-below:good.example", ""},
		{"evil.example CNAME rpz-unheard-of.", "", "option"},
		{"evil.example CNAME rpz-passthru.more.", "exact:evil.example", ""}, /* a name like others */
		{"evil.example CNAME garden.example.", "exact:evil.example", ""},
		{"evil.example CNAME *.garden.example.", "exact:evil.example", ""},
		{"evil.example A 192.0.2.1\n TXT \"a ; b\"", "exact:evil.example exact:evil.example", ""},
		{"evil.example TYPE65300 \\# 1 00", "exact:evil.example", ""},
		{"*.evil.example CNAME .", "below:evil.example", ""},
		{"evil.example CNAME .\n*.evil.example CNAME .", "exact:evil.example below:evil.example", ""},
		{"_x.evil.example CNAME .", "exact:_x.evil.example", ""},
		{"xn--bcher-kva.example CNAME .", "exact:xn--bcher-kva.example", ""},
		{"32.4.3.2.1.rpz-ip CNAME .\n24.0.2.0.192.rpz-client-ip CNAME .\nns.x.rpz-nsdname CNAME .\n"
		 "32.4.3.2.1.rpz-nsip CNAME .",
			"", "trigger:4"},
		{"evil.example NS ns.example.\nevil.example DNAME x.example.\n"
		 "evil.example DS 1 8 1 0123456789012345678901234567890123456789",
			"", ""},
		{"* CNAME .", "", "pattern"},
		{"com CNAME .", "", "single_label"},
		{"*.com CNAME .", "", "single_label"},
		{"a.*.evil.example CNAME .", "", "pattern"},
		{"a\\.b.example CNAME .", "", "character"},
		{"a\\000b.example CNAME .", "", "character"},
		{"192.0.2.1 CNAME .", "", "address"},
		{"evil.example CH A 192.0.2.1", "", "syntax"},
		{"a..b.example CNAME .\nevil.example CNAME .", "exact:evil.example", "syntax"},
		{"1234567890123456789012345678901234567890123456789012345678901234.example CNAME .", "", "syntax"},
		{"; comment\n\n \nevil.example CNAME . ; comment", "exact:evil.example", ""},
		{"$ORIGIN evil.example.rpz.zone.\nwww CNAME .\n$TTL 5\nftp CNAME .",
			"exact:www.evil.example exact:ftp.evil.example", ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[1024];
		snprintf(text, sizeof text, IN_ZONE "%s\n", cases[i].record);
		check(text, true, cases[i].rules, cases[i].rejects);
	}
	check(SOA "*.evil.example CNAME .", false, "subtree:evil.example", "");
}

static void owners(void **state)
{
	(void)state;
	/* A file without $ORIGIN: its names are relative to the zone. */
	check(SOA "evil.example CNAME .\n", true, "exact:evil.example", "");
	/* As servers write them: whole names; letters of any case; the SOA again at the end of a transfer. */
	check("rpz.zone. 60 IN SOA a. b. 1 2 3 4 5\nevil.example.RPZ.zone. 60 IN CNAME .\n"
	      "evil.example.other. 60 IN CNAME .\nxrpz.zone. 60 IN CNAME .\nzone. 60 IN CNAME .\n"
	      "rpz.zone. 60 IN SOA a. b. 1 2 3 4 5\n",
		true, "exact:evil.example", "outside:3");
	/* A byte order mark, and what only begins like one. */
	check("\xef\xbb\xbf" IN_ZONE "evil.example CNAME .\n", true, "exact:evil.example", "");
	check("\xef\xbb\xbf@ SOA a. b. 1 2 3 4 5\nevil.example CNAME .\n", true, "exact:evil.example", "");
	check("\xef\xbb.x. SOA a. b. 1 2 3 4 5\nevil.example.\xef\xbb.x. CNAME .\n", true, "exact:evil.example", "");
	/* A record without an owner has that of the one before; after a name that is none it has none. */
	check(SOA "evil.example CNAME .\n\tA 192.0.2.1\na..b CNAME .\n\tA 192.0.2.1\n", true,
		"exact:evil.example exact:evil.example", "syntax");
}

static void places(void **state)
{
	(void)state;
	static const char text[] = IN_ZONE "\n; comment\nx.other. CNAME .\n\n192.0.2.1 CNAME .";
	const struct parse_options options = {.below = true};
	struct parsed p = parse_octets("rpz", &options, text, sizeof text - 1);
	assert_int_equal(p.tally.sample_count, 2);
	assert_string_equal(p.tally.sample[0].text, "doc:8: x.other");
	assert_string_equal(p.tally.sample[1].text, "doc:10: 192.0.2.1");
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
		{"evil.example CNAME .\n" SOA, 0, "line 1: no zone: the first record is not an SOA"},
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
	assert_true(p.status == -EBADMSG || (p.status == 0 && p.tally.entries <= 1));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions),
		cmocka_unit_test(owners),
		cmocka_unit_test(places),
		cmocka_unit_test(no_zones),
		cmocka_unit_test(long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
