/* SPDX-License-Identifier: BSD-3-Clause */
/* What a feed takes back of what it says itself. */
#include "tests/unit/unit.h"

#include "libweir/build/build_private.h"
#include "libweir/build/index.h"
#include "libweir/dump.h"
#include "libweir/hash.h"
#include "libweir/key.h"
#include "libweir/symbols.h"

enum { ALPHA, BETA };

/* A rule of feed alpha or beta, in the category malware. */
#define RULE(name, scope, kind, feed)                                                                                  \
	{                                                                                                              \
		name, SCOPE_##scope, RULE_##kind,                                                                      \
		{                                                                                                      \
			feed, 0                                                                                        \
		}                                                                                                      \
	}

static void cancelled(void **state)
{
	(void)state;
	static const struct rule_spec rules[] = {
		/* before and after what it takes back, and twice */
		RULE("a.example", SUBTREE, CANCEL, ALPHA),
		RULE("a.example", SUBTREE, BLOCK, ALPHA),
		RULE("b.example", SUBTREE, BLOCK, ALPHA),
		RULE("b.example", SUBTREE, CANCEL, ALPHA),
		RULE("b.example", SUBTREE, CANCEL, ALPHA),
		RULE("b.example", SUBTREE, BLOCK, ALPHA),
		/* not another scope, feed or name, nor an exception */
		RULE("c.example", EXACT, CANCEL, ALPHA),
		RULE("c.example", SUBTREE, BLOCK, ALPHA),
		RULE("d.example", SUBTREE, CANCEL, ALPHA),
		RULE("d.example", SUBTREE, BLOCK, BETA),
		RULE("e.example", SUBTREE, CANCEL, ALPHA),
		RULE("www.e.example", SUBTREE, BLOCK, ALPHA),
		RULE("f.example", EXACT, CANCEL, ALPHA),
		RULE("f.example", EXACT, EXCEPT, ALPHA),
		RULE("f.example", EXACT, BLOCK, ALPHA),
		RULE("f.example", EXACT, BLOCK, BETA),
		/* what stood below it is not folded into it */
		RULE("g.example", SUBTREE, BLOCK, ALPHA),
		RULE("www.g.example", EXACT, BLOCK, ALPHA),
		RULE("g.example", SUBTREE, CANCEL, ALPHA),
		/* an allow rule, too */
		RULE("h.example", SUBTREE, ALLOW, ALPHA),
		RULE("h.example", SUBTREE, CANCEL, ALPHA),
		/* nothing to take back */
		RULE("i.example", SUBTREE, CANCEL, BETA),
	};
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct why why;
	assert_int_equal(table_dump(table, out, &why), 0);
	fclose(out);
	assert_string_equal(text, "exact\tf.example\talpha\texcept\n"
				  "exact\tf.example\tbeta\tmalware\n"
				  "exact\twww.g.example\talpha\tmalware\n"
				  "subtree\tc.example\talpha\tmalware\n"
				  "subtree\td.example\tbeta\tmalware\n"
				  "subtree\twww.e.example\talpha\tmalware\n");
	free(text);
	table_close(&table);
}

/* ---- the same table of the same rules, in every build of Weir ---- */

enum { FEEDS = 50, CATEGORIES = 4, NAMES = 3000 };

static struct feed_policy many_feeds[FEEDS];
static struct category_policy many_categories[CATEGORIES];
static const struct policy many = {
	.feeds = many_feeds, .feed_count = FEEDS, .categories = many_categories, .category_count = CATEGORIES};

static void name_policy(void)
{
	for (unsigned f = 0; f < FEEDS; f++) {
		snprintf(many_feeds[f].name, sizeof many_feeds[f].name, "feed%u", f);
		many_feeds[f].check_targets = f % 3;
	}
	for (unsigned c = 0; c < CATEGORIES; c++) {
		snprintf(many_categories[c].name, sizeof many_categories[c].name, "category%u", c);
		many_categories[c].action = ACTION_NODATA + c;
	}
}

static void add(struct build *build, const char *name, enum scope scope, enum rule_kind kind, struct source source)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	assert_int_equal(build_add(build, wire, length, scope, kind, source), 0);
}

/* Names of two to five labels that cover each other, of all scopes and kinds and many feeds; one that all feeds list in
 * all categories; one that a feed repeats. The same for the same seed. */
