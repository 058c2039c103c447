/* SPDX-License-Identifier: BSD-3-Clause */
/* Guessing: each way of writing a list, and what is guessed of it; and what is no list. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "feedsync/formats/guess_format.h"

/* A list: what stands before its entries, an entry, where "{}" is a name and "{#}" its number, and what stands behind. */
struct written_list {
	const char *before, *entry, *between, *after;
	const char *guessed; /* the settings; "" and a note after it where nothing is guessed */
};

static const struct written_list lists[] = {
	{"", "{}", "\n", "\n", "format: domains"},
	{"\xef\xbb\xbf# Title\r\n\r\n", "{} # note", "\r\n", "\r\n", "format: domains"},
	{"; t\r", "*.{}", "\r", "\r", "format: domains"},
	{"payload:\n", "  - '+.{}'", "\n", "\n", "format: domains"},
	{"", "DOMAIN-SUFFIX,{},REJECT", "\n", "\n", "format: domains"},
	{"include:other\n", "full:{}", "\n", "\n", "format: domains"},
	{"{+block{ads}}\n", ".{}", "\n", "\n", "format: domains"},
	{"", "http://{}/", "\n", "\n", "format: domains, values: urls"},
	{"", "http://{}/a?b={#}", "\n", "\n", "format: domains, values: urls"},
	{"plain.example\n", "https://{}", "\n", "\n", "format: domains, values: urls"},
	{"", "{}[.]example", "\n", "\n", "format: domains, refang: yes"},
	{"", "hxxp://{}[.]example/", "\n", "\n", "format: domains, values: urls, refang: yes"},
	{"", "{}:8080", "\n", "\n", "format: domains, ports: yes"},
	{"127.0.0.1 localhost\n", "0.0.0.0 {}", "\n", "\n", "format: hosts"},
	{"# http://lists.example/\n", "127.0.0.1\t{} # http://{}/", "\n", "\n", "format: hosts"},
	{"", "0 {} www.{}", "\n", "\n", "format: hosts"},
	{"[Adblock Plus 2.0]\n! Title\n", "||{}^", "\n", "\n@@||good.example^\n", "format: adblock"},
	{"x.example\n0.0.0.0 y.example\n", "||{}^", "\n", "\n##.ad\n", "format: adblock"},
	{"", "address=/{}/0.0.0.0", "\n", "\n", "format: dnsmasq"},
	{"", "server=/{}/", "\n", "\n", "format: dnsmasq"},
	{"", "address /{}/#", "\n", "\n", "format: dnsmasq"},
	{"server:\n", "local-zone: \"{}\" always_nxdomain", "\n", "\n", "format: unbound"},
	{"server:\n", "local-zone: \"{}\" redirect\nlocal-data: \"{} A 0.0.0.0\"", "\n", "\n", "format: unbound"},
	{"$TTL 60\n@ SOA localhost. root.localhost. 1 2h 30m 30d 1h\n NS localhost.\n", "{} CNAME .\n*.{} CNAME .",
		"\n", "\n", "format: rpz"},
	{"", "{}\tCNAME\t.", "\n", "\n", "format: rpz"},
	{"id,host,seen\n", "{#},{},2026-01-01", "\n", "\n", "format: csv, field: \"host\""},
	{"", "{#},{},2026-01-01", "\n", "\n", "format: csv, field: \"2\""},
	{"id;Domain\r\n", "{#};{}", "\r\n", "\r\n", "format: csv, field: \"Domain\""},
	{"", "{#}\t{}\tx", "\n", "\n", "format: csv, field: \"2\", separator: tab"},
	{"######\n# lists\n#\n# id,url,link\n", "\"{#}\",\"http://{}/\",\"https://lists.example/{#}/\"", "\n", "\n",
		"format: csv, field: \"url\", values: urls"},
	{"# \"seen\",\"value\",\"source\"\n", "\"2026-01-01\", \"{}\", \"www.lists.example\"", "\n", "\n",
		"format: csv, field: \"value\""},
	{"[", "\"{}\"", ",", "]", "format: json, field: \"name\""},
	{"[", "{\"id\":{#},\"host\":\"{}\",\"by\":\"www.lists.example\"}", ",", "]", "format: json, field: \"host\""},
	{"[\n", "{\n\"ioc\":\n{\"domain\":\"{}\"}}", ",\n", "\n]\n", "format: json, field: \"ioc.domain\""},
	{"{\"meta\":{\"n\":3},\"data\":{\"urls\":[", "{\"u\":\"http://{}/\"}", ",", "]}}",
		"format: json, field: \"u\", items: \"data.urls\", values: urls"},
	{"{\"status\":\"ok\",\"domains\":[", "\"{}\"", ",", "]}", "format: json, field: \"name\", items: \"domains\""},
	{"", "{\"ts\":{#},\"domain\":\"{}\"}", "\n", "\n", "format: json, field: \"domain\""},
	{"{", "\"{#}\":[{\"ioc\":\"{}\"}]", ",", "}", "format: json, field: \"ioc\""},
	{"{", "\"{#}\":{\"ioc\":\"{}\",\"tags\":[\"a.b\"]}", ",", "}", "format: json, field: \"ioc\""},
	{"{", "\"{}\":{\"first\":1}", ",", "}", "format: json, field: \"@key\""},
	{"[", "{\"names\":[\"{}\",\"www.{}\"]}", ",", "]", "format: json, field: \"names\""},
	{"{\"type\":\"bundle\",\"id\":\"bundle--00000000-0f5e-4a57-9f0b-0a4f8f2b7c11\",\"objects\":[",
		"{\"type\":\"indicator\",\"id\":\"indicator--00000000-0f5e-4a57-9f0b-0a4f8f2b7{#}\","
		"\"modified\":\"2026-01-01T00:00:00Z\",\"pattern_type\":\"stix\","
		"\"pattern\":\"[domain-name:value = '{}']\"}",
		",", "]}", "format: stix"},
	{"# id,url\n", "\"{#}\",\"http://{}/a/b.exe\"", "\n", "\n", "format: csv, field: \"url\", values: urls"},
	{"", "@@||{}^", "\n", "\n", "format: adblock"},
	/* What is no list, or none of which all is told by its content. */
	{"", "", "", "", ""},
	{"# nothing\n", "# here", "\n", "\n", ""},
	{"", "Please see our new home.", "\n", "\n", ""},
	{"", "192.0.2.{#}", "\n", "\n", ""},
	{"", "192.0.2.{#},\n198.51.100.0/24,", "\n", "\n", ""},
	{"com.example.service\n", "process{#}", "\n", "\n", ""},
	{"src/main.py\nsetup.py\nsrc/weir.egg-info\n", "src/file{#}", "\n", "\n", ""},
	{"msFilterList\n: Expires=1\n", "-d {}", "\n", "\n+d good.example\n", ""},
	{"@@||two.example^$1p\n", "{} www.{} image block", "\n", "\n", ""},
	{"", "{}##.advert:style(height: 1px)", "\n", "\n", ""},
	{"",
		"alert dns any any -> any any (msg:\"x {#}\"; dns.query; content:\"{}\"; "
		"reference:url,https://lists.example/{#};)",
		"\n", "\n", ""},
	{"#MD5,Family,Report\n", "\"7f83b1657ff1fc53b92dc18148a1{#}\",\"RAT\",\"see https://lists.example/{#}.html\"",
		"\n", "\n", ""},
	{"{\"about\":\"x\",\"entities\":{", "\"Name {#}\":{\"properties\":[\"{}\"],\"resources\":[\"{}\",\"www.{}\"]}",
		",", "}}", ""},
	{"", "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d67728{#}", "\n", "\n", ""},
	{"<!DOCTYPE html><title>Log in</title>\n", "{}", "\n", "\n", "an HTML or XML page, not a list"},
	{"\xff\xfe", "{}", "\n", "\n", "UTF-16 text, not a list in UTF-8"},
	{"{", "\"{#}\":{\"info\":\"x\",\"Orgc\":{\"name\":\"y\"},\"timestamp\":\"1\"}", ",", "}",
		"the manifest of a MISP feed"},
	{"{\"Event\":{\"Attribute\":[", "{\"value\":\"{}\"}", ",", "]}}", "an event of MISP"},
	{"{\"description\":\"x\",\"list\":[", "\"{}\"", ",", "]}", "against false positives"},
	{"{\"title\":\"t\",\"api_roots\":[", "\"https://{}/api/\"", ",", "]}", "a TAXII server"},
};

