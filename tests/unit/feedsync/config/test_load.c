/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/complaints.h"
#include "feedsync/config/configuration.h"

#define US "organisation:\n  name: N\n  uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10\n  contact: abuse@isp.example\n"
#define OUTPUT(tlp, of, more)                                                                                          \
	"share: [{name: o, format: domains, to: /x/o, recipients: [r], tlp: " tlp ", of: " of more "}]\n"
#define KEY "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
#define CHANNEL(name) "{name: " name ", to: /srv/" name ", sign-key-file: /k}"
#define FEED "feeds:\n  - name: a\n    url: https://a.example/l\n    format: domains\n"

static int read_text(struct config **config, const char *text, struct complaints *complaints)
{
	const char *path = in_directory("feedsync.yaml");
	write_text(path, text);
	return config_read(config, path, complaints);
}

static const struct {
	const char *text;
	struct {
		unsigned line;
		const char *words;
	} expected[4];
} broken[] = {
	{"", {{1, "empty"}}},
	{"[a]\n", {{1, "does not consist of options"}}},
	{"interval: 15m\n", {{1, "feeds: missing; expected a list of items"}}},
	{"pull:\n  url: ftp://a.example/\n", {{2, "pull: url: not a URL of a kind"}, {2, "pull: keys: missing"}}},
	{"pull:\n  url: file:///srv/weir\n  keys: [RWx]\n  ca: /x\n",
		{{3, "pull: keys: not a public key"}, {4, "pull: ca: it has no effect without https://"}}},
	{"pull:\n  url: file:///srv/weir\n  keys: [" KEY ", " KEY "]\n",
		{{3, "pull: keys: this key is there already"}}},
	{"pull:\n  url: file:///srv/weir\n  keys: [" KEY ", " KEY ", " KEY "]\n", {{3, "pull: keys: 3 items"}}},
	{"fleet:\n  interval: 9s\n" FEED,
		{{2, "10s to 1h; example: interval: 1m"}, {2, "fleet: resolvers: missing; expected a list of items"}}},
	{"fleet:\n  resolvers: []\n" FEED, {{2, "fleet: resolvers: 0 items; expected a list"}}},
	{"fleet:\n  resolvers:\n    - {name: a b, address: host.example, port: 0}\n    - {name: b, address: '::1', "
	 "site: .x}\n" FEED,
		{{3, "fleet: resolver a b: name: \"a b\": a name has 1 to 63"},
			{3, "fleet: resolver a b: address: \"host.example\": not an address"},
			{3, "fleet: resolver a b: port: \"0\""}, {4, "fleet: resolver b: site: \".x\""}}},
	{"fleet:\n  resolvers:\n    - {name: a, address: 192.0.2.1}\n    - {name: b, address: 192.0.2.1, port: 53}\n"
	 "    - {name: a, address: 192.0.2.1, port: 54}\n" FEED,
		{{4, "fleet: resolver b: address: 192.0.2.1@53 is there already"},
			{5, "fleet: resolver a: name: a is there already"}}},
	{"fleet:\n  resolvers: [{name: a, address: '::1', channel: c}]\n" FEED,
		{{2, "fleet: resolver a: channel: there is no channel \"c\" in \"distribute\""}}},
	{"distribute: [" CHANNEL("c") ", " CHANNEL("d") "]\nfleet:\n  resolvers: [{name: a, address: '::1'}]\n" FEED,
		{{3, "fleet: resolver a: channel: it is missing: \"distribute\" has 2 of them"}}},
	{"fleet:\n  resolvers: [{name: a, address: '::1'}]\n  prometheus:\n    url: file:///x\n    label: 1a\n" FEED,
		{{4, "fleet: prometheus: url: \"file:///x\": neither an https:// nor an http:// URL"},
			{5, "fleet: prometheus: label: \"1a\": a label has letters"}}},
	{"fleet:\n  resolvers: [{name: a, address: '::1'}]\n  prometheus:\n    url: http://p.example/?a\n"
	 "    client-key: /k\n" FEED,
		{{4, "fleet: prometheus: url: \"http://p.example/?a\": a URL without query"}}},
	{"fleet:\n  resolvers: [{name: a, address: '::1'}]\n  prometheus:\n    url: http://p.example\n"
	 "    client-key: /k\n" FEED,
		{{5, "fleet: prometheus: client-key: client-certificate and client-key"},
			{5, "fleet: prometheus: client-key: it has no effect"}}},
	{"fleet:\n  resolvers: [{name: a, address: '::1'}]\npull:\n  url: file:///srv/weir\n  keys: [" KEY "]\n",
		{{1, "fleet: it has no effect here: the table is pulled as it is"}}},
	{"allow: [{name: a.example}]\npull:\n  url: file:///srv/weir\n  keys: [" KEY "]\n" FEED,
		{{1, "allow: it has no effect here: the table is pulled as it is"},
			{5, "feeds: a host that pulls its table has no feeds of its own"}}},
	{"intervall: 15m\n" FEED, {{1, "\"intervall\" is not an option here; did you mean \"interval\"?"}}},
	{"max-shrink: 1\n" FEED, {{1, "it is one of a feed"}}},
	{"zzz: 1\n" FEED, {{1, "feedsync.yaml(5) has them all"}}},
	{"run: none\nrun: none\n" FEED, {{2, "\"run\" is written twice; the first is in line 1"}}},
	{"interval: 5 moons\n" FEED, {{1, "interval: \"5 moons\": not such a duration; expected a number and a "
					  "unit (s, m, h, d, w), 1s to "
					  "30d; example: interval: 15m"}}},
	{"interval: 0\n" FEED, {{1, "not such a duration"}}},
	{"interval: [1]\n" FEED, {{1, "interval: a list; expected a number and a unit"}}},
	{"hits: yes\n" FEED, {{1, "hits: \"yes\": not a section"}}},
	{"hits:\n" FEED, {{1, "hits: nothing below it"}}},
	{"hits:\n  events: yup\n  ipv4-prefix: 33\n" FEED,
		{{2, "hits: events: \"yup\": neither yes nor no; expected yes or no; example: events: yes"},
			{3, "0 to 32"}}},
	{"table-max-shrink: 010\n" FEED, {{1, "not such a number; expected a number of per cent, 0 to 100"}}},
	{"table-max-shrink: 101%\ntable-max-growth: \"%\"\n" FEED,
		{{1, "not such a number"}, {2, "not such a number"}}},
	{"table-max-shrink: 5.0\ntable-max-growth: 5%%\n" FEED, {{1, "not such a number"}, {2, "not such a number"}}},
	{FEED "    min-entries: 5%\n", {{5, "not such a number"}}},
	{"feeds:\n  - name: a\n    url: file:///a#b\n    format: hosts\n", {{3, "# is written %23"}}},
	{"feeds:\n  - name: a\n    url: file://localhost/a?b\n    format: hosts\n", {{3, "? is written %3F"}}},
	{"feeds:\n  - name: a\n    url: file://other/a\n    format: hosts\n", {{3, "not a URL of a kind"}}},
	{"feeds:\n  - name: a\n    url: file:///a\n    format: csv\n    field: 2\n    separator: colon\n"
	 "    where: [score>high]\n",
		{{6, "feed a: separator: \"colon\": not known; expected one of comma, semicolon, tab, bar"},
			{7, "feed a: where: \"score>high\": more and less can be asked for only of a number or a "
			    "time"}}},
	{"feeds:\n  - name: a\n    url: file:///a\n    format: json\n    field: x\n    separator: tab\n",
		{{6, "feed a: separator: the format json has no columns"}}},
	{"allow: shop.example\n" FEED, {{1, "not a list"}}},
	{"allow: [shop.example]\n" FEED, {{1, "allow 1: not options of its own; an item begins with \"- name: \""}}},
	{"allow:\n  - name: com\n    scope: wide\n" FEED,
		{{3, "allow com: scope: \"wide\": not known; expected one of exact, subtree"}}},
	{"allow:\n  - name: com\nblock:\n  - name: zip\n" FEED,
		{{2, "allow com: name: single label; a top-level domain can stand in `block` only"}}},
	{"block:\n  - name: .\n" FEED, {{2, "block .: name: \".\": single label"}}},
	{"guard:\n  own:\n    - isp.example\n    - a..b\n    - [c]\n" FEED,
		{{4, "guard: own: \"a..b\": empty label"}, {5, "guard: own: an item that is not a text"}}},
	{"groups:\n  - name: g\n    categories:\n      - name: c\n        acton: log\n" FEED,
		{{4, "group g: category c: action: missing"}, {5, "group g: category c: \"acton\""}}},
	{"feeds:\n  - url: ftp://user:secret@x/\n    format: domain\n    scop: exact\n",
		{{2, "feed 1: url: not a URL of a kind that feeds have; expected an https://"},
			{2, "feed 1: name: missing"}, {3, "not known; did you mean \"domains\"?"},
			{4, "did you mean \"scope\"?"}}},
	{"feeds:\n", {{1, "feeds: nothing below it; expected a list of items (\"- key: value\"), at most 1000 items"}}},
	/* together */
	{FEED "    pin: x\n    user: ann\n", {{5, "pin: \"x\": not \"sha256//\""}}},
	{FEED "    user: ann\n    category: none\n    seen: x\n",
		{{5, "feed a: user: user and password-file"}, {6, "feed a: category: there is no category \"none\""},
			{7, "feed a: seen: the format domains has no fields"}}},
	{FEED "  - name: a\n    url: file:///x\n    format: hosts\n",
		{{5, "feed a: name: this feed is there already"}}},
	/* what others are given */
	{OUTPUT("clear", "[operator]", "") FEED,
		{{1, "output o: name: others must know who publishes it; write `organisation`"}}},
	{US OUTPUT("red", "[operator]", "") FEED,
		{{5, "output o: tlp: \"red\": not known; expected one of clear, green, amber"}}},
	{US OUTPUT("green", "[operator, a, b]", "") FEED,
		{{5, "output o: of: feed a has no \"republish: yes\""}, {5, "output o: of: there is no feed \"b\""}}},
	{US OUTPUT("green", "[a]", "") FEED "    republish: yes\n",
		{{10, "feed a: republish: entries of domains have no markings"}}},
	{US OUTPUT("green", "[a]", "") FEED "    republish: yes\n    tlp: amber\n",
		{{5, "output o: of: feed a is of TLP amber, and this output takes at most green"}}},
	{US OUTPUT("green", "[operator]", "") FEED "    tlp: amber\n",
		{{10, "feed a: tlp: it has no effect without \"republish: yes\""}}},
	{US OUTPUT("green", "[operator]", ", categories: [c2, malicious], zone: rpz.example") FEED,
		{{5, "output o: categories: there is no category \"c2\""},
			{5, "output o: zone: the format domains has no zone"}}},
	{US "share:\n  - {name: o, format: domains, to: /x/o, recipients: [r], tlp: green, of: [operator]}\n  - {name: "
	    "o, format: domains, to: //x//o/sub/, recipients: [r], tlp: "
	    "clear, of: [operator]}\n" FEED,
		{{7, "output o: name: this output is there already"}, {7, "output o: to: output o has /x/o"}}},
	{US "state: /x\n" OUTPUT("green", "[operator]", "") FEED,
		{{6, "output o: to: /x is the state directory; an output has a directory of its own"}}},
	{US "state: /x/o/state\n" OUTPUT("green", "[operator]", "") FEED, {{6, "/x/o/state is the state directory"}}},
	{"organisation: {name: \"N\\nx.example\", uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: "
	 "a@isp.example}\n" FEED,
		{{1, "organisation: name: \"N"}}},
	{"organisation: {name: N, uuid: 00000000-0000-0000-0000-000000000000, contact: abuse}\n" FEED,
		{{1, "organisation: uuid: \"00000000-0000-0000-0000-000000000000\": the UUID of nobody"},
			{1, "organisation: contact: \"abuse\": not an e-mail address"}}},
	{"block:\n  - {name: x.example, category: c2, tlp: pink}\nallow:\n  - {name: y.example, share: no}\n" FEED,
		{{2, "block x.example: tlp: \"pink\": not known; expected one of clear, green, amber, amber+strict, "
		     "red"},
			{4, "allow y.example: \"share\""}}},
	{"categories: [{name: ours, action: allow}]\nblock:\n  - {name: x.example, category: c2}\n  - {name: "
	 "y.example, "
	 "category: ours}\n" FEED,
		{{3, "block x.example: category: there is no category \"c2\""},
			{4, "block y.example: category: the action of \"ours\" is allow"}}},
};

