/* SPDX-License-Identifier: BSD-3-Clause */
/* The syntaxes, line by line. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "feedsync/formats/registry.h"
#include "tests/unit/parse.h"

struct line_case {
	const char *line, *rules;
	int reject; /* -1: nothing is rejected */
};

static void check_lines(const char *format_name, enum scope scope, const struct line_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct collected collected = {""};
		struct tally tally = {0};
		struct sink sink = {.take = collect, .context = &collected, .tally = &tally};
		const struct parse_options options = {.scope = scope};
		struct why why;
		/* In the middle of other lines, to see that these are not harmed. */
		char text[8192];
		int length = snprintf(text, sizeof text, "# start\n%s\n", cases[i].line);
		FILE *in = fmemopen(text, (size_t)length, "r");
		assert_int_equal(parse_stream(format_name, in, &options, &sink, &why), 0);
		fclose(in);
		if (strcmp(collected.text, cases[i].rules) != 0)
			fail_msg("%s: %s: got \"%s\", not \"%s\"", format_name, cases[i].line, collected.text,
				cases[i].rules);
		uint64_t rejected = tally_rejected(&tally);
		if (rejected != (cases[i].reject >= 0) ||
			(cases[i].reject >= 0 && tally.rejected[cases[i].reject] != 1))
			fail_msg("%s: %s: rejected %llu, %s", format_name, cases[i].line, (unsigned long long)rejected,
				tally.sample_count ? reject_key(tally.sample[0].reject) : "-");
		if (rejected) {
			assert_int_equal(tally.sample_count, 1);
			assert_memory_equal(tally.sample[0].text, "doc:2: ", 7);
		}
	}
}

static void domains(void **state)
{
	(void)state;
	static const struct line_case cases[] = {
		{"evil.example", "exact:evil.example", -1},
		{"Evil.Example.", "exact:evil.example", -1},
		{"\tevil.example   ", "exact:evil.example", -1},
		{"xn--ker-ina.hu    # was: ker\xc3\xb3.hu", "exact:xn--ker-ina.hu", -1},
		{"evil.example#no-comment", "", REJECT_CHARACTER},
		{"*.evil.example", "subtree:evil.example", -1},
		{"# evil.example", "", -1},
		{"; evil.example", "", -1},
		{"! evil.example", "", -1},
		{"// evil.example", "", -1},
		{"   ", "", -1},
		{"*", "", REJECT_PATTERN},
		{"*.", "", REJECT_PATTERN},
		{"*.com", "", REJECT_SINGLE},
		{"ads*.evil.example", "", REJECT_PATTERN},
		{"*sex*", "", REJECT_PATTERN},
		{"smartprince111111", "", REJECT_SINGLE},
		{"a..b.example", "", REJECT_EMPTY_LABEL},
		{".b.example", "", REJECT_EMPTY_LABEL},
		{"1.2.3.44", "", REJECT_ADDRESS},
		{"hxxp://evil[.]example/x", "", REJECT_URL},
		{"evil.example:8080", "", REJECT_PORT},
		{"two.example names.example", "", REJECT_CHARACTER},
	};
	check_lines("domains", SCOPE_EXACT, cases, sizeof cases / sizeof *cases);
	static const struct line_case wide[] = {
		{"evil.example", "subtree:evil.example", -1}, {"*.evil.example", "subtree:evil.example", -1}};
	check_lines("domains", SCOPE_SUBTREE, wide, 2);
}

static void hosts(void **state)
{
	(void)state;
	static const struct line_case cases[] = {
		{"0.0.0.0 evil.example # note", "exact:evil.example", -1},
		{"127.0.0.1\ta.example b.example", "exact:a.example exact:b.example", -1},
		{":: evil.example", "exact:evil.example", -1},
		{"::1\tevil.example", "exact:evil.example", -1},
		{"0.0.0.0 0.0.0.0", "", -1},
		{"::1 ip6-localhost ip6-loopback", "", -1},
		{"fe80::1%lo0 localhost", "", -1},
		{"255.255.255.255 broadcasthost", "", -1},
		{"127.0.0.1 localhost #[IPv4]", "", -1},
		{"127.0.0.1 localhost evil.example", "exact:evil.example", -1},
		{"0.0.0.0 103.27.52.92", "", REJECT_ADDRESS},
		{"203.0.113.9 good.example", "", REJECT_REDIRECT},
		{"2001:db8::1 good.example", "", REJECT_REDIRECT},
		{"evil.example", "", REJECT_SYNTAX},
		{"0.0.0.0", "", REJECT_SYNTAX},
		{"a.example b.example", "", REJECT_SYNTAX},
		{"0.0.0.0 *.evil.example", "", REJECT_PATTERN},
		{"# comment", "", -1},
		{"", "", -1},
	};
	check_lines("hosts", SCOPE_EXACT, cases, sizeof cases / sizeof *cases);
}

