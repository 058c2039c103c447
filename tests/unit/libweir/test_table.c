/* SPDX-License-Identifier: BSD-3-Clause */
/* Builder and reader together: chosen cases, a dumb model beside them, sizes, determinism. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libweir/dump.h"
#include "libweir/hash.h"
#include "libweir/key.h"

#define EXACT SCOPE_EXACT
#define SUBTREE SCOPE_SUBTREE
#define A_MALWARE                                                                                                      \
	{                                                                                                              \
		0, 0                                                                                                   \
	}
#define B_MALWARE                                                                                                      \
	{                                                                                                              \
		1, 0                                                                                                   \
	}
#define B_PHISHING                                                                                                     \
	{                                                                                                              \
		1, 1                                                                                                   \
	}
#define G_TRIAL                                                                                                        \
	{                                                                                                              \
		2, 2                                                                                                   \
	}

/* ---- memory with nothing behind it ---- */

void *__real_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);

enum { PAGE = 4096 };
static bool guarded; /* behind what is mapped there is a page that nobody may touch */

void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (!guarded)
		return __real_mmap(address, length, protection, flags, fd, offset);
	size_t whole = (length + PAGE - 1) / PAGE * PAGE;
	uint8_t *memory = __real_mmap(address, whole + PAGE, protection, flags, fd, offset);
	if (memory != MAP_FAILED)
		assert_int_equal(mprotect(memory + whole, PAGE, PROT_NONE), 0);
	return memory;
}

/* ---- chosen cases ---- */

static const struct rule_spec rules[] = {
	{"evil.example", SUBTREE, RULE_BLOCK, A_MALWARE},
	{"www.evil.example", SUBTREE, RULE_BLOCK, A_MALWARE}, /* says nothing new */
	{"bank.evil.example", EXACT, RULE_BLOCK, B_PHISHING}, /* adds a source */
	{"good.evil.example", SUBTREE, RULE_ALLOW, B_MALWARE},
	{"bad.good.evil.example", SUBTREE, RULE_BLOCK, A_MALWARE}, /* below an allowed name: dead */
	{"one.evil.example", EXACT, RULE_ALLOW, B_MALWARE},
	{"free.evil.example", SUBTREE, RULE_EXCEPT, A_MALWARE},
	{"x.free.evil.example", SUBTREE, RULE_BLOCK, A_MALWARE}, /* its own feed freed it */
	{"y.free.evil.example", SUBTREE, RULE_BLOCK, B_MALWARE}, /* another feed did not */
	{"host.example", EXACT, RULE_BLOCK, A_MALWARE},
	{"both.example", EXACT, RULE_BLOCK, A_MALWARE},
	{"both.example", SUBTREE, RULE_BLOCK, B_MALWARE},
	{"deep.a.b.c.d.example", EXACT, RULE_BLOCK, A_MALWARE},
	{"trial.example", SUBTREE, RULE_BLOCK, G_TRIAL},
	{"free.example", SUBTREE, RULE_EXCEPT, A_MALWARE}, /* nothing to free */
	{"below.example", SCOPE_BELOW, RULE_BLOCK, A_MALWARE},
	{"pair.example", SCOPE_BELOW, RULE_BLOCK, A_MALWARE}, /* with the next: the subtree */
	{"pair.example", EXACT, RULE_BLOCK, A_MALWARE},
	{"below.evil.example", SCOPE_BELOW, RULE_BLOCK, A_MALWARE}, /* says nothing new */
	{"mixed.evil.example", SCOPE_BELOW, RULE_BLOCK, B_MALWARE}, /* the name stays alpha's */
	{"open.below.example", SCOPE_BELOW, RULE_EXCEPT, A_MALWARE},
	{"inner.below.example", SCOPE_BELOW, RULE_BLOCK, A_MALWARE},
};