/* Each text has exactly these complaints: line and words. */
static void complaints_by_line(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct config *config;
		struct complaints complaints;
		assert_int_equal(read_text(&config, broken[i].text, &complaints), -EBADMSG);
		assert_null(config);
		size_t expected = 0;
		while (expected < 4 && broken[i].expected[expected].words)
			expected++;
		for (size_t k = 0; k < complaints.count || k < expected; k++) {
			const struct complaint *c = &complaints.list[k];
			if (k >= expected || k >= complaints.count || c->line != broken[i].expected[k].line ||
				!strstr(c->text, broken[i].expected[k].words))
				fail_msg("%s\nexpected %zu, got %zu; %zu: %u: %s", broken[i].text, expected,
					complaints.count, k, k < complaints.count ? c->line : 0,
					k < complaints.count ? c->text : "");
			assert_null(strstr(c->text, "secret"));
		}
		complaints_end(&complaints);
	}
}

/* Of many complaints the first are kept, in the order of their lines, and all are counted. */
static void many_complaints(void **state)
{
	(void)state;
	static char text[4000];
	size_t length = (size_t)snprintf(text, sizeof text, "allow:\n");
	for (unsigned i = 0; i < 60; i++)
		length += (size_t)snprintf(text + length, sizeof text - length, "  - {name: a..b}\n");
	struct config *config;
	struct complaints complaints;
	assert_int_equal(read_text(&config, text, &complaints), -EBADMSG);
	assert_int_equal(complaints.count, 61);
	for (unsigned i = 1; i < MAX_COMPLAINTS; i++)
		assert_true(complaints.list[i].line >= complaints.list[i - 1].line);
	complaints_end(&complaints);
}