static void whole_documents(void **state)
{
	(void)state;
	static const char *const names[] = {"domains", "hosts"};
	for (unsigned f = 0; f < 2; f++) {
		static const struct {
			const char *text;
			int status;
		} cases[] = {{"", 0}, {"<html>\nevil.example\n", -EBADMSG},
			{"\xff\xfe"
			 "e",
				-EBADMSG}};
		for (unsigned i = 0; i < 3; i++) {
			struct collected collected = {""};
			struct tally tally = {0};
			struct sink sink = {.take = collect, .context = &collected, .tally = &tally};
			const struct parse_options options = {.scope = SCOPE_EXACT};
			struct why why;
			FILE *in = cases[i].text[0] ? fmemopen((void *)cases[i].text, strlen(cases[i].text), "r")
						    : fopen("/dev/null", "r");
			assert_int_equal(parse_stream(names[f], in, &options, &sink, &why), cases[i].status);
			assert_string_equal(collected.text, "");
			fclose(in);
		}
	}
	/* A NUL octet, a line of a megabyte: these lines are lost, not their neighbours. */
	char *text = malloc(1100000);
	size_t length = 0;
	memcpy(text, "one.example\nnu\0l.example\n", 25);
	length = 25;
	memset(text + length, 'x', 1000000);
	length += 1000000;
	length += (size_t)sprintf(text + length, "\r\ntwo.example\rthree.example");
	struct collected collected = {""};
	struct tally tally = {0};
	struct sink sink = {.take = collect, .context = &collected, .tally = &tally};
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct why why;
	FILE *in = fmemopen(text, length, "r");
	assert_int_equal(parse_stream("domains", in, &options, &sink, &why), 0);
	fclose(in);
	assert_string_equal(collected.text, "exact:one.example exact:two.example exact:three.example");
	assert_int_equal(tally.rejected[REJECT_NUL], 1);
	assert_int_equal(tally.rejected[REJECT_LONG_LINE], 1);
	free(text);
}

static int fail_to_take(void *context, const struct rule *rule)
{
	(void)rule;
	return --*(int *)context < 0 ? -ENOMEM : 0;
}

static void sink_errors_end_the_parse(void **state)
{
	(void)state;
	int left = 1;
	struct tally tally = {0};
	struct sink sink = {.take = fail_to_take, .context = &left, .tally = &tally};
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct why why;
	const char *text = "a.example\nb.example\nc.example\n";
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	assert_int_equal(parse_stream("domains", in, &options, &sink, &why), -ENOMEM);
	assert_int_equal(tally.entries, 1);
	fclose(in);
}

static void adblock(void **state)
{
	(void)state;
	static const struct line_case cases[] = {
		{"||evil.example^", "subtree:evil.example", -1},
		{"||Evil.example^$important", "subtree:evil.example", -1},
		{"||evil.example^$all,document,popup", "subtree:evil.example", -1},
		{"@@||good.example^", "except-subtree:good.example", -1},
		{"@@||good.example^$important", "except-subtree:good.example", -1},
		{"  ||evil.example^  ", "subtree:evil.example", -1},
		{"||evil.example^$third-party", "", REJECT_OPTION},
		{"||evil.example^$important,badfilter", "", REJECT_OPTION},
		{"||evil.example^$denyallow=a.example", "", REJECT_OPTION},
		{"||evil.example^path", "", REJECT_OPTION},
		{"||evil.example^|", "", REJECT_OPTION},
		{"||evil.example/path^", "", REJECT_URL},
		{"||*.evil.example^", "", REJECT_PATTERN},
		{"||evil.example", "", REJECT_PATTERN},
		{"|evil.example^", "", REJECT_PATTERN},
		{"evil.example##.ad", "", REJECT_PATTERN},
		{"##.ad", "", REJECT_PATTERN},
		{"/re.*/", "", REJECT_PATTERN},
		{"-suffix.", "", REJECT_PATTERN},
		{"||192.0.2.1^", "", REJECT_ADDRESS},
		{"||com^", "", REJECT_SINGLE},
		{"||^", "", REJECT_SINGLE},
		{"[Adblock Plus]", "", -1},
		{"! Title: x", "", -1},
		{"# also seen", "", -1},
		{"", "", -1},
	};
	check_lines("adblock", SCOPE_SUBTREE, cases, sizeof cases / sizeof *cases);
}