static const struct {
	const char *name;
	enum decision decision;
	enum action action;
	const char *rule; /* NULL: no rule matches */
	enum scope scope;
	unsigned sources;
} chosen[] = {
	{"evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"EVIL.Example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"a.b.c.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"www.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"bank.evil.example", DECISION_BLOCK, ACTION_REFUSED, "bank.evil.example", EXACT, 2},
	{"x.bank.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"good.evil.example", DECISION_ALLOW, ACTION_ALLOW, "good.evil.example", SUBTREE, 0},
	{"bad.good.evil.example", DECISION_ALLOW, ACTION_ALLOW, "good.evil.example", SUBTREE, 0},
	{"one.evil.example", DECISION_ALLOW, ACTION_ALLOW, "one.evil.example", EXACT, 0},
	{"x.one.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"free.evil.example", DECISION_PASS, ACTION_ALLOW, "free.evil.example", SUBTREE, 0},
	{"z.free.evil.example", DECISION_PASS, ACTION_ALLOW, "free.evil.example", SUBTREE, 0},
	{"x.free.evil.example", DECISION_PASS, ACTION_ALLOW, "free.evil.example", SUBTREE, 0},
	{"y.free.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "y.free.evil.example", SUBTREE, 1},
	{"host.example", DECISION_BLOCK, ACTION_NXDOMAIN, "host.example", EXACT, 1},
	{"www.host.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"both.example", DECISION_BLOCK, ACTION_NXDOMAIN, "both.example", EXACT, 2},
	{"x.both.example", DECISION_BLOCK, ACTION_NXDOMAIN, "both.example", SUBTREE, 1},
	{"deep.a.b.c.d.example", DECISION_BLOCK, ACTION_NXDOMAIN, "deep.a.b.c.d.example", EXACT, 1},
	{"a.b.c.d.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"x.deep.a.b.c.d.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"trial.example", DECISION_BLOCK, ACTION_LOG, "trial.example", SUBTREE, 1},
	{"free.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"below.example", DECISION_PASS, ACTION_ALLOW, "below.example", EXACT, 0},
	{"x.below.example", DECISION_BLOCK, ACTION_NXDOMAIN, "below.example", SUBTREE, 1},
	{"inner.below.example", DECISION_BLOCK, ACTION_NXDOMAIN, "below.example", SUBTREE, 1},
	{"open.below.example", DECISION_BLOCK, ACTION_NXDOMAIN, "open.below.example", EXACT, 1},
	{"x.open.below.example", DECISION_PASS, ACTION_ALLOW, "open.below.example", SUBTREE, 0},
	{"pair.example", DECISION_BLOCK, ACTION_NXDOMAIN, "pair.example", SUBTREE, 1},
	{"x.pair.example", DECISION_BLOCK, ACTION_NXDOMAIN, "pair.example", SUBTREE, 1},
	{"below.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "evil.example", SUBTREE, 1},
	{"mixed.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "mixed.evil.example", EXACT, 1},
	{"x.mixed.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, "mixed.evil.example", SUBTREE, 2},
	{"example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{".", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"notevil.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"evil.example.com", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"evil\\.example.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
	{"bank\\.evil.example", DECISION_PASS, ACTION_ALLOW, NULL, EXACT, 0},
};

static void chosen_names(void **state)
{
	(void)state;
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	for (unsigned i = 0; i < sizeof chosen / sizeof *chosen; i++) {
		name_storage wire;
		size_t length = wire_of(chosen[i].name, wire);
		/* Letters of any case come in: give back what the text had. */
		for (size_t j = 0; j < length; j++)
			if (i % 2 && wire[j] >= 'a' && wire[j] <= 'z' && j % 3)
				wire[j] = (uint8_t)(wire[j] - 32);
		uint8_t *edge = edge_copy(wire, length);
		struct match match;
		bool found = table_lookup(table, edge, length, &match);
		if (found != (chosen[i].rule != NULL))
			fail_msg("%s: found %d", chosen[i].name, found);
		if (found) {
			const struct verdict *verdict = &table_policy(table)->verdicts[match.verdict];
			char rule[NAME_MAX_TEXT];
			name_storage lower;
			name_lower(lower, edge, length);
			name_to_text(lower + match.rule_offset, length - match.rule_offset, rule);
			assert_string_equal(rule, chosen[i].rule);
			assert_int_equal(match.scope, chosen[i].scope);
			assert_int_equal(verdict->decision, chosen[i].decision);
			assert_int_equal(verdict->action, chosen[i].action);
			assert_int_equal(verdict->effective_count, chosen[i].sources);
		}
		edge_free(edge, length);
	}
	table_close(&table);
	assert_null(table);
}

static void dumped(void **state)
{
	(void)state;
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct why why;
	assert_int_equal(table_dump(table, out, &why), 0);
	fclose(out);
	assert_string_equal(text, "exact\tbank.evil.example\tbeta\tphishing\n"
				  "exact\tbelow.example\talpha\texcept\n"
				  "exact\tboth.example\talpha\tmalware\n"
				  "exact\tdeep.a.b.c.d.example\talpha\tmalware\n"
				  "exact\thost.example\talpha\tmalware\n"
				  "exact\tmixed.evil.example\tbeta\texcept\n"
				  "exact\tone.evil.example\tbeta\tmalware\n"
				  "subtree\tbelow.example\talpha\tmalware\n"
				  "subtree\tboth.example\tbeta\tmalware\n"
				  "subtree\tevil.example\talpha\tmalware\n"
				  "subtree\tfree.evil.example\talpha\texcept\n"
				  "subtree\tgood.evil.example\tbeta\tmalware\n"
				  "subtree\tmixed.evil.example\tbeta\tmalware\n"
				  "subtree\topen.below.example\talpha\texcept\n"
				  "subtree\tpair.example\talpha\tmalware\n"
				  "subtree\ttrial.example\tgamma\ttrial\n"
				  "subtree\ty.free.evil.example\tbeta\tmalware\n");
	free(text);
	table_close(&table);
}

static void empty_table(void **state)
{
	(void)state;
	struct table *table = table_of(NULL, 0);
	name_storage wire;
	struct match match;
	assert_false(table_lookup(table, wire, wire_of("a.example", wire), &match));
	assert_int_equal(table_header(table)->rules, 0);
	table_close(&table);
}

static void refused_names(void **state)
{
	(void)state;
	struct build *build = build_new(&test_policy, 1);
	static const struct {
		const char *wire;
		size_t length;
		int status;
	} cases[] = {
		{"", 1, WEIR_ENAME_SINGLE},
		{"\3com", 5, WEIR_ENAME_SINGLE},
		{"\3a.b\3com", 9, WEIR_ENAME_OCTET},
		{"\1A\3com", 7, WEIR_ENAME_OCTET},
		{"\1a\3com", 6, WEIR_EFORMAT},
		{"\1a\3com", 7, 0},
		{"\1_\3com", 7, 0},
		{"\1\x7f\3com", 7, WEIR_ENAME_OCTET},
		{"\1\xff\3com", 7, WEIR_ENAME_OCTET},
		{"\1\\\3com", 7, WEIR_ENAME_OCTET},
		{"\1 \3com", 7, WEIR_ENAME_OCTET},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t *edge = edge_copy(cases[i].wire, cases[i].length);
		assert_int_equal(build_add(build, edge, cases[i].length, EXACT, RULE_BLOCK, (struct source)A_MALWARE),
			cases[i].status);
		edge_free(edge, cases[i].length);
	}
	build_take_single(build);
	assert_int_equal(build_add(build, (const uint8_t *)"", 1, EXACT, RULE_BLOCK, (struct source)A_MALWARE),
		WEIR_ENAME_SINGLE);
	assert_int_equal(build_add(build, (const uint8_t *)"\3com", 5, EXACT, RULE_BLOCK, (struct source)A_MALWARE), 0);
	build_free(&build);
	assert_null(build);
}

/* A rule for a single label, above, below and beside others. Without one the table is as it was before there were such. */
static void single_labels(void **state)
{
	(void)state;
	static const struct rule_spec with[] = {{"zip", SUBTREE, RULE_BLOCK, A_MALWARE},
		{"good.zip", SUBTREE, RULE_ALLOW, A_MALWARE}, {"deep.www.zip", EXACT, RULE_BLOCK, B_PHISHING},
		{"mov", EXACT, RULE_BLOCK, A_MALWARE}, {"evil.example", EXACT, RULE_BLOCK, A_MALWARE},
		{"a.b.c.test", SUBTREE, RULE_BLOCK, A_MALWARE}};
	static const struct {
		const char *name, *rule; /* NULL = passes */
	} cases[] = {{"zip", "zip"}, {"www.zip", "zip"}, {"deep.www.zip", "deep.www.zip"}, {"x.deep.www.zip", "zip"},
		{"good.zip", NULL}, {"www.good.zip", NULL}, {"mov", "mov"}, {"www.mov", NULL},
		{"evil.example", "evil.example"}, {"www.evil.example", NULL}, {"example", NULL}, {"x.example", NULL},
		{"zi", NULL}, {"x.zipp", NULL}, {"zip.example", NULL}, {"x.a.b.c.test", "a.b.c.test"},
		{"b.c.test", NULL}, {"test", NULL}, {".", NULL}};
	struct table *table = table_of(with, sizeof with / sizeof *with);
	struct why why;
	assert_int_equal(table_header(table)->version, 4);
	if (table_verify(table, &why) != 0)
		fail_msg("%s", why.text);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		struct match match;
		size_t length = wire_of(cases[i].name, wire);
		bool found = table_lookup(table, wire, length, &match);
		bool blocked = found && table_policy(table)->verdicts[match.verdict].decision == DECISION_BLOCK;
		char text[NAME_MAX_TEXT] = "";
		if (blocked)
			name_to_text(wire + match.rule_offset, length - match.rule_offset, text);
		if (strcmp(text, cases[i].rule ? cases[i].rule : "") != 0)
			fail_msg("%s: by \"%s\"", cases[i].name, text);
	}
	table_close(&table);
	table = table_of(&with[4], 2);
	assert_int_equal(table_header(table)->version, 3);
	table_close(&table);
}

/* What is taken back leaves no trace. */
static void taken_back(void **state)
{
	(void)state;
	struct build *build[2];
	FILE *file[2] = {tmpfile(), tmpfile()};
	struct build_result result[2];
	struct why why;
	for (unsigned i = 0; i < 2; i++) {
		name_storage wire;
		build[i] = build_new(&test_policy, 1);
		for (unsigned j = 0; j < 3; j++) {
			size_t length = wire_of(rules[j].name, wire), count = build_count(build[i]);
			assert_int_equal(
				build_add(build[i], wire, length, EXACT, RULE_BLOCK, (struct source)A_MALWARE), 0);
			length = wire_of("gone.example", wire);
			for (unsigned more = 0; i == 1 && more < 3; more++)
				assert_int_equal(build_add(build[i], wire, length, SUBTREE, RULE_BLOCK,
							 (struct source)A_MALWARE),
					0);
			build_cut(build[i], count + 1);
			build_cut(build[i], count + 2);
			assert_int_equal(build_count(build[i]), count + 1);
		}
		assert_int_equal(
			build_write(build[i], fileno(file[i]), &(struct build_options){0}, &result[i], &why), 0);
		build_free(&build[i]);
		fclose(file[i]);
	}
	assert_int_equal(result[0].added, 3);
	assert_int_equal(result[1].added, 3);
	assert_int_equal(result[0].rules, result[1].rules);
	assert_int_equal(result[0].folded, result[1].folded);
	assert_int_equal(result[0].body_sum, result[1].body_sum);
}

static void malformed_queries(void **state)
{
	(void)state;
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	name_storage wire;
	size_t length = wire_of("a.evil.example", wire);
	struct match match;
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *edge = edge_copy(wire, cut);
		assert_false(table_lookup(table, edge, cut, &match));
		assert_int_equal(match.verdict, 0);
		table_prefetch(table, edge, cut);
		edge_free(edge, cut);
	}
	uint64_t seed = 5;
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t junk[300];
		size_t junk_length = random_below(&seed, sizeof junk);
		for (size_t j = 0; j < junk_length; j++)
			junk[j] = (uint8_t)random_below(&seed, i % 2 ? 256 : 12);
		table_lookup(table, junk, junk_length, &match);
		if (i < 1000) {
			uint8_t *edge = edge_copy(junk, junk_length);
			table_prefetch(table, edge, junk_length);
			edge_free(edge, junk_length);
		}
	}
	char longest[NAME_MAX_TEXT];
	snprintf(longest, sizeof longest, "%063u.%063u.%063u.%059u.x", 1, 2, 3, 4);
	const char *const good[] = {".", "example", "evil.example", "www.evil.example",
		"a-label-that-is-as-long-as-labels-may-be-or-is-nearly-so.evil.example", longest};
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
		length = wire_of(good[i], wire);
		uint8_t *edge = edge_copy(wire, length), *alone = malloc(length);
		table_prefetch(table, edge, length);
		table_prefetch(table, memcpy(alone, wire, length), length);
		edge_free(edge, length);
		free(alone);
	}
	table_close(&table);
}

/* ---- the model ---- */

/* What design says, done the long way: for each name the rules are gone through from the top. */
struct model_result {
	enum decision decision;
	bool source[3][3];
};

static bool covers(const char *rule, const char *name, enum scope scope)
{
	size_t r = strlen(rule), n = strlen(name);
	if (strcmp(rule, name) == 0)
		return scope != SCOPE_BELOW;
	return scope != SCOPE_EXACT && n > r && name[n - r - 1] == '.' && strcmp(name + n - r, rule) == 0;
}

static struct model_result model(const struct rule_spec *list, size_t count, const char *name)
{
	struct model_result result = {0};
	bool excepted[3] = {0};
	for (size_t i = 0; i < count; i++) {
		if (!covers(list[i].name, name, list[i].scope))
			continue;
		if (list[i].kind == RULE_ALLOW)
			return (struct model_result){.decision = DECISION_ALLOW};
		if (list[i].kind == RULE_EXCEPT)
			excepted[list[i].source.feed] = true;
	}
	for (size_t i = 0; i < count; i++) {
		if (list[i].kind == RULE_BLOCK && covers(list[i].name, name, list[i].scope) &&
			!excepted[list[i].source.feed]) {
			result.source[list[i].source.feed][list[i].source.category] = true;
			result.decision = DECISION_BLOCK;
		}
	}
	return result;
}

static void compare(
	const struct table *table, const struct rule_spec *list, size_t count, const char *name, uint64_t seed)
{
	struct model_result expected = model(list, count, name), got = {0};
	name_storage wire;
	size_t length = wire_of(name, wire);
	struct match match;
	if (table_lookup(table, wire, length, &match)) {
		const struct verdict *verdict = &table_policy(table)->verdicts[match.verdict];
		got.decision = verdict->decision;
		for (unsigned i = 0; i < verdict->effective_count; i++)
			got.source[verdict->effective[i].feed][verdict->effective[i].category] = true;
		char rule[NAME_MAX_TEXT];
		name_to_text(wire + match.rule_offset, length - match.rule_offset, rule);
		bool real = false;
		for (size_t i = 0; i < count && !real; i++)
			real = strcmp(list[i].name, rule) == 0 && covers(rule, name, match.scope) &&
			       (list[i].scope == match.scope || list[i].scope == SCOPE_BELOW);
		if (!real)
			fail_msg("seed %llu: %s matched %s", (unsigned long long)seed, name, rule);
	}
	if (got.decision != expected.decision || memcmp(expected.source, got.source, sizeof got.source) != 0)
		fail_msg("seed %llu: %s: decision %d, the model says %d", (unsigned long long)seed, name, got.decision,
			expected.decision);
}

static void random_name(uint64_t *seed, char text[32], unsigned most)
{
	unsigned labels = 2 + random_below(seed, most - 1);
	char *at = text;
	for (unsigned i = 0; i < labels; i++) {
		if (i > 0)
			*at++ = '.';
		*at++ = (char)('a' + random_below(seed, 3));
	}
	*at = '\0';
}

static void random_tables(void **state)
{
	(void)state;
	enum { MOST = 40 };
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
		char names[MOST][32];
		struct rule_spec list[MOST];
		size_t count = random_below(&random, MOST);
		unsigned kinds = 1 + random_below(&random, 12);
		for (size_t i = 0; i < count; i++) {
			random_name(&random, names[i], 5);
			unsigned kind = random_below(&random, kinds);
			list[i] = (struct rule_spec){names[i], random_below(&random, 3),
				kind == 1   ? RULE_ALLOW
				: kind == 2 ? RULE_EXCEPT
					    : RULE_BLOCK,
				{(uint16_t)random_below(&random, 3), (uint16_t)random_below(&random, 3)}};
		}
		struct table *table = table_of(list, count);
		for (unsigned i = 0; i < 200; i++) {
			char name[32];
			random_name(&random, name, 6);
			compare(table, list, count, name, seed);
		}
		for (size_t i = 0; i < count; i++)
			compare(table, list, count, names[i], seed);
		table_close(&table);
	}
}

/* ---- sizes, order, base ---- */

static struct rule_spec *many(size_t count, char (**store)[40], uint64_t seed)
{
	struct rule_spec *list = calloc(count + 1, sizeof *list);
	*store = calloc(count + 1, sizeof **store);
	for (size_t i = 0; i < count; i++) {
		snprintf((*store)[i], sizeof **store, "%s%llu.%s", random_below(&seed, 4) ? "" : "www.",
			(unsigned long long)(i * 2654435761u % 4294967296u),
			random_below(&seed, 3) ? "example" : "a.test");
		list[i] = (struct rule_spec){
			(*store)[i], random_below(&seed, 2), RULE_BLOCK, {(uint16_t)random_below(&seed, 3), 0}};
	}
	return list;
}

static void every_size(void **state)
{
	(void)state;
	static const size_t counts[] = {
		1, 2, 28, 29, 30, 57, 58, 59, 127, 128, 129, 231, 232, 233, 1000, 4095, 4096, 4097, 20000};
	for (unsigned c = 0; c < sizeof counts / sizeof *counts; c++) {
		char(*store)[40];
		struct rule_spec *list = many(counts[c], &store, c);
		struct table *table = table_of(list, counts[c]);
		for (size_t i = 0; i < counts[c]; i++) {
			name_storage wire;
			struct match match;
			assert_true(table_lookup(table, wire, wire_of(list[i].name, wire), &match));
			char other[60];
			snprintf(other, sizeof other, "no%s", list[i].name);
			assert_false(table_lookup(table, wire, wire_of(other, wire), &match));
		}
		table_close(&table);
		free(list);
		free(store);
	}
}

/* A name is listed itself; one of which the last octet is another is not. */
static void check_listed(const struct table *table, const char *name)
{
	name_storage wire;
	struct match match;
	size_t length = wire_of(name, wire);
	assert_true(table_lookup(table, wire, length, &match));
	assert_int_equal(match.rule_offset, 0);
	wire[length - 2] ^= 1;
	assert_false(table_lookup(table, wire, length, &match));
}

static void longest_names(void **state)
{
	(void)state;
	char names[4][256];
	struct rule_spec list[4];
	size_t at = 0;
	for (unsigned i = 0; i < 127; i++) {
		names[0][at++] = (char)('a' + i % 26);
		names[0][at++] = '.';
	}
	names[0][at - 1] = '\0';
	/* 63 + 63 + 63 + 61 octets in four labels, the same in octets that few symbols stand for, and a label of 63 */
	at = 0;
	for (unsigned label = 0; label < 4; label++) {
		unsigned octets = label < 3 ? 63 : 61;
		memset(names[1] + at, '0' + (int)label, octets);
		at += octets;
		names[1][at++] = '.';
	}
	names[1][at - 1] = '\0';
	snprintf(names[2], sizeof names[2], "%s", names[1]);
	for (unsigned i = 0; i < 200; i++)
		if (names[2][i] != '.')
			names[2][i] = (char)('!' + i * i % 13);
	snprintf(names[3], sizeof names[3], "%.63s.example", names[1]);
	for (unsigned i = 0; i < 4; i++)
		list[i] = (struct rule_spec){names[i], i % 2, RULE_BLOCK, A_MALWARE};
	struct table *table = table_of(list, 4);
	for (unsigned i = 0; i < 4; i++)
		check_listed(table, names[i]);
	table_close(&table);
}

/* Names of octets that no symbols stand for: codes of more than one octet's length, several to a line. */
static void long_codes(void **state)
{
	(void)state;
	enum { NAMES = 200 };
	static const char octets[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	static char names[NAMES][256];
	static struct rule_spec list[NAMES];
	uint64_t seed = 3;
	for (unsigned i = 0; i < NAMES; i++) {
		unsigned length = 60 + random_below(&seed, 190);
		for (unsigned at = 0; at < length; at++)
			names[i][at] = at % 50 == 20 ? '.' : octets[random_below(&seed, sizeof octets - 1)];
		names[i][length - 1] = 'z';
		names[i][length] = '\0';
		list[i] = (struct rule_spec){names[i], i % 2, RULE_BLOCK, A_MALWARE};
	}
	struct table *table = table_of(list, NAMES);
	assert_in_range(table_header(table)->names_length / NAMES, WEIR_ENTRY_LONG + 20, NAME_MAX_WIRE);
	for (unsigned i = 0; i < NAMES; i++)
		check_listed(table, names[i]);
	table_close(&table);
}

static int note_greatest(void *context, const struct table_rule *rule)
{
	uint32_t *greatest = context;
	if (rule->class > *greatest)
		*greatest = rule->class;
	return 0;
}

enum {
	CLASS_SETS = 511
}; /* of the nine sources that test_policy has: each of three feeds in each of three categories */

/* The sources of name `i`, a bit each: for itself, and for what lies below. */
static unsigned class_set(unsigned i, enum scope scope)
{
	return scope == SCOPE_EXACT ? 1 + i % CLASS_SETS : 1 + i / CLASS_SETS;
}

static void add_classed(struct build *build, unsigned i)
{
	char name[32];
	name_storage wire;
	snprintf(name, sizeof name, "n%u.example", i);
	size_t length = wire_of(name, wire);
	for (unsigned bit = 0; bit < 9; bit++)
		for (unsigned scope = SCOPE_EXACT; scope <= SCOPE_SUBTREE; scope++)
			if (class_set(i, scope) >> bit & 1)
				assert_int_equal(build_add(build, wire, length, scope, RULE_BLOCK,
							 (struct source){(uint16_t)(bit / 3), (uint16_t)(bit % 3)}),
					0);
}

/* What is in effect for a name, a bit each. */
static unsigned sources_in_effect(const struct table *table, const uint8_t *wire, size_t length)
{
	struct match match;
	unsigned set = 0;
	assert_true(table_lookup(table, wire, length, &match));
	const struct verdict *verdict = &table_policy(table)->verdicts[match.verdict];
	for (unsigned s = 0; s < verdict->effective_count; s++)
		set |= 1u << (3 * verdict->effective[s].feed + verdict->effective[s].category);
	return set;
}

/* So many classes that their numbers take up to three octets: each name has sources of its own, for itself and below. */
static void many_classes(void **state)
{
	(void)state;
	enum { NAMES = (1 << 14) + 200 };
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	for (unsigned i = 0; i < NAMES; i++)
		add_classed(build, i);
	FILE *file = tmpfile();
	struct build_result result;
	struct why why;
	struct table *table;
	assert_int_equal(build_write(build, fileno(file), &(struct build_options){0}, &result, &why), 0);
	build_free(&build);
	assert_int_equal(table_open_fd(&table, fileno(file), &why), 0);
	fclose(file);
	uint32_t greatest = 0;
	assert_int_equal(table_each(table, note_greatest, &greatest, &why), 0);
	assert_true(greatest >= WEIR_ENTRY_CLASSES + (1 << 14));
	for (unsigned i = 0; i < NAMES; i++) {
		char name[32];
		name_storage wire;
		snprintf(name, sizeof name, "x.n%u.example", i);
		size_t length = wire_of(name, wire);
		unsigned below = class_set(i, SCOPE_SUBTREE);
		assert_int_equal(sources_in_effect(table, wire, length), below);
		assert_int_equal(sources_in_effect(table, wire + 2, length - 2), class_set(i, SCOPE_EXACT) | below);
	}
	table_close(&table);
}

/* Pages of this process, all of them and those that it may write to (proc(5), statm). */
static void count_pages(long *all, long *writable)
{
	char text[128], *at = text;
	FILE *file = fopen("/proc/self/statm", "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	*all = strtol(at, &at, 10);
	for (unsigned i = 1; i < 6; i++)
		*writable = strtol(at, &at, 10);
}

/* An open table is memory that nobody writes to; a closed one is none. */
static void memory_of_tables(void **state)
{
	(void)state;
	enum { TABLES = 40, COUNT = 20000 };
	char(*store)[40];
	struct rule_spec *list = many(COUNT, &store, 12);
	size_t length;
	uint8_t *octets = table_octets_of(list, COUNT, NULL, &length);
	struct table *tables[TABLES];
	struct why why;
	long before[2], open[2], after[2], pages = (long)(TABLES * length / 4096);
	count_pages(&before[0], &before[1]);
	for (unsigned i = 0; i < TABLES; i++)
		assert_int_equal(table_open_octets(&tables[i], octets, length, &why), 0);
	count_pages(&open[0], &open[1]);
	for (unsigned i = 0; i < TABLES; i++)
		table_close(&tables[i]);
	count_pages(&after[0], &after[1]);
	assert_true(open[0] - before[0] >= pages / 2);
	assert_true(open[1] - before[1] < pages / 2);
	assert_true(after[0] - before[0] < pages / 2);
	free(octets);
	free(list);
	free(store);
}

static void order_does_not_matter(void **state)
{
	(void)state;
	char(*store)[40];
	enum { COUNT = 2000 };
	struct rule_spec *list = many(COUNT, &store, 10), *backwards = calloc(2 * COUNT, sizeof *backwards);
	for (size_t i = 0; i < COUNT; i++)
		backwards[i] = backwards[2 * COUNT - 1 - i] = list[COUNT - 1 - i];
	size_t length, other_length;
	uint8_t *octets = table_octets_of(list, COUNT, NULL, &length);
	uint8_t *other = table_octets_of(backwards, 2 * COUNT, NULL, &other_length);
	assert_int_equal(other_length, length);
	assert_memory_equal(other, octets, length);
	free(octets);
	free(other);
	free(list);
	free(backwards);
	free(store);
}

/* A base that holds little, or other names, must not make what is built on it larger. */
static void built_on_a_poor_base(void **state)
{
	(void)state;
	static const struct rule_spec few[] = {{"first.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"second.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}}};
	char(*store)[40];
	enum { COUNT = 5000 };
	struct rule_spec *list = many(COUNT, &store, 12);
	size_t alone_length, length;
	struct table *base = table_of(few, 2);
	uint8_t *alone = table_octets_of(list, COUNT, NULL, &alone_length);
	uint8_t *based = table_octets_of(list, COUNT, base, &length);
	assert_in_range(length, alone_length / 2, alone_length + alone_length / 10);
	table_close(&base);
	free(alone);
	free(based);
	free(list);
	free(store);
}

/* With a base a table that changed little differs in little, and one that did not change not at all. */
static void built_on_a_base(void **state)
{
	(void)state;
	char(*store)[40];
	enum { COUNT = 20000 };
	struct rule_spec *list = many(COUNT, &store, 12);
	size_t length, next_length;
	struct why why;
	struct table *base, *next;
	uint8_t *octets = table_octets_of(list, COUNT - 20, NULL, &length);
	assert_int_equal(table_open_octets(&base, octets, length, &why), 0);
	uint8_t *same = table_octets_of(list, COUNT - 20, base, &next_length);
	assert_int_equal(next_length, length);
	assert_memory_equal(same, octets, length);
	uint8_t *changed = table_octets_of(list + 20, COUNT - 20, base, &next_length);
	assert_int_equal(table_open_octets(&next, changed, next_length, &why), 0);
	assert_int_equal(table_verify(next, &why), 0);
	assert_int_equal(table_header(next)->homes, table_header(base)->homes);
	assert_true(table_body_sum(next) != table_body_sum(base));
	/* 40 changed rules touch at most 40 lines and those that overflow moved: nearly all others are the same. */
	const uint8_t *a =
		octets + WEIR_HEADER + table_header(base)->policy_length + table_header(base)->symbols_length;
	const uint8_t *b =
		changed + WEIR_HEADER + table_header(next)->policy_length + table_header(next)->symbols_length;
	unsigned different = 0;
	for (uint32_t i = 0; i < table_header(base)->homes; i++)
		different += memcmp(a + i * WEIR_LINE, b + i * WEIR_LINE, WEIR_LINE) != 0;
	assert_in_range(different, 20, 140);
	table_close(&base);
	table_close(&next);
	free(octets);
	free(same);
	free(changed);
	free(list);
	free(store);
}

static uint32_t homes_of(const struct rule_spec *list, size_t count, const struct table *base)
{
	size_t length;
	struct table *table;
	struct why why;
	uint8_t *octets = table_octets_of(list, count, base, &length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	uint32_t homes = table_header(table)->homes;
	table_close(&table);
	free(octets);
	return homes;
}

/* The index is as large as that of the base, where the names fill that one neither too much nor too little. */
static void homes_of_the_base(void **state)
{
	(void)state;
	enum { BASE = 4000, MOST = 40000 };
	static const struct {
		size_t count;
		bool as_in_base;
	} cases[] = {{10, false}, {BASE / 2, false}, {BASE * 3 / 4, true}, {BASE * 107 / 100, true},
		{BASE * 5 / 4, false}, {MOST, false}};
	char(*store)[40];
	struct rule_spec *list = many(MOST, &store, 14);
	struct table *base = table_of(list, BASE);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t homes = homes_of(list, cases[i].count, base), alone = homes_of(list, cases[i].count, NULL);
		assert_int_not_equal(alone, table_header(base)->homes);
		assert_int_equal(homes, cases[i].as_in_base ? table_header(base)->homes : alone);
	}
	table_close(&base);
	free(list);
	free(store);
}

/* ---- nodes that only seem to be the same ---- */

enum { CANDIDATES = 1000 };

static uint64_t key_of(const char *name)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	return name_key(wire, length, BUILD_PUBLIC_KEY);
}

/* A mark and, behind it in its line, a rule with the same check: to read the line's names the mark is none that has one. */
static void mark_with_the_check_of_a_rule(void **state)
{
	(void)state;
	static uint64_t rule_keys[CANDIDATES];
	char parent[32], child[40], name[32];
	unsigned found = 0;
	for (unsigned rule = 0; rule < CANDIDATES; rule++) {
		snprintf(name, sizeof name, "r%u.example", rule);
		rule_keys[rule] = key_of(name);
	}
	for (unsigned mark = 0; mark < CANDIDATES && found < 3; mark++) {
		snprintf(parent, sizeof parent, "p%u.example", mark);
		snprintf(child, sizeof child, "www.%s", parent);
		uint64_t mark_key = key_of(parent);
		for (unsigned rule = 0; rule < CANDIDATES; rule++) {
			if (key_check(mark_key) != key_check(rule_keys[rule]) || mark_key > rule_keys[rule])
				continue;
			found++;
			snprintf(name, sizeof name, "r%u.example", rule);
			const struct rule_spec specs[] = {
				{name, EXACT, RULE_BLOCK, A_MALWARE}, {child, EXACT, RULE_BLOCK, B_PHISHING}};
			struct table *table = table_of(specs, 2);
			assert_int_equal(table_header(table)->homes, 1);
			check_listed(table, name);
			check_listed(table, child);
			table_close(&table);
		}
	}
	assert_true(found > 0);
}

/* ---- files ---- */

/* Opened by path, it leaves nothing open; what is refused is no table. */
static void opened_by_path(void **state)
{
	(void)state;
	struct table *table = (struct table *)(uintptr_t)1;
	struct why why;
	size_t length;
	uint8_t *octets = table_octets_of(rules, sizeof rules / sizeof *rules, NULL, &length);
	FILE *file = fopen(in_directory("table"), "w+");
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	fflush(file);
	assert_int_equal(table_open(&table, in_directory("table"), &why), 0);
	table_close(&table);
	table = (struct table *)(uintptr_t)1;
	assert_int_equal(table_open(&table, in_directory("other"), &why), -ENOENT);
	assert_null(table);
	assert_int_equal(ftruncate(fileno(file), (off_t)length - 1), 0);
	table = (struct table *)(uintptr_t)1;
	assert_int_equal(table_open_fd(&table, fileno(file), &why), WEIR_EFORMAT);
	assert_null(table);
	fclose(file);
	free(octets);
}

/* Files whose last page is nearly full, and nearly empty: in memory there is a line more. */
static void lengths_in_pages(void **state)
{
	(void)state;
	bool full = false, empty = false;
	guarded = true;
	for (unsigned count = 0; !full || !empty; count++) {
		size_t length;
		struct table *table;
		struct why why;
		uint8_t *octets = table_octets_of_many(count, &length);
		bool is_full = length % PAGE >= PAGE - WEIR_LINE, is_empty = length % PAGE < WEIR_LINE;
		if (is_full || is_empty) {
			if (table_open_octets(&table, octets, length, &why) != 0)
				fail_msg("%zu octets: %s", length, why.text);
			table_close(&table);
		}
		full |= is_full;
		empty |= is_empty;
		free(octets);
	}
	guarded = false;
}

struct classes {
	uint32_t class[26]; /* of x.test, by x */
};

static int note_class(void *context, const struct table_rule *rule)
{
	((struct classes *)context)->class[rule->text[0] - 'a'] = rule->class;
	return 0;
}

static struct classes classes_of(
	const struct rule_spec *list, size_t count, const struct table *base, struct table **table)
{
	size_t length;
	struct why why;
	struct classes classes;
	memset(&classes, 0xff, sizeof classes);
	uint8_t *octets = table_octets_of(list, count, base, &length);
	assert_int_equal(table_open_octets(table, octets, length, &why), 0);
	assert_int_equal(table_verify(*table, &why), 0);
	assert_int_equal(table_each(*table, note_class, &classes, &why), 0);
	free(octets);
	return classes;
}

/* The most used class has the smallest number, but a class that the base has keeps its number there. */
static void class_numbers(void **state)
{
	(void)state;
	static const struct rule_spec first[] = {{"a.test", SUBTREE, RULE_BLOCK, A_MALWARE},
		{"b.test", SUBTREE, RULE_BLOCK, A_MALWARE}, {"c.test", SUBTREE, RULE_BLOCK, A_MALWARE},
		{"d.test", SUBTREE, RULE_BLOCK, B_MALWARE}, {"e.test", SUBTREE, RULE_BLOCK, B_MALWARE},
		{"f.test", EXACT, RULE_BLOCK, A_MALWARE}};
	static const struct rule_spec next[] = {{"a.test", SUBTREE, RULE_BLOCK, A_MALWARE},
		{"d.test", SUBTREE, RULE_BLOCK, B_MALWARE}, {"g.test", SUBTREE, RULE_BLOCK, B_PHISHING},
		{"h.test", SUBTREE, RULE_BLOCK, B_PHISHING}, {"i.test", SUBTREE, RULE_BLOCK, B_PHISHING},
		{"j.test", SUBTREE, RULE_BLOCK, G_TRIAL}, {"k.test", SUBTREE, RULE_BLOCK, G_TRIAL}};
	struct table *base, *table, *fresh;
	struct classes c = classes_of(first, 6, NULL, &base);
	assert_int_equal(c.class['a' - 'a'], 0);
	assert_int_equal(c.class['d' - 'a'], 1);
	assert_int_equal(c.class['f' - 'a'], 2);
	c = classes_of(next, 7, base, &table);
	assert_int_equal(c.class['a' - 'a'], 0);
	assert_int_equal(c.class['d' - 'a'], 1);
	assert_int_equal(c.class['g' - 'a'], 2);
	assert_int_equal(c.class['j' - 'a'], 3);
	c = classes_of(next, 7, NULL, &fresh);
	assert_int_equal(c.class['g' - 'a'], 0);
	assert_int_equal(c.class['j' - 'a'], 1);
	table_close(&base);
	table_close(&table);
	table_close(&fresh);
}

/* A piece of the table's file, and nothing behind it. */
static void image_piece(const struct table *table, size_t from, uint8_t *to, size_t length)
{
	uint8_t *piece = malloc(length + WEIR_LINE);
	memset(piece, 0xa5, length + WEIR_LINE);
	table_image(table, from, piece, length);
	for (size_t i = length; i < length + WEIR_LINE; i++)
		assert_int_equal(piece[i], 0xa5);
	memcpy(to, piece, length);
	free(piece);
}

/* A table gives back the file that it was opened from, in pieces of any size. */
static void images(void **state)
{
	(void)state;
	enum { NAMES = 3000 };
	struct rule_spec *many = calloc(NAMES, sizeof *many);
	char(*names)[32] = calloc(NAMES, sizeof *names);
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof names[i], "n%u.d%u.example", i, i % 7);
		many[i] = (struct rule_spec){names[i], i % 2 ? EXACT : SUBTREE, RULE_BLOCK, A_MALWARE};
	}
	static const size_t pieces[] = {WEIR_LINE, 3 * WEIR_LINE, 1024 * WEIR_LINE, WEIR_MAX_FILE};
	for (unsigned count = 0; count <= NAMES; count += NAMES / 2) {
		size_t length;
		struct why why;
		struct table *table;
		uint8_t *octets = table_octets_of(many, count, NULL, &length);
		uint8_t *image = malloc(length);
		assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
		for (unsigned p = 0; p < sizeof pieces / sizeof *pieces; p++) {
			memset(image, 0xa5, length);
			for (size_t at = 0; at < length; at += pieces[p])
				image_piece(table, at, image + at, length - at < pieces[p] ? length - at : pieces[p]);
			assert_memory_equal(image, octets, length);
		}
		table_close(&table);
		free(image);
		free(octets);
	}
	free(names);
	free(many);
}

/* What is decided, and whether a rule of that very name and scope decides it. */
static void verdicts_of_names(void **state)
{
	(void)state;
	static const struct rule_spec specs[] = {{"exact.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"tree.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}}};
	static const struct {
		const char *name;
		enum scope scope;
		bool found, own;
	} cases[] = {{"exact.example", SCOPE_EXACT, true, true}, {"exact.example", SCOPE_SUBTREE, false, false},
		{"tree.example", SCOPE_SUBTREE, true, true}, {"tree.example", SCOPE_EXACT, true, false},
		{"a.tree.example", SCOPE_EXACT, true, false}, {"a.tree.example", SCOPE_SUBTREE, true, false},
		{"other.example", SCOPE_EXACT, false, false}};
	struct table *table = table_of(specs, 2);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		bool own = true;
		size_t length = wire_of(cases[i].name, wire);
		bool found = table_verdict(table, wire, length, cases[i].scope, &own);
		if (found != cases[i].found || own != cases[i].own)
			fail_msg("%s, %s: %d %d", cases[i].name, scope_text(cases[i].scope), found, own);
	}
	table_close(&table);
}

