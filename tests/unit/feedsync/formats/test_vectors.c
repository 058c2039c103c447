/* SPDX-License-Identifier: BSD-3-Clause */
/* The defects that real lists have, one numbered case each, through the real parsers and the guard for public suffixes. */
#include <errno.h>
#include <unistd.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/guard/guard.h"
#include "tests/unit/parse.h"

#define SOA "$ORIGIN rpz.zone.\n@ SOA localhost. root.localhost. 1 2 3 4 5\n"
#define EXACT .scope = SCOPE_EXACT
#define SUBTREE .scope = SCOPE_SUBTREE
#define THREATFOX "# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"tags\"\n"

static const char *const is_domain[] = {"ioc_type=domain"};

static const struct vector {
	unsigned number;
	const char *format;
	struct parse_options options;
	const char *text, *rules, *rejects;
} vectors[] = {
	{1, "hosts", {EXACT}, "0.0.0.0 evil.example # note", "exact:evil.example", ""},
	{2, "hosts", {EXACT}, "127.0.0.1\ta.example b.example", "exact:a.example exact:b.example", ""},
	{3, "hosts", {EXACT}, "0.0.0.0 0.0.0.0\n::1 ip6-localhost\nfe80::1%lo0 localhost", "", ""},
	{4, "hosts", {EXACT}, "0.0.0.0 103.27.52.92", "", "address"},
	{5, "hosts", {EXACT}, "203.0.113.9 good.example", "", "redirect"},
	{6, "hosts", {EXACT}, "127.0.0.1 localhost #[IPv4]", "", ""},
	{7, "domains", {EXACT}, "Evil.Example.", "exact:evil.example", ""},
	{8, "domains", {EXACT}, "xn--ker-ina.example    # was: ker\xc3\xb3.example", "exact:xn--ker-ina.example", ""},
	{9, "domains", {EXACT},
		"b\xc3\xbc"
		"cher.example",
		"exact:xn--bcher-kva.example", ""},
	{10, "domains", {EXACT}, "_slp._tcp.evil.example", "exact:_slp._tcp.evil.example", ""},
	{11, "domains", {EXACT}, "smartprince111111", "", "single_label"},
	{12, "domains", {SUBTREE}, "co.uk\ndynamic.example\na.dynamic.example", "subtree:a.dynamic.example",
		"public_suffix:2"},
	{12, "domains", {EXACT}, "*.dynamic.example", "", "public_suffix"},
	{12, "domains", {EXACT, .below = true}, "*.dynamic.example", "", "public_suffix"},
	{13, "domains", {EXACT},
		"a..b.example\n.b.example\n"
		"1234567890123456789012345678901234567890123456789012345678901234.example",
		"", "empty_label:2 long_label"},
	{14, "domains", {EXACT}, "1.2.3.44\n[2001:db8::1]:443\nevil.example:8080", "", "address:2 port"},
	{14, "domains", {EXACT, .ports = true}, "1.2.3.44\n1.2.3.44:80\n[2001:db8::1]:443\nevil.example:8080",
		"exact:evil.example", "address:3"},
	{15, "domains", {EXACT}, "hxxp://evil[.]example/x", "", "url"},
	{15, "domains", {EXACT, .urls = true, .pages = true, .refang = true}, "hxxp://evil[.]example/x",
		"exact:evil.example", ""},
	{16, "domains", {EXACT, .urls = true}, "http://evil.example/\nhttp://documents.example/evil",
		"exact:evil.example", "path"},
	{16, "domains", {EXACT, .urls = true, .pages = true}, "http://evil.example/x\nhttp://documents.example/evil",
		"exact:evil.example", "guarded"},
	{17, "domains", {EXACT}, "*.evil.example", "subtree:evil.example", ""},
	{17, "domains", {EXACT, .below = true}, "*.evil.example", "below:evil.example", ""},
	{18, "domains", {EXACT}, "ads*.evil.example\n*sex*", "", "pattern:2"},
	{19, "adblock", {SUBTREE}, "||evil.example^\n||evil.example^$important",
		"subtree:evil.example subtree:evil.example", ""},
	{20, "adblock", {SUBTREE}, "@@||good.example^", "except-subtree:good.example", ""},
	{21, "adblock", {SUBTREE}, "||evil.example^$third-party\nevil.example##.ad\n/re.*/\n||evil.example^/path", "",
		"pattern:2 option:2"},
	{22, "adblock", {SUBTREE}, "[Adblock Plus]\n! Title: x\n# also seen", "", ""},
	{23, "dnsmasq", {SUBTREE}, "address=/evil.example/#\nserver=/evil.example/\nlocal=/a.example/b.example/",
		"subtree:evil.example subtree:evil.example subtree:a.example subtree:b.example", ""},
	{24, "unbound", {SUBTREE}, "local-zone: \"evil.example.\" always_null", "subtree:evil.example", ""},
	{25, "unbound", {SUBTREE}, "local-data: \"evil.example A 0.0.0.0\"", "exact:evil.example", ""},
	/* exact and below are together the subtree: test_table */
	{26, "rpz", {.below = true}, SOA "evil.example CNAME .\n*.evil.example CNAME .",
		"exact:evil.example below:evil.example", ""},
	{27, "rpz", {.below = true}, SOA "32.4.3.2.1.rpz-ip CNAME .\nx.rpz-nsdname CNAME .", "", "trigger:2"},
	{28, "rpz", {.below = true}, SOA "good.example CNAME rpz-passthru.", "except-exact:good.example", ""},
	{29, "rpz", {.below = true}, SOA "evil.example.rpz.zone. CNAME .", "exact:evil.example", ""},
	{29, "rpz", {.below = true},
		"$ORIGIN other.\n@ SOA localhost. root.localhost. 1 2 3 4 5\n"
		"evil.example.rpz.zone. CNAME .\nevil.example CNAME .",
		"exact:evil.example", "outside"},
	{30, "csv", {EXACT, .field = "ioc_value", .where = is_domain, .where_count = 1},
		THREATFOX "\"2026-08-16 04:39:22\", \"18\", \"c2.example\", \"domain\", \"x\"\n", "exact:c2.example",
		""},
	{31, "csv", {EXACT, .field = "ioc_value", .where = is_domain, .where_count = 1},
		THREATFOX "\"2026\", \"1\", \"c2.example\", \"domain\", \"a,b \"\"c\"\", d\"\n\"2026\", \"2\", \"x\", "
			  "\"url\", \"\"\n",
		"exact:c2.example", "condition"},
	{33, "domains", {EXACT}, "\xef\xbb\xbfone.example\r\ntwo.example\rthree.example",
		"exact:one.example exact:two.example exact:three.example", ""},
};