static void dnsmasq(void **state)
{
	(void)state;
	static const struct line_case cases[] = {
		{"address=/evil.example/#", "subtree:evil.example", -1},
		{"address=/evil.example/", "subtree:evil.example", -1},
		{"address=/evil.example/0.0.0.0", "subtree:evil.example", -1},
		{"address=/evil.example/::", "subtree:evil.example", -1},
		{"server=/evil.example/", "subtree:evil.example", -1},
		{"local=/a.example/b.example/", "subtree:a.example subtree:b.example", -1},
		{" address = /a.example/b.example/127.0.0.1 ", "subtree:a.example subtree:b.example", -1},
		{"address=/good.example/192.0.2.1", "", REJECT_REDIRECT},
		{"server=/good.example/192.0.2.1", "", REJECT_REDIRECT},
		{"server=/good.example/#", "", REJECT_REDIRECT},
		{"server=192.0.2.1", "", REJECT_SYNTAX},
		{"address=//", "", REJECT_SYNTAX},
		{"address=/", "", REJECT_SYNTAX},
		{"address=", "", REJECT_SYNTAX},
		{"address", "", REJECT_SYNTAX},
		{"=", "", REJECT_SYNTAX},
		{"cache-size=1000", "", REJECT_SYNTAX},
		{"address=/.evil.example/", "", REJECT_EMPTY_LABEL},
		{"# address=/evil.example/", "", -1},
	};
	check_lines("dnsmasq", SCOPE_SUBTREE, cases, sizeof cases / sizeof *cases);
}

static void unbound(void **state)
{
	(void)state;
	static const struct line_case cases[] = {
		{"local-zone: \"evil.example.\" always_null", "subtree:evil.example", -1},
		{"local-zone: evil.example always_nxdomain", "subtree:evil.example", -1},
		{"\tlocal-zone: 'evil.example' \"static\" # note", "subtree:evil.example", -1},
		{"local-data: \"evil.example A 0.0.0.0\"", "exact:evil.example", -1},
		{"local-data: \"evil.example. 3600 IN AAAA ::\"", "exact:evil.example", -1},
		{"local-data: \"good.example A 192.0.2.1\"", "", REJECT_REDIRECT},
		{"local-data: \"good.example TXT text\"", "", REJECT_REDIRECT},
		{"local-data: \"good.example\"", "", REJECT_SYNTAX},
		{"local-data: \"", "", REJECT_SYNTAX},
		{"local-zone: \"good.example\" transparent", "", REJECT_OPTION},
		{"local-zone: \"good.example", "", REJECT_SYNTAX},
		{"local-zone:", "", REJECT_SYNTAX},
		{"local-zone-tag: x", "", REJECT_SYNTAX},
		{"server:", "", -1},
		{"# local-zone: evil.example static", "", -1},
	};
	check_lines("unbound", SCOPE_SUBTREE, cases, sizeof cases / sizeof *cases);
}

/* Whole documents, and what comes of them. */
struct document_case {
	const char *text, *rules;
	struct parse_options options;
	int status;
	int reject; /* -1: nothing is rejected */
};

static void check_documents(const char *format_name, const struct document_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct collected collected = {""};
		struct tally tally = {0};
		struct sink sink = {.take = collect, .context = &collected, .tally = &tally};
		struct why why = {""};
		FILE *in = tmpfile();
		fputs(cases[i].text, in);
		rewind(in);
		int status = parse_stream(format_name, in, &cases[i].options, &sink, &why);
		fclose(in);
		if (status != cases[i].status || strcmp(collected.text, cases[i].rules) != 0)
			fail_msg("%s: %s: got %d %s \"%s\"", format_name, cases[i].text, status, why.text,
				collected.text);
		if (tally_rejected(&tally) != (cases[i].reject >= 0) ||
			(cases[i].reject >= 0 && tally.rejected[cases[i].reject] != 1))
			fail_msg("%s: %s: rejected otherwise: %s", format_name, cases[i].text,
				tally.sample_count ? reject_key(tally.sample[0].reject) : "-");
	}
}

static const char *const is_online[] = {"url_status=online"}, *const is_domain[] = {"ioc_type=domain"};
static const char *const not_deleted[] = {"DeleteDate=null"}, *const deep_yes[] = {"a.b=true"};