static char path[] = "/tmp/test-guess-XXXXXX";

static void put_entry(FILE *out, const char *entry, unsigned number)
{
	for (const char *c = entry; *c; c++) {
		if (strncmp(c, "{}", 2) == 0) {
			fprintf(out, "host%u.zone%u.example", number, number % 7);
			c++;
		} else if (strncmp(c, "{#}", 3) == 0) {
			fprintf(out, "%u", 100 + number);
			c += 2;
		} else {
			putc(*c, out);
		}
	}
}

static void write_entries(const struct written_list *list, unsigned count)
{
	FILE *out = fopen(path, "we");
	assert_non_null(out);
	fputs(list->before, out);
	for (unsigned i = 0; i < count; i++) {
		fputs(i > 0 ? list->between : "", out);
		put_entry(out, list->entry, i);
	}
	fputs(list->after, out);
	assert_int_equal(fclose(out), 0);
}

static void check_guess(const struct written_list *list, unsigned count)
{
	struct guess guess;
	struct why why;
	char words[GUESS_WORDS] = "";
	write_entries(list, count);
	assert_int_equal(guess_format(path, &guess, &why), 0);
	if (guess.format)
		guess_words(&guess, words);
	bool known = strncmp(list->guessed, "format: ", 8) == 0;
	bool right = known ? strcmp(words, list->guessed) == 0
			   : !guess.format && strstr(guess.note, list->guessed) && !list->guessed[0] == !guess.note[0];
	if (!right)
		fail_msg("%u of \"%s%s\": \"%s\" %s", count, list->before, list->entry, words, guess.note);
}