static struct guard *guard;
static struct guard_config guard_config;

static char *temporary(const char *text)
{
	static char paths[2][32];
	static unsigned count;
	char *path = paths[count++];
	snprintf(path, sizeof *paths, "/tmp/weir-unit-XXXXXX");
	int fd = mkstemp(path);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static int load_guard(void **state)
{
	(void)state;
	static const char *names[1];
	struct why why;
	char *suffixes = temporary("// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n// ===END ICANN DOMAINS===\n"
				   "// ===BEGIN PRIVATE DOMAINS===\ndynamic.example\n// ===END PRIVATE DOMAINS===\n");
	names[0] = temporary("documents.example\n");
	guard_config.suffix_list = suffixes;
	guard_config.names = names;
	guard_config.names_count = 1;
	int status = guard_new(&guard, &guard_config, &why);
	unlink(suffixes);
	unlink(names[0]);
	return status;
}

static int free_guard(void **state)
{
	(void)state;
	guard_free(&guard);
	return 0;
}

static void lists(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct vector *v = &vectors[i];
		struct parsed p = {0};
		struct sink sink = {.take = collect, .context = &p.rules, .guard = guard, .tally = &p.tally};
		char rejects[256];
		FILE *in = fmemopen((void *)v->text, strlen(v->text), "r");
		p.status = parse_stream(v->format, in, &v->options, &sink, &p.why);
		fclose(in);
		if (p.status != 0 || strcmp(p.rules.text, v->rules) != 0 ||
			strcmp(rejects_of(&p.tally, rejects), v->rejects) != 0)
			fail_msg("vector %u: %d %s \"%s\", rejected \"%s\"", v->number, p.status, p.why.text,
				p.rules.text, rejects_of(&p.tally, rejects));
	}
}