static void csv(void **state)
{
	(void)state;
	const struct parse_options host = {.field = "host"},
				   online = {.field = "URL", .urls = true, .where = is_online, .where_count = 1},
				   threatfox = {.field = "ioc_value", .where = is_domain, .where_count = 1};
	const struct document_case cases[] = {
		{"id,host\n1,a.example\n2,b.example", "exact:a.example exact:b.example", host, 0, -1},
		{"id,Host\r\n1,\"a.example\"\r\n", "exact:a.example", host, 0, -1},
		{"# a comment, of two\n# id,host\n1,a.example\n#2,b.example\n", "exact:a.example", host, 0, -1},
		{"# \"id\", \"host\"\n\"1\", \"a.example\"\n# Number of entries: 1\n", "exact:a.example", host, 0, -1},
		{"host,tags\na.example,\"x, \"\"y\"\"\nz\"\nb.example,\n", "exact:a.example exact:b.example", host, 0,
			-1},
		{"id,host\n1\n2,b.example\n\n", "exact:b.example", host, 0, REJECT_SYNTAX},
		{"id,host\n1, a b \n", "", host, 0, REJECT_CHARACTER},
		{"id,host\n1,\"a.example", "exact:a.example", host, 0,
			-1}, /* the end is missing: libcurl would have told */
		{"id,name\n1,a.example\n", "", host, -EBADMSG, -1},
		{"", "", host, -EBADMSG, -1},
		{"id,url,url_status\n1,http://a.example/,online\n2,https://b.example,offline\n", "exact:a.example",
			online, 0, REJECT_CONDITION},
		{"url,url_status\nhttp://docs.example/evil,online\n", "", online, 0, REJECT_PATH},
		{"url,url_status\nhttp://u@a.example:8080,online\n", "exact:a.example", online, 0, -1},
		{"url,url_status\nhttp://192.0.2.1/,online\n", "", online, 0, REJECT_ADDRESS},
		{"url,url_status\nhttp://[2001:db8::1]:80/,online\n", "", online, 0, REJECT_ADDRESS},
		{"url,url_status\n://,online\n", "", online, 0, REJECT_SYNTAX},
		{"# \"first_seen_utc\",\"ioc_value\",\"ioc_type\"\n\"2026-08-16 04:39:22\", \"c2.example\", "
		 "\"domain\"\n",
			"exact:c2.example", threatfox, 0, -1},
	};
	check_documents("csv", cases, sizeof cases / sizeof *cases);
}

static void json(void **state)
{
	(void)state;
	const struct parse_options polska = {.field = "DomainAddress", .where = not_deleted, .where_count = 1},
				   deep = {.field = "net.host",
					   .where = deep_yes,
					   .where_count = 1,
					   .items = "data.list"},
				   plain = {.field = "host"};
	const struct document_case cases[] = {
		{"[{\"DomainAddress\":\"a.example\",\"DeleteDate\":null},{\"DomainAddress\":\"b.example\","
		 "\"DeleteDate\":\"2020\"}]",
			"exact:a.example", polska, 0, REJECT_CONDITION},
		{" \n[{\"DomainAddress\":\"a.example\"}]", "exact:a.example", polska, 0, -1},
		{"[{\"DomainAddress\":7}]", "", polska, 0, REJECT_SYNTAX},
		/* What the conditions leave out is not judged: it would make the document look damaged. */
		{"[{\"DomainAddress\":7,\"DeleteDate\":\"2020\"}]", "", polska, 0, REJECT_CONDITION},
		{"[7]", "", polska, 0, REJECT_SYNTAX},
		{"[\"a.example\",\"b.example\"]", "exact:a.example exact:b.example", plain, 0, -1},
		{"{\"data\":{\"list\":[{\"net\":{\"host\":\"a.example\"},\"a\":{\"b\":true}}]}}", "exact:a.example",
			deep, 0, -1},
		{"{\"data\":{\"list\":7}}", "", deep, -EBADMSG, -1},
		{"{\"host\":\"a.example\"}\n{\"host\":\n{\"host\":\"b.example\"}\n\n",
			"exact:a.example exact:b.example", plain, 0, REJECT_SYNTAX},
		{"[{]", "", plain, -EBADMSG, -1},
		{"<html>", "", plain, -EBADMSG, -1},
		{"", "", plain, 0, -1},
	};
	check_documents("json", cases, sizeof cases / sizeof *cases);
}

/* systemd is told that the program lives, be there nothing in a document but what is refused. */
static void signs_of_life(void **state)
{
	(void)state;
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char directory[] = "/tmp/weir-unit-XXXXXX", text[4096] = "", said[64] = "";
	assert_int_equal(directory_make(directory), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", directory);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "3000000", 1);
	unsetenv("WATCHDOG_PID");
	for (unsigned i = 0; i < 300; i++)
		strcat(text, "a..b\n");
	struct parsed p = parse_octets("domains", &options, text, strlen(text));
	assert_int_equal(p.tally.rejected[REJECT_EMPTY_LABEL], 300);
	assert_true(recv(fd, said, sizeof said - 1, 0) > 0);
	assert_string_equal(said, "WATCHDOG=1");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(fd);
	directory_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_of_life),
		cmocka_unit_test(domains),
		cmocka_unit_test(hosts),
		cmocka_unit_test(adblock),
		cmocka_unit_test(dnsmasq),
		cmocka_unit_test(unbound),
		cmocka_unit_test(csv),
		cmocka_unit_test(json),
		cmocka_unit_test(whole_documents),
		cmocka_unit_test(sink_errors_end_the_parse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