static void no_file(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	assert_int_equal(config_read(&config, "/nonexistent/feedsync.yaml", &complaints), -ENOENT);
	assert_null(config);
	assert_int_equal(complaints.count, 1);
	assert_int_equal(complaints.list[0].line, 0);
	assert_string_equal(complaints.list[0].text, "No such file or directory");
	complaints_end(&complaints);
	/* Where only the installed example is there, the next command is told. */
	write_text(in_directory("new.yaml.example"), FEED);
	const char *missing = in_directory("new.yaml");
	assert_int_equal(config_read(&config, missing, &complaints), -ENOENT);
	assert_non_null(strstr(complaints.list[0].text, "No such file or directory; an example to begin with: `cp /"));
	assert_non_null(strstr(complaints.list[0].text, "/new.yaml.example /"));
	assert_string_equal(strrchr(complaints.list[0].text, '/'), "/new.yaml`");
	complaints_end(&complaints);
	assert_int_equal(config_read(&config, "/", &complaints), -EBADMSG);
	complaints_end(&complaints);
	const char *path = in_directory("large.yaml");
	write_text(path, "");
	assert_int_equal(truncate(path, (off_t)MAX_CONFIG + 1), 0);
	assert_int_equal(config_read(&config, path, &complaints), -EFBIG);
	assert_non_null(strstr(complaints.list[0].text, "33554432 octets"));
	complaints_end(&complaints);
}

