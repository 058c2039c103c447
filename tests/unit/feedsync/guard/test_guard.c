/* SPDX-License-Identifier: BSD-3-Clause */
/* What must never be blocked. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/entries/normalise.h"
#include "feedsync/guard/guard.h"
#include "feedsync/guard/last_good.h"
#include "tests/unit/parse.h"

static const char suffix_list[] =
	"// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n*.wild.test\n!free.wild.test // a comment\n"
	"// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\n hosting.example\r\ns3.cloud.example\n"
	"*.deep.other.example\nb\xc3\xbc"
	"cher.example\n// ===END PRIVATE DOMAINS===\n";

/* A directory with what a test guards with. */
static const char *path_of(const char *name)
{
	static char paths[8][64];
	static unsigned next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", test_directory, name);
	return path;
}

static const char *put(const char *name, const char *text)
{
	const char *path = path_of(name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	return path;
}

static void add(struct nameset *set, const char *name)
{
	name_storage wire;
	struct namekey key;
	namekey_of(&key, wire, wire_of(name, wire));
	assert_int_equal(nameset_add(set, &key, 0), 0);
	nameset_sort(set);
}

static bool refuses(const struct guard *guard, const struct nameset *unguarded, const char *name, enum scope scope,
	struct refusal *refusal)
{
	name_storage wire;
	const struct rule rule = {wire, wire_of(name, wire), scope, RULE_BLOCK};
	refusal->reject = REJECT_COUNT;
	return guard_refuses(guard, unguarded, &rule, refusal);
}

struct guard_case {
	const char *name;
	enum scope scope;
	enum reject reject; /* REJECT_COUNT: not refused */
	const char *text;
};

static void check(
	const struct guard *guard, const struct nameset *unguarded, const struct guard_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct refusal refusal;
		bool refused = refuses(guard, unguarded, cases[i].name, cases[i].scope, &refusal);
		if (refused != (cases[i].reject != REJECT_COUNT) || refusal.reject != cases[i].reject)
			fail_msg("%s %s: %s", scope_text(cases[i].scope), cases[i].name,
				refused ? reject_text(refusal.reject) : "not refused");
		if (refused)
			assert_string_equal(refusal.text, cases[i].text);
	}
}