/* What holds below the longest names. Behind 253 octets there is no room for a label below them: then it is what holds
 * for the name. */
static void below_long_names(void **state)
{
	(void)state;
	for (size_t longest = 250; longest <= NAME_MAX_WIRE; longest++) {
		char text[NAME_MAX_TEXT];
		name_storage wire;
		size_t used = 0;
		for (unsigned label = 0; label < 4; label++) {
			size_t octets = label < 3 ? 63 : longest - 3 * 64 - 2;
			memset(text + used, 'a' + (int)label, octets);
			used += octets;
			text[used++] = '.';
		}
		text[used - 1] = '\0';
		const struct rule_spec list[] = {
			{text, SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {text, SCOPE_SUBTREE, RULE_BLOCK, {1, 1}}};
		assert_int_equal(wire_of(text, wire), longest);
		struct table *table = table_of(list, 2);
		bool own, room = longest <= NAME_MAX_WIRE - 2;
		const struct verdict *below = table_verdict(table, wire, longest, SCOPE_SUBTREE, &own);
		assert_non_null(below);
		assert_int_equal(own, room);
		assert_int_equal(below->effective_count, room ? 1 : 2);
		const struct verdict *at = table_verdict(table, wire, longest, SCOPE_EXACT, &own);
		assert_true(own);
		assert_int_equal(at->effective_count, 2);
		table_close(&table);
	}
}

/* Whether anything is listed below a name: by a rule of its own, not by one that covers both. */
static void listed_below(void **state)
{
	(void)state;
	static const struct rule_spec specs[] = {{"exact.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"tree.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
		{"a.b.tree.example", SCOPE_EXACT, RULE_ALLOW, {1, 0}}};
	static const struct {
		const char *name;
		bool listed;
	} cases[] = {{"exact.example", false}, {"tree.example", true}, {"TREE.example", true}, {"b.tree.example", true},
		{"a.b.tree.example", false}, {"c.tree.example", false}, {"other.example", false}};
	struct table *table = table_of(specs, 3);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		if (table_lists_below(table, wire, wire_of(cases[i].name, wire)) != cases[i].listed)
			fail_msg("%s", cases[i].name);
	}
	static const uint8_t malformed[] = {4, 't', 'r', 'e', 'e', 9, 0};
	assert_false(table_lists_below(table, malformed, sizeof malformed));
	table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen_names),
		cmocka_unit_test(dumped),
		cmocka_unit_test(empty_table),
		cmocka_unit_test(refused_names),
		cmocka_unit_test(single_labels),
		cmocka_unit_test(taken_back),
		cmocka_unit_test(malformed_queries),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(every_size),
		cmocka_unit_test(longest_names),
		cmocka_unit_test(below_long_names),
		cmocka_unit_test(listed_below),
		cmocka_unit_test(long_codes),
		cmocka_unit_test(many_classes),
		cmocka_unit_test(memory_of_tables),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(built_on_a_poor_base),
		cmocka_unit_test(built_on_a_base),
		cmocka_unit_test(homes_of_the_base),
		cmocka_unit_test(mark_with_the_check_of_a_rule),
		cmocka_unit_test_setup_teardown(opened_by_path, with_directory, all_closed),
		cmocka_unit_test(lengths_in_pages),
		cmocka_unit_test(class_numbers),
		cmocka_unit_test(images),
		cmocka_unit_test(verdicts_of_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