/* A shape that is used twice has one text. */
static void aliases(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	assert_int_equal(read_text(&config,
				 "state: &s /tmp/x\ntable: *s\n" FEED "    unguarded: &u [one.example]\n"
				 "  - {name: b, url: 'file:///x', format: hosts, unguarded: *u}\n",
				 &complaints),
		0);
	assert_string_equal(config->table, "/tmp/x");
	assert_int_equal(config->feed_count, 2);
	assert_int_equal(config->feeds[1].unguarded.count, 1);
	complaints_end(&complaints);
	config_free(&config);
	assert_null(config);
}

/* With the sign and without it. */
static void percentages(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	assert_int_equal(
		read_text(&config, "table-max-shrink: 50%\ntable-max-growth: 70 %\n" FEED "    max-growth: 30\n",
			&complaints),
		0);
	assert_int_equal(config->table_limits.max_shrink, 50);
	assert_int_equal(config->table_limits.max_growth, 70);
	assert_int_equal(config->feeds[0].limits.max_growth, 30);
	complaints_end(&complaints);
	config_free(&config);
}

/* What is given to others, as it is read. */
static void outputs(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	int status = read_text(&config,
		"organisation: {name: N, uuid: 0C1D6A2E-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: a@isp.example}\n"
		"categories: [{name: c2}, {name: phishing}]\n"
		"block: [{name: x.example, category: c2, tlp: amber, share: no}, {name: y.example}]\n"
		"share:\n  - {name: o, format: domains, to: /x/o, recipients: [r, s], tlp: green, of: [operator, b], "
		"categories: [c2], tombstones: 90d}\n" FEED
		"  - {name: b, url: 'file:///b', format: hosts, republish: yes, tlp: clear}\n",
		&complaints);
	complaints_log(&complaints, "");
	assert_int_equal(status, 0);
	assert_string_equal(config->organisation.uuid, "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10");
	assert_int_equal(config->output_count, 1);
	const struct output *output = &config->outputs[0];
	assert_true(output->of_operator && !output->of[0] && output->of[1]);
	assert_int_equal(output->ceiling, TLP_GREEN);
	assert_int_equal(output->recipient_count, 2);
	assert_string_equal(output->categories[0], "c2");
	assert_int_equal(output->tombstones_s, 90 * 86400);
	const struct operator_item *items = config->operator_lists.item;
	assert_true(items[0].has_category && !items[0].share && items[0].tlp == TLP_AMBER);
	assert_string_equal(config->categories[items[0].category].name, "c2");
	assert_true(items[1].share && items[1].tlp == TLP_NONE);
	assert_string_equal(config->categories[items[1].category].name, "malicious");
	assert_int_equal(config->feeds[1].tlp, TLP_CLEAR);
	assert_true(config->feeds[1].republish);
	complaints_end(&complaints);
	config_free(&config);
}

/* A feed's sum changes with what is said of it, and with nothing else. */
static void feed_sums(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool same;
	} cases[] = {{FEED, true}, {"# more\nrun: none\n" FEED, true}, {FEED "    # more\n", true},
		{FEED "    interval: 15m\n", false}};
	uint64_t first = 0;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config *config;
		struct complaints complaints;
		assert_int_equal(read_text(&config, cases[i].text, &complaints), 0);
		first = first ? first : config->feeds[0].sum;
		assert_int_equal(config->feeds[0].sum == first, cases[i].same);
		complaints_end(&complaints);
		config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(complaints_by_line, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(many_complaints, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(no_file, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(aliases, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(percentages, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(outputs, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(feed_sums, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