static void suffixes(void **state)
{
	(void)state;
	const struct guard_config config = {.suffix_list = put("suffixes", suffix_list)};
	struct guard *guard;
	struct why why;
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	static const struct guard_case cases[] = {
		{"co.uk", SCOPE_SUBTREE, REJECT_SUFFIX, "co.uk"},
		{"co.uk", SCOPE_EXACT, REJECT_COUNT, NULL},
		{"a.co.uk", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"xco.uk", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"customer.hosting.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"wild.test", SCOPE_SUBTREE, REJECT_SUFFIX, "wild.test"},
		{"any.wild.test", SCOPE_SUBTREE, REJECT_SUFFIX, "any.wild.test"},
		{"mine.any.wild.test", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"free.wild.test", SCOPE_SUBTREE, REJECT_SUFFIX, "free.wild.test"},
		{"www.free.wild.test", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"evil.com", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"unknown.tld", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"cloud.example", SCOPE_SUBTREE, REJECT_SUFFIX, "cloud.example (above s3.cloud.example)"},
		{"cloud.example", SCOPE_EXACT, REJECT_COUNT, NULL},
		{"s3.cloud.example", SCOPE_SUBTREE, REJECT_SUFFIX, "s3.cloud.example"},
		{"s4.cloud.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"other.example", SCOPE_SUBTREE, REJECT_SUFFIX, "other.example (above deep.other.example)"},
		{"xn--bcher-kva.example", SCOPE_SUBTREE, REJECT_SUFFIX, "xn--bcher-kva.example"},
	};
	check(guard, NULL, cases, sizeof cases / sizeof *cases);
	guard_free(&guard);
	assert_null(guard);
}

/* Every rule of the real list, offered as an entry for a subtree. */
static void every_suffix(void **state)
{
	(void)state;
	const struct guard_config config = {0};
	struct guard *guard;
	struct why why;
	struct refusal refusal;
	char line[512];
	unsigned tried = 0;
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	FILE *in = fopen("/usr/share/publicsuffix/public_suffix_list.dat", "r");
	assert_non_null(in);
	while (fgets(line, sizeof line, in)) {
		char *text = line;
		name_storage wire;
		enum reject reject;
		text[strcspn(text, " \t\r\n")] = '\0';
		if (text[0] == '\0' || (text[0] == '/' && text[1] == '/'))
			continue;
		if (text[0] == '!')
			text++;
		if (text[0] == '*')
			text[0] = 'x'; /* a name that the wildcard covers */
		int length = normalise(text, strlen(text), wire, &reject);
		if (length < 0) {
			assert_int_equal(reject, REJECT_SINGLE); /* never a rule anyway */
			continue;
		}
		const struct rule rule = {wire, (size_t)length, SCOPE_SUBTREE, RULE_BLOCK};
		if (!guard_refuses(guard, NULL, &rule, &refusal))
			fail_msg("%s", text);
		tried++;
		while (text[0] && *text++ != '.')
			; /* what is above it */
		length = normalise(text, strlen(text), wire, &reject);
		const struct rule above = {wire, (size_t)length, SCOPE_SUBTREE, RULE_BLOCK};
		if (length > 0 && !guard_refuses(guard, NULL, &above, &refusal))
			fail_msg("above: %s", text);
	}
	fclose(in);
	assert_true(tried > 7000);
	guard_free(&guard);
}

static void without_a_list(void **state)
{
	(void)state;
	struct guard *guard;
	struct why why;
	struct guard_config config = {.suffix_list = "/nonexistent"};
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	assert_non_null(strstr(guard_gap(guard)->why.text, "/nonexistent: "));
	guard_free(&guard);
	static const char *const texts[] = {"", "<html>\nlogin\n", "com\n"};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		config.suffix_list = put("list", texts[i]);
		assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
		assert_non_null(strstr(guard_gap(guard)->why.text, "not a public suffix list"));
		guard_free(&guard);
	}
}

static const struct guard_case name_cases[] = {
	{"big.example", SCOPE_SUBTREE, REJECT_GUARDED, "big.example (in a.json)"},
	{"big.example", SCOPE_EXACT, REJECT_GUARDED, "big.example (in a.json)"},
	{"evil.big.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
	{"dotted.example", SCOPE_EXACT, REJECT_GUARDED, "dotted.example (in popular/list.json)"},
	{"infra.example", SCOPE_SUBTREE, REJECT_GUARDED, "infra.example (above www.infra.example, in a.json)"},
	{"infra.example", SCOPE_EXACT, REJECT_COUNT, NULL},
	{"mcafee.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
	{"local.example", SCOPE_EXACT, REJECT_GUARDED, "local.example (in mine.txt)"},
	{"star.example", SCOPE_EXACT, REJECT_GUARDED, "star.example (in mine.txt)"},
	{"isp.example", SCOPE_EXACT, REJECT_OWN, "isp.example"},
	{"customer.isp.example", SCOPE_EXACT, REJECT_OWN, "customer.isp.example (below isp.example)"},
	{"partner.example", SCOPE_SUBTREE, REJECT_OWN, "partner.example (above ns.partner.example)"},
	{"partner.example", SCOPE_EXACT, REJECT_COUNT, NULL},
	{"www.partner.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
	{"ip6.arpa", SCOPE_SUBTREE, REJECT_SPECIAL_USE, "ip6.arpa"},
	{"8.b.d.0.1.0.0.2.ip6.arpa", SCOPE_SUBTREE, REJECT_COUNT, NULL},
	{"resolver.arpa", SCOPE_EXACT, REJECT_SPECIAL_USE, "resolver.arpa"},
	{"use-application-dns.net", SCOPE_EXACT, REJECT_SPECIAL_USE, "use-application-dns.net"},
	{"name.test", SCOPE_SUBTREE, REJECT_COUNT, NULL},
	{"name.invalid", SCOPE_SUBTREE, REJECT_COUNT, NULL},
};

static void names(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("lists"), 0700), 0);
	assert_int_equal(mkdir(path_of("lists/popular"), 0700), 0);
	assert_int_equal(mkdir(path_of("lists/nothing"), 0700), 0);
	put("lists/popular/list.json", "{\"type\":\"string\",\"list\":[\"big.example\",\".Dotted.Example.\"]}");
	put("lists/a.json", "{\"type\":\"hostname\",\"list\":[\"www.infra.example\",\"single\",\"big.example\"]}");
	put("lists/b.json", "{\"type\":\"regex\",\"list\":[\"mcafee.example\"]}");
	put("lists/README", "nothing\n");
	const char *const lists[] = {path_of("lists")};
	const char *const files[] = {put("mine.txt", "# ours\nlocal.example # by hand\n*.star.example\n")};
	struct guard_config config = {.suffix_list = put("suffixes", suffix_list),
		.warninglists = lists,
		.warninglist_count = 1,
		.names = files,
		.names_count = 1};
	add(&config.own, "isp.example");
	add(&config.own, "ns.partner.example");
	struct guard *guard;
	struct why why;
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	check(guard, NULL, name_cases, sizeof name_cases / sizeof *name_cases);
	/* A feed may be trusted with some of them, never with the operator's own. */
	struct nameset unguarded = {0};
	static const char *const trusted[] = {
		"big.example", "isp.example", "hosting.example", "use-application-dns.net"};
	for (unsigned i = 0; i < sizeof trusted / sizeof *trusted; i++)
		add(&unguarded, trusted[i]);
	static const struct guard_case trust[] = {
		{"big.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"hosting.example", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"use-application-dns.net", SCOPE_SUBTREE, REJECT_COUNT, NULL},
		{"isp.example", SCOPE_SUBTREE, REJECT_OWN, "isp.example"},
		{"co.uk", SCOPE_SUBTREE, REJECT_SUFFIX, "co.uk"},
		{"infra.example", SCOPE_SUBTREE, REJECT_GUARDED, "infra.example (above www.infra.example, in a.json)"},
	};
	check(guard, &unguarded, trust, sizeof trust / sizeof *trust);
	guard_free(&guard);
	nameset_free(&unguarded);
	nameset_free(&config.own);
}

/* The guard between a sink and what takes its rules. */
struct filtered {
	const struct guard *guard;
	struct nameset unguarded;
	struct sink sink;
	struct parse_counts counts;
	struct collected passed;
};

static int take_unguarded(void *context, const struct rule *rule)
{
	struct filtered *f = context;
	if (guard_rejects(f->guard, &f->unguarded, &f->sink, rule))
		return SINK_REJECTED;
	return collect(&f->passed, rule);
}

static void filter(void **state)
{
	(void)state;
	static const char deep[] = "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.evil.example"; /* MAX_LABELS and one */
	static const char reverse[] = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
	static const struct {
		const char *name;
		enum scope scope;
		enum rule_kind kind;
		bool without_guard;
		enum reject reject; /* REJECT_COUNT: it passes */
		const char *sample;
	} cases[] = {
		{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, false, REJECT_COUNT, NULL},
		{"co.uk", SCOPE_SUBTREE, RULE_BLOCK, false, REJECT_SUFFIX, "doc: co.uk"},
		/* all that is below a name is no less than all that is at and below it */
		{"co.uk", SCOPE_BELOW, RULE_BLOCK, false, REJECT_SUFFIX, "doc: co.uk"},
		{"co.uk", SCOPE_EXACT, RULE_BLOCK, false, REJECT_COUNT, NULL},
		{"co.uk", SCOPE_SUBTREE, RULE_EXCEPT, false, REJECT_COUNT, NULL},
		{"co.uk", SCOPE_SUBTREE, RULE_BLOCK, true, REJECT_COUNT, NULL},
		{"www.google.com", SCOPE_EXACT, RULE_BLOCK, false, REJECT_ESSENTIAL,
			"doc: www.google.com, for whether one is online"},
		{"trusted.isp.example", SCOPE_EXACT, RULE_BLOCK, false, REJECT_OWN,
			"doc: trusted.isp.example (below isp.example)"},
		{"use-application-dns.net", SCOPE_EXACT, RULE_BLOCK, false, REJECT_COUNT, NULL},
		{deep, SCOPE_EXACT, RULE_BLOCK, false, REJECT_DEEP,
			"doc: 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.evil.example"},
		{deep + 2, SCOPE_EXACT, RULE_BLOCK, false, REJECT_COUNT, NULL},
		{deep, SCOPE_EXACT, RULE_EXCEPT, false, REJECT_COUNT, NULL},
		{deep, SCOPE_EXACT, RULE_BLOCK, true, REJECT_COUNT, NULL},
		{reverse, SCOPE_EXACT, RULE_BLOCK, false, REJECT_COUNT, NULL},
	};
	struct guard_config config = {.suffix_list = put("suffixes", suffix_list)};
	struct guard *guard;
	struct why why;
	add(&config.own, "isp.example");
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	struct filtered *f = calloc(1, sizeof *f);
	add(&f->unguarded, "use-application-dns.net");
	add(&f->unguarded, "trusted.isp.example");
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct position position = {.document = "doc"};
		f->guard = cases[i].without_guard ? NULL : guard;
		f->counts = (struct parse_counts){0};
		f->sink = (struct sink){.take = take_unguarded, .context = f, .counts = &f->counts};
		assert_int_equal(sink_rule(&f->sink, &position, cases[i].name, strlen(cases[i].name), cases[i].scope,
					 cases[i].kind),
			0);
		bool passes = cases[i].reject == REJECT_COUNT;
		if (f->counts.entries != passes || counts_rejected(&f->counts) == passes ||
			(!passes && (f->counts.rejected[cases[i].reject] != 1 ||
					    strcmp(f->counts.first.text, cases[i].sample) != 0)))
			fail_msg("%s %s: passes %d, \"%s\"", scope_text(cases[i].scope), cases[i].name,
				(int)f->counts.entries, f->counts.first.text);
	}
	nameset_free(&f->unguarded);
	free(f);
	guard_free(&guard);
	nameset_free(&config.own);
}

/* What is to be guarded and cannot be read is told, and nothing may be published without it. */
static void broken_lists(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("empty"), 0700), 0);
	const struct {
		const char *warninglist, *names, *words;
	} cases[] = {
		{"/nonexistent", NULL, "/nonexistent: No such file"},
		{path_of("empty"), NULL, "no warninglist in it"},
		{put("page.json", "<html>"), NULL, "page.json: an HTML or XML page"},
		{put("other.json", "{\"lists\":[]}"), NULL, "other.json: not a MISP warninglist"},
		{NULL, "/nonexistent", "/nonexistent: "},
		{NULL, put("page.txt", "<!DOCTYPE html>\nlogin.example\n"), "page.txt: an HTML or XML page"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct guard *guard;
		struct why why;
		const struct guard_config config = {.warninglists = &cases[i].warninglist,
			.warninglist_count = cases[i].warninglist != NULL,
			.names = &cases[i].names,
			.names_count = cases[i].names != NULL};
		size_t count;
		assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
		assert_non_null(guard_troubles(guard, &count));
		assert_int_equal(count, 1);
		if (!guard_gap(guard) || !strstr(guard_gap(guard)->why.text, cases[i].words))
			fail_msg("\"%s\", not \"%s\"", guard_troubles(guard, &count)->why.text, cases[i].words);
		guard_free(&guard);
	}
}

static bool guards(const struct guard *guard, const char *name)
{
	struct refusal refusal;
	return refuses(guard, NULL, name, SCOPE_EXACT, &refusal) && refusal.reject == REJECT_GUARDED;
}

/* A directory of lists, through what can become of it: lists that are broken or cannot be seen go on guarding. */
static void directory_of_lists(void **state)
{
	(void)state;
	const char *const lists[] = {strdup(path_of("lists"))};
	const char *const suffix_path = strdup(put("suffixes", suffix_list));
	const struct guard_config config = {
		.state = test_directory, .suffix_list = suffix_path, .warninglists = lists, .warninglist_count = 1};
	struct guard *guard;
	struct why why;
	size_t count;
	mkdir(lists[0], 0700);
	mkdir(path_of("lists/deep"), 0700);
	put("lists/a.json", "{\"list\":[\"a.example\"]}");
	put("lists/b.json", "{\"list\":[\"b.example\"]}");
	put("lists/deep/list.json", "{\"list\":[\"c.example\"]}");
	assert_int_equal(guard_new(&guard, &config, GUARD_KEEPS, &why), 0);
	assert_null(guard_troubles(guard, &count));
	guard_free(&guard);
	/* One is broken, one is new, and one was taken away. */
	put("lists/a.json", "{\"list\":[\"a.ex");
	put("lists/d.json", "{\"list\":[\"d.example\"]}");
	unlink(path_of("lists/b.json"));
	assert_int_equal(guard_new(&guard, &config, GUARD_KEEPS, &why), 0);
	assert_non_null(guard_troubles(guard, &count));
	assert_int_equal(count, 1);
	assert_null(guard_gap(guard));
	assert_true(guards(guard, "a.example") && guards(guard, "c.example") && guards(guard, "d.example"));
	assert_false(guards(guard, "b.example"));
	guard_free(&guard);
	/* A link that leads nowhere stands in the place of one. */
	put("lists/a.json", "{\"list\":[\"a.example\"]}");
	unlink(path_of("lists/d.json"));
	assert_int_equal(symlink("nowhere", path_of("lists/d.json")), 0);
	assert_int_equal(guard_new(&guard, &config, GUARD_KEEPS, &why), 0);
	assert_non_null(guard_troubles(guard, &count));
	assert_null(guard_gap(guard));
	assert_true(guards(guard, "a.example") && guards(guard, "d.example"));
	guard_free(&guard);
	/* All of it is gone: also for who only asks. */
	assert_int_equal(rename(lists[0], path_of("elsewhere")), 0);
	for (enum guard_use use = GUARD_ASKS; use <= GUARD_KEEPS; use++) {
		assert_int_equal(guard_new(&guard, &config, use, &why), 0);
		assert_non_null(guard_troubles(guard, &count));
		assert_null(guard_gap(guard));
		assert_true(guards(guard, "a.example") && guards(guard, "c.example") && guards(guard, "d.example"));
		guard_free(&guard);
	}
	free((char *)lists[0]);
	free((char *)suffix_path);
}

/* Entries of a list come to the guard as what they block, however they are written. */
static void entries(void **state)
{
	(void)state;
	const char *own = put("mine.txt", "documents.example\n");
	const struct guard_config config = {
		.suffix_list = put("suffixes", suffix_list), .names = &own, .names_count = 1};
	static const struct {
		struct parse_options options;
		const char *text, *rules, *rejects;
	} cases[] = {
		{{.scope = SCOPE_SUBTREE}, "co.uk\ns3.cloud.example\na.s3.cloud.example", "subtree:a.s3.cloud.example",
			"public_suffix:2"},
		{{.scope = SCOPE_EXACT}, "*.s3.cloud.example", "", "public_suffix"},
		{{.scope = SCOPE_EXACT, .below = true}, "*.s3.cloud.example", "", "public_suffix"},
		{{.urls = true, .pages = true}, "http://evil.example/x\nhttp://documents.example/evil",
			"exact:evil.example", "guarded"},
	};
	struct guard *guard;
	struct why why;
	assert_int_equal(guard_new(&guard, &config, GUARD_ASKS, &why), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filtered *f = calloc(1, sizeof *f);
		char rejects[256];
		f->guard = guard;
		f->sink = (struct sink){.take = take_unguarded, .context = f, .counts = &f->counts};
		FILE *in = fmemopen((void *)cases[i].text, strlen(cases[i].text), "r");
		assert_int_equal(parse_stream("domains", in, &cases[i].options, &f->sink, &why), 0);
		fclose(in);
		assert_string_equal(f->passed.text, cases[i].rules);
		assert_string_equal(rejects_of(&f->counts, rejects), cases[i].rejects);
		free(f);
	}
	guard_free(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(suffixes, with_directory, without_directory),
		cmocka_unit_test(every_suffix),
		cmocka_unit_test_setup_teardown(without_a_list, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(names, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(filter, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(broken_lists, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(directory_of_lists, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(entries, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