static void guessed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
		check_guess(&lists[i], 5);
		check_guess(&lists[i], 150);
	}
}

/* Only the beginning of a list is looked at, and a document may be cut there anywhere. */
static void long_lists(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
		if (lists[i].guessed[0] && strchr("{[<i0", lists[i].before[0]) && lists[i].before[0])
			check_guess(&lists[i], 4000);
}

/* A text has a length, and no NUL at its end. */
static void ends(void **state)
{
	(void)state;
	static const char *const texts[] = {"#", "## ##  ", "[", "{\"a\":", "a.example", "x://", ";", "\n\n", "@@",
		"a,b", "{\"a\\nb\":\"x.example\"}"};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct guess guess;
		struct why why;
		size_t length = strlen(texts[i]);
		char *text = malloc(length);
		assert_non_null(text);
		memcpy(text, texts[i], length);
		for (int cut = 0; cut < 2; cut++)
			assert_int_equal(guess_text(text, length, cut, &guess, &why), 0);
		free(text);
		assert_int_equal(guess.format != NULL, strcmp(texts[i], "a.example") == 0);
	}
}

static void advice(void **state)
{
	(void)state;
	static const struct parse_options names = {.scope = SCOPE_EXACT}, refanged = {.refang = true};
	static const struct written_list hosts = {"", "0.0.0.0 {}", "\n", "\n", ""},
					 disguised = {"", "{}[.]example", "\n", "\n", ""},
					 page = {"<html>", "{}", "\n", "\n", ""};
	char text[GUESS_WORDS];
	write_entries(&hosts, 9);
	assert_string_equal(guess_advice(path, &format_domains, &names, 0, "", text), "it looks like `format: hosts`");
	assert_string_equal(guess_advice(path, &format_domains, &names, 9, "", text), "");
	assert_string_equal(guess_advice(path, &format_hosts, &names, 0, "", text), "");
	write_entries(&disguised, 9);
	assert_string_equal(guess_advice(path, &format_domains, &names, 0, "", text),
		"it looks like `format: domains, refang: yes`");
	assert_string_equal(guess_advice(path, &format_domains, &refanged, 0, "", text), "");
	write_entries(&page, 9);
	assert_string_equal(guess_advice(path, &format_stix, &names, 0, "line 1: no JSON", text),
		"it looks like an HTML or XML page, not a list");
	assert_string_equal(guess_advice(path, &format_stix, &names, 0, "an HTML or XML page, not a list", text), "");
	assert_int_equal(unlink(path), 0);
	assert_string_equal(guess_advice(path, &format_domains, &names, 0, "", text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guessed),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(ends),
		cmocka_unit_test(advice),
	};
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