static void add_many(struct build *build, uint64_t seed, unsigned names)
{
	static const char *const labels[] = {"www.", "mail.", "login.", "cdn7.", "a-long-label-of-a-host."};
	for (unsigned i = 0; i < names; i++) {
		char name[NAME_MAX_TEXT];
		int used = 0;
		for (unsigned depth = random_below(&seed, 4); depth > 0; depth--)
			used += snprintf(name + used, sizeof name - (size_t)used, "%s", labels[random_below(&seed, 5)]);
		snprintf(name + used, sizeof name - (size_t)used, "shop%u.example", random_below(&seed, names / 2));
		unsigned kind = random_below(&seed, 20);
		uint16_t feed =
			(uint16_t)(random_below(&seed, 2) ? random_below(&seed, FEEDS) : random_below(&seed, 3));
		uint16_t category = (uint16_t)random_below(&seed, CATEGORIES);
		unsigned scope = random_below(&seed, 3);
		add(build, name, scope,
			kind == 0   ? RULE_ALLOW
			: kind == 1 ? RULE_EXCEPT
				    : RULE_BLOCK,
			(struct source){feed, category});
	}
	for (unsigned i = 0; i < FEEDS * CATEGORIES; i++)
		add(build, "everybodys.example", SCOPE_SUBTREE, RULE_BLOCK,
			(struct source){(uint16_t)(i / CATEGORIES), (uint16_t)(i % CATEGORIES)});
	for (unsigned i = 0; i < 100; i++)
		add(build, "again.example", SCOPE_EXACT, RULE_BLOCK, (struct source){1, 1});
}