/* 32: numbers and booleans as strings, and the other way round. */
static void event(void **state)
{
	(void)state;
	static const struct {
		const char *attribute, *rules, *rejects;
	} cases[] = {
		{"\"to_ids\":\"1\",\"timestamp\":1773835200,\"deleted\":0", "subtree:evil.example", ""},
		{"\"to_ids\":\"0\",\"timestamp\":\"1773835200\",\"deleted\":\"0\"", "", "not_ids"},
		{"\"to_ids\":1,\"timestamp\":\"1773835200\",\"deleted\":\"1\"", "", "deleted"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[512], rejects[256];
		struct parsed p = {0};
		struct sink sink = {.take = collect, .context = &p.rules, .guard = guard, .tally = &p.tally};
		const struct parse_options options = {SUBTREE};
		const struct parse parse = {.document = "doc", .options = &options, .sink = &sink};
		snprintf(text, sizeof text,
			"{\"Event\":{\"uuid\":\"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11\",\"Attribute\":[{\"type\":"
			"\"domain\",\"value\":\"evil.example\",%s}]}}",
			cases[i].attribute);
		struct node *node = json_parse(text, strlen(text), &p.why);
		assert_int_equal(misp_event_rules(misp_event(node), &parse), 0);
		assert_string_equal(p.rules.text, cases[i].rules);
		assert_string_equal(rejects_of(&p.tally, rejects), cases[i].rejects);
		node_free(node);
	}
}

/* 33: in every format read by lines, what is no line is lost alone, and what is no list as a whole. */
static void any_list(void **state)
{
	(void)state;
	static const struct {
		const char *format, *line;
	} cases[] = {{"domains", "evil.example"}, {"hosts", "0.0.0.0 evil.example"}, {"adblock", "||evil.example^"},
		{"dnsmasq", "address=/evil.example/"}, {"unbound", "local-data: \"evil.example A 0.0.0.0\""}};
	enum { SIZE = 1100000 };
	char *text = malloc(SIZE), rejects[256];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct parse_options options = {EXACT};
		size_t length = (size_t)sprintf(text, "\xef\xbb\xbf%s\r\nnul", cases[i].line);
		text[length++] = '\0';
		length += (size_t)sprintf(text + length, "x.example\n");
		memset(text + length, 'x', 1000000);
		length += 1000000;
		length += (size_t)sprintf(text + length, "\r%s", cases[i].line);
		struct parsed p = parse_octets(cases[i].format, &options, text, length);
		assert_int_equal(p.status, 0);
		assert_int_equal(p.tally.entries, 2);
		assert_string_equal(rejects_of(&p.tally, rejects), "long_line nul");
		static const char page[] = "<!DOCTYPE html>\n<html>login</html>\n";
		assert_int_equal(parse_octets(cases[i].format, &options, page, sizeof page - 1).status, -EBADMSG);
	}
	free(text);
	static const char page[] = "<html>\n";
	const struct parse_options fields = {EXACT, .field = "host"};
	static const char *const others[] = {"csv", "json", "rpz"};
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(parse_octets(others[i], &fields, page, sizeof page - 1).status, -EBADMSG);
}

static void all_numbers(void **state)
{
	(void)state;
	for (unsigned number = 1; number <= 33; number++) {
		bool there = number == 32;
		for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++)
			there |= vectors[i].number == number;
		if (!there)
			fail_msg("no vector %u", number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(event),
		cmocka_unit_test(any_list),
		cmocka_unit_test(all_numbers),
	};
	return cmocka_run_group_tests(tests, load_guard, free_guard);
}