static struct table *built(uint64_t seed, unsigned names, const struct table *base, struct build_result *result)
{
	struct build *build = build_new(&many, BUILD_PUBLIC_KEY);
	struct table *table;
	struct why why;
	FILE *file = tmpfile();
	add_many(build, seed, names);
	assert_int_equal(build_write(build, fileno(file), &(struct build_options){.base = base}, result, &why), 0);
	build_free(&build);
	assert_int_equal(table_open_fd(&table, fileno(file), &why), 0);
	if (table_verify(table, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(table_body_sum(table), result->body_sum);
	fclose(file);
	return table;
}

/* Resolvers compare tables by their sums, archives keep them for years, and each is made on the one before it: so a
 * change here is one of the format, or it is a mistake. */
static void same_as_ever(void **state)
{
	(void)state;
	static const struct {
		uint64_t seed;
		unsigned names;
		uint64_t sum, sum_on_base; /* the latter on the table before it */
		uint64_t rules, folded;
	} cases[] = {
		{1, 10, UINT64_C(0x45db4f44a0c03e44), UINT64_C(0x45db4f44a0c03e44), 12, 0},
		{2, 300, UINT64_C(0x709c45e0887b31ed), UINT64_C(0x89f93abf41302504), 265, 18},
		{3, NAMES, UINT64_C(0xd0d9db75b300758f), UINT64_C(0x772eb1a82be49545), 2615, 190},
		{4, NAMES - 100, UINT64_C(0x0a169c506b407335), UINT64_C(0x09712df904f21dc0), 2509, 193},
	};
	struct table *base = NULL;
	struct build_result result;
	name_policy();
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct table *table = built(cases[i].seed, cases[i].names, NULL, &result);
		uint64_t sum = result.body_sum, rules = result.rules, folded = result.folded;
		assert_int_equal(result.added, cases[i].names + FEEDS * CATEGORIES + 100);
		table_close(&table);
		table = built(cases[i].seed, cases[i].names, base, &result);
		if (sum != cases[i].sum || result.body_sum != cases[i].sum_on_base || rules != cases[i].rules ||
			folded != cases[i].folded)
			fail_msg("{%d, %u, UINT64_C(0x%016llx), UINT64_C(0x%016llx), %d, %d}", (int)cases[i].seed,
				cases[i].names, (unsigned long long)sum, (unsigned long long)result.body_sum,
				(int)rules, (int)folded);
		table_close(&base);
		base = table;
	}
	table_close(&base);
}

/* ---- names that all have their home in one line ---- */

/* As many as that line and those within its reach have room for, and one more, for which another key is taken. */
static void fill_lines(bool last)
{
	enum { ROOM = (WEIR_MAX_REACH + 1) * WEIR_LINE_TAGS };
	static char names[ROOM + 1][32];
	static struct rule_spec crowd[ROOM + 1];
	/* with fewer lines the first one has them all the more, or the last one */
	uint32_t homes = index_homes(ROOM + 1), home = last ? homes - 1 : 0;
	for (unsigned found = 0, tried = 0; found <= ROOM; tried++) {
		name_storage wire;
		snprintf(names[found], sizeof names[0], "n%u.example", tried);
		size_t length = wire_of(names[found], wire);
		if (key_home(name_key(wire, length, BUILD_PUBLIC_KEY), homes) == home) {
			crowd[found] = (struct rule_spec){names[found], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
			found++;
		}
	}
	for (unsigned more = 0; more <= 1; more++) {
		struct table *table = table_of(crowd, ROOM + more); /* which verifies it */
		assert_int_equal(table_header(table)->key == BUILD_PUBLIC_KEY, !more);
		assert_int_equal(table_header(table)->rules, ROOM + more);
		if (last && !more)
			assert_int_equal(table_header(table)->lines, table_header(table)->homes + WEIR_MAX_REACH);
		for (unsigned i = 0; i < ROOM + more; i++) {
			name_storage wire;
			struct match match;
			assert_true(table_lookup(table, wire, wire_of(names[i], wire), &match));
		}
		table_close(&table);
	}
}

static void farthest_line(void **state)
{
	(void)state;
	fill_lines(false);
}

/* All lines that the index has room for, up to the last tag. */
static void last_line(void **state)
{
	(void)state;
	fill_lines(true);
}

enum { ORDINARY = 2000 };

/* Ordinary names, and room for one more. */
static struct rule_spec *ordinary_names(void)
{
	static char names[ORDINARY][32];
	static struct rule_spec specs[ORDINARY + 1];
	for (unsigned n = 0; n < ORDINARY; n++) {
		snprintf(names[n], sizeof names[n], "www.shop-%u.example", n * 7919 % 100000);
		specs[n] = (struct rule_spec){names[n], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	}
	return specs;
}

/* The longest name, of octets that no symbol of the base has, since there nobody uses them: each takes two in the table. */
static void longest_on_a_base(void **state)
{
	(void)state;
	struct rule_spec *specs = ordinary_names();
	char text[NAME_MAX_TEXT];
	size_t used = 0;
	for (unsigned label = 0; label < 4; label++) {
		size_t octets = label < 3 ? 63 : 61;
		for (size_t i = 0; i < octets; i++)
			text[used++] = "!#$%&()*+/:;<=>?"[(i * 7 + label) % 16];
		text[used++] = '.';
	}
	text[used - 1] = '\0';
	struct table *base = table_of(specs, ORDINARY), *table;
	specs[ORDINARY] = (struct rule_spec){text, SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct why why;
	name_storage wire;
	struct match match;
	size_t length;
	uint8_t *octets = table_octets_of(specs, ORDINARY + 1, base, &length);
	assert_int_equal(wire_of(text, wire), NAME_MAX_WIRE);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	assert_memory_equal(table_symbols(table), table_symbols(base), sizeof(struct symbols));
	assert_true(table_lookup(table, wire, NAME_MAX_WIRE, &match));
	table_close(&table);
	table_close(&base);
	free(octets);
}

/* A base with as many symbols as there can be, each as long as it can be: a table that holds no better reason takes them over. */
static void longest_symbols(void **state)
{
	(void)state;
	struct symbols symbols = {.count = SYMBOL_MAX_COUNT};
	for (unsigned i = 0; i < SYMBOL_MAX_COUNT; i++) {
		symbols.symbol[i].length = SYMBOL_MAX_LENGTH;
		memset(symbols.symbol[i].octet, (int)i + 1, SYMBOL_MAX_LENGTH);
	}
	size_t length, more_length;
	struct weir_header header;
	struct why why;
	struct table *base, *table;
	uint8_t *octets = table_octets_of(NULL, 0, NULL, &length);
	assert_int_equal(header_decode(&header, octets, &why), 0);
	const size_t at = WEIR_HEADER + header.policy_length, behind = at + header.symbols_length;
	uint8_t *more = calloc(1, length + SYMBOLS_MAX_SECTION + WEIR_LINE);
	memcpy(more, octets, at);
	header.symbols_length = symbols_write(&symbols, more + at);
	while ((at + header.symbols_length) % WEIR_LINE != 0)
		header.symbols_length++;
	more_length = at + header.symbols_length + length - behind;
	memcpy(more + at + header.symbols_length, octets + behind, length - behind);
	header_encode(more, &header);
	reseal(more, more_length);
	free(octets);
	assert_int_equal(table_open_octets(&base, more, more_length, &why), 0);
	octets = table_octets_of(NULL, 0, base, &length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	assert_memory_equal(table_symbols(table), &symbols, sizeof symbols);
	table_close(&base);
	table_close(&table);
	free(octets);
	free(more);
}

/* So many rules and octets of texts as a builder takes, of which only the last exist. */
static void limits(void **state)
{
	(void)state;
	static const struct {
		size_t text_length, count;
		int status;
	} cases[] = {
		{0, 0, 0},
		{UINT32_MAX - NAME_MAX_WIRE, 0, 0},
		{UINT32_MAX - NAME_MAX_WIRE + 1, 0, WEIR_ELIMIT},
		{0, UINT32_MAX - 1, 0},
		{0, UINT32_MAX, WEIR_ELIMIT},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t texts[NAME_MAX_WIRE];
		struct record record;
		struct build build = {.policy = test_policy,
			.texts = (uint8_t *)((uintptr_t)texts - cases[i].text_length),
			.text_length = cases[i].text_length,
			.text_room = cases[i].text_length + sizeof texts,
			.records = (struct record *)((uintptr_t)&record - cases[i].count * sizeof record),
			.count = cases[i].count,
			.room = cases[i].count + 1};
		int status =
			build_add(&build, (const uint8_t *)"\1a\1b", 5, SCOPE_EXACT, RULE_BLOCK, (struct source){0, 0});
		if (status != cases[i].status)
			fail_msg("case %u: %d", i, status);
		assert_int_equal(build.count, cases[i].count + (status == 0));
		if (status == 0)
			assert_memory_equal(texts, "\3a.b", 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancelled),
		cmocka_unit_test(same_as_ever),
		cmocka_unit_test(limits),
		cmocka_unit_test(farthest_line),
		cmocka_unit_test(last_line),
		cmocka_unit_test(longest_symbols),
		cmocka_unit_test(longest_on_a_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
