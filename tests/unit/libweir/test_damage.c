/* SPDX-License-Identifier: BSD-3-Clause */
/* Damaged tables: every truncation and every flipped bit of a small one is refused; what a liar with right checksums
 * can write is refused, or answered without harm. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/little_endian.h"
#include "libweir/dump.h"
#include "libweir/hash.h"

static const struct rule_spec rules[] = {
	{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"bank.evil.example", SCOPE_EXACT, RULE_BLOCK, {1, 1}},
	{"good.evil.example", SCOPE_SUBTREE, RULE_ALLOW, {1, 0}},
	{"other.test", SCOPE_EXACT, RULE_BLOCK, {2, 2}},
};

static uint8_t *small_table(size_t *length)
{
	return table_octets_of(rules, 4, NULL, length);
}

/* Where the index begins. */
static size_t index_of(const uint8_t *octets)
{
	return WEIR_HEADER + (size_t)get_u64(octets + 64) + (size_t)get_u64(octets + 72);
}

static void refused(const uint8_t *octets, size_t length, int status)
{
	struct table *table = NULL;
	struct why why;
	int got = table_open_octets(&table, octets, length, &why);
	if (got == 0)
		fail_msg("accepted");
	if (status != 0)
		assert_int_equal(got, status);
	assert_null(table);
	assert_string_not_equal(why.text, "");
}

static void truncated_and_longer(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length);
	for (size_t l = 0; l < length; l++)
		refused(octets, l, WEIR_EFORMAT);
	octets = realloc(octets, length + 1);
	octets[length] = 0;
	refused(octets, length + 1, WEIR_EFORMAT);
	free(octets);
}

static void every_bit_flipped(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length);
	for (size_t bit = 0; bit < length * 8; bit++) {
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		bool version = bit / 8 >= 8 && bit / 8 < 12;
		refused(octets, length, version ? WEIR_EVERSION : WEIR_EFORMAT);
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(octets);
}

/* Uses a table in every way there is. */
static void use(const struct table *table)
{
	struct why why;
	FILE *out = fopen("/dev/null", "w");
	int status = table_verify(table, &why) | table_dump(table, out, &why);
	(void)status;
	fclose(out);
	static const char *const names[] = {"evil.example", "bank.evil.example", "a.good.evil.example", "other.test",
		"x.other.test", "a.b.c.d.e.example"};
	for (unsigned i = 0; i < 6; i++) {
		name_storage wire;
		struct match match;
		if (table_lookup(table, wire, wire_of(names[i], wire), &match))
			assert_true(match.verdict > 0 && match.verdict < table_policy(table)->verdict_count);
	}
}

static void lies_with_right_checksums(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length), *lie = malloc(length);
	unsigned accepted = 0;
	for (size_t bit = 0; bit < length * 8; bit++) {
		memcpy(lie, octets, length);
		lie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		reseal(lie, length);
		struct table *table;
		struct why why;
		if (table_open_octets(&table, lie, length, &why) == 0) {
			accepted++;
			use(table);
			table_close(&table);
		}
	}
	/* Wholly random numbers too. */
	uint64_t seed = 77;
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(lie, octets, length);
		for (unsigned n = 1 + random_below(&seed, 6); n > 0; n--)
			lie[random_below(&seed, (unsigned)length)] = (uint8_t)random_next(&seed);
		reseal(lie, length);
		struct table *table;
		struct why why;
		if (table_open_octets(&table, lie, length, &why) == 0) {
			use(table);
			table_close(&table);
		}
	}
	/* Most bits of the names and tags, the generation, the key ... can be anything and still be read. */
	assert_in_range(accepted, 100, length * 8);
	free(octets);
	free(lie);
}

/* Open takes it; verify says that this is wrong, or nothing. */
static void check_verify(uint8_t *octets, size_t length, const char *reason)
{
	struct table *table;
	struct why why = {""};
	reseal(octets, length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	assert_int_equal(table_verify(table, &why), reason ? WEIR_EFORMAT : 0);
	if (reason && !strstr(why.text, reason))
		fail_msg("\"%s\", not \"%s\"", why.text, reason);
	table_close(&table);
}

/* Changes that verify must find though open does not. */
static void verify_finds(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length);
	size_t index = index_of(octets);
	/* Another hash key: no name lies where it belongs. */
	put_u64(octets + 32, 12345);
	check_verify(octets, length, "does not belong here");
	put_u64(octets + 32, BUILD_PUBLIC_KEY);
	/* A bit of the filter taken off: some node would never be found. */
	size_t filter = index + get_u32(octets + 60) * (size_t)WEIR_LINE;
	for (size_t bit = 0; bit < (size_t)get_u32(octets + 56) * WEIR_FILTER_WORDS * 64; bit++) {
		uint8_t *octet = octets + filter + bit / 8, set = (uint8_t)(1 << bit % 8);
		if ((*octet & set) == 0)
			continue;
		*octet ^= set;
		check_verify(octets, length, "is not found by a lookup");
		*octet ^= set;
	}
	/* An ancestor's mark taken off; another check; a mark too many. */
	unsigned marked = 0;
	for (size_t at = index + 6; get_u16(octets + at) != 0; at += 2) {
		uint16_t tag = get_u16(octets + at);
		if (tag & WEIR_TAG_MORE) {
			put_u16(octets + at, tag & ~WEIR_TAG_MORE);
			check_verify(octets, length, "is not found by a lookup"); /* a rule below is not reached */
			marked++;
		} else {
			put_u16(octets + at, tag | WEIR_TAG_MORE);
			check_verify(octets, length, "index: 2 rules are marked as having others below, 1 have");
		}
		put_u16(octets + at, tag ^ 1);
		check_verify(octets, length, "does not belong here");
		put_u16(octets + at, tag);
	}
	assert_int_equal(marked, 1);
	check_verify(octets, length, NULL);
	free(octets);
}

/* Marks of names with nothing below them, and without a rule. */
static void marks_too_many(void **state)
{
	(void)state;
	static const struct rule_spec deep[] = {
		{"a.b.c.d.test", SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {"b.c.d.test", SCOPE_EXACT, RULE_BLOCK, {0, 0}}};
	size_t length;
	uint8_t *octets = table_octets_of(deep, 2, NULL, &length);
	size_t tags = index_of(octets) + 6;
	assert_int_equal(get_u64(octets + 48), 2); /* of c.d.test and d.test; b.c.d.test has a rule */
	check_verify(octets, length, NULL);
	assert_int_equal(get_u16(octets + tags + 8), 0);
	put_u16(octets + tags + 8, WEIR_TAG_MORE | 1);
	put_u64(octets + 48, 3);
	check_verify(octets, length, "index: 3 marks, the rules need 2");
	put_u16(octets + tags + 8, 0);
	put_u64(octets + 48, 2);
	/* One of the four is another node's: what is below it is not found. */
	for (size_t at = tags; at < tags + 8; at += 2) {
		uint16_t tag = get_u16(octets + at);
		if (tag & WEIR_TAG_RULE)
			continue;
		put_u16(octets + at, tag ^ 1);
		check_verify(octets, length, "is not found by a lookup");
		put_u16(octets + at, tag);
	}
	check_verify(octets, length, NULL);
	free(octets);
}

/* Two rules that change places, in the index and among the names; and a class that no rule has. */
static void out_of_order(void **state)
{
	(void)state;
	static const struct rule_spec two[] = {
		{"a.test", SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {"b.test", SCOPE_EXACT, RULE_BLOCK, {1, 0}}};
	size_t length;
	uint8_t *octets = table_octets_of(two, 2, NULL, &length);
	size_t tags = index_of(octets) + 6, half = (size_t)get_u64(octets + 80) / 2, names = length - 2 * half;
	uint16_t first = get_u16(octets + tags), second = get_u16(octets + tags + 2);
	uint8_t entry[64];
	check_verify(octets, length, NULL);
	put_u16(octets + tags, second);
	put_u16(octets + tags + 2, first);
	check_verify(octets, length, "does not belong here");
	memcpy(entry, octets + names, half);
	memmove(octets + names, octets + names + half, half);
	memcpy(octets + names + half, entry, half);
	check_verify(octets, length, "out of order");
	memcpy(entry, octets + names, half);
	memmove(octets + names, octets + names + half, half);
	memcpy(octets + names + half, entry, half);
	put_u16(octets + tags, first);
	put_u16(octets + tags + 2, second);
	check_verify(octets, length, NULL);
	for (unsigned i = 0; i < 2; i++) {
		octets[names + i * half] ^= 0x40;
		check_verify(octets, length,
			octets[names + i * half] & 0x40 ? "policy: class 0 has no rule"
							: "policy: class 1 has no rule");
		octets[names + i * half] ^= 0x40;
	}
	free(octets);
}

/* Names that no rule may have. */
static void no_canonical_names(void **state)
{
	(void)state;
	size_t length;
	const struct rule_spec rule = {"ab.test", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	uint8_t *octets = table_octets_of(&rule, 1, NULL, &length);
	size_t names = length - (size_t)get_u64(octets + 80);
	/* The second octet of the entry is the code of 'a', or its escape. */
	assert_int_equal(octets[names + 1], 255);
	assert_int_equal(octets[names + 2], 'a');
	static const char bad[] = {'A', '.', ' ', '\\', '\0', '\x7f', '\xe4'};
	for (unsigned i = 0; i < sizeof bad; i++) {
		octets[names + 2] = (uint8_t)bad[i];
		check_verify(octets, length, "not canonical");
	}
	free(octets);
	const struct rule_spec single = {"test", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	octets = table_octets_of(&single, 1, NULL, &length);
	octets[8] = WEIR_VERSION_USUAL;
	put_u32(octets + 12, 0);
	check_verify(octets, length, "a single label");
	free(octets);
}

static void check_reason(uint8_t *octets, size_t length, const char *reason)
{
	struct table *table = NULL;
	struct why why;
	reseal(octets, length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), WEIR_EFORMAT);
	assert_string_equal(why.text, reason);
}

/* Tags that no builder writes, and counts that are not those of the tags. */
static void malformed_tags(void **state)
{
	(void)state;
	static const struct {
		uint16_t tag[3];
	} cases[] = {
		{{WEIR_TAG_RULE | 5, 0, WEIR_TAG_RULE | 6}}, /* a free one between */
		{{0, WEIR_TAG_RULE | 5}}, {{WEIR_TAG_RULE}}, /* no check */
		{{WEIR_TAG_RULE | WEIR_TAG_MORE}}, {{5}},    /* neither a rule nor anything below */
	};
	size_t length;
	uint8_t *octets = table_octets_of(&rules[3], 1, NULL, &length);
	size_t tags = index_of(octets) + 6;
	uint16_t good = get_u16(octets + tags);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (unsigned t = 0; t < 3; t++)
			put_u16(octets + tags + 2 * (size_t)t, cases[i].tag[t]);
		check_reason(octets, length, "index line 0: malformed tag");
	}
	memset(octets + tags, 0, 6);
	put_u16(octets + tags, good);
	put_u64(octets + 40, 2);
	check_reason(octets, length, "index: 1 rules and 0 marks, the header says 2 and 0");
	put_u64(octets + 40, 1);
	put_u64(octets + 48, 1);
	check_reason(octets, length, "index: 1 rules and 0 marks, the header says 1 and 1");
	free(octets);
}

/* A table of four classes and one rule, whose line has these names. A line more has what lies behind them. */
static uint8_t *table_with_names(const uint8_t *names, size_t count, const uint8_t *behind, size_t rest, size_t *length)
{
	static const struct rule_spec four[] = {{"a.test", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"b.test", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}}, {"c.test", SCOPE_EXACT, RULE_BLOCK, {1, 0}},
		{"d.test", SCOPE_SUBTREE, RULE_BLOCK, {1, 0}}};
	size_t whole;
	uint8_t *octets = table_octets_of(four, 4, NULL, &whole);
	assert_int_equal(get_u32(octets + 60), 1);
	size_t index = index_of(octets), names_at = whole - (size_t)get_u64(octets + 80);
	*length = names_at + WEIR_LINE + count + rest;
	uint8_t *lie = calloc(1, *length);
	memcpy(lie, octets, index + 8);
	memcpy(lie + index + 2 * (size_t)WEIR_LINE, octets + index + WEIR_LINE, names_at - index - WEIR_LINE);
	memcpy(lie + names_at + WEIR_LINE, names, count);
	memcpy(lie + names_at + WEIR_LINE + count, behind, rest);
	put_u32(lie + 8, WEIR_VERSION); /* so that a single label is a name */
	put_u32(lie + 12, WEIR_HAS_SINGLE);
	put_u64(lie + 40, 1);
	put_u32(lie + 60, 2);
	put_u64(lie + 80, count + rest);
	put_u32(lie + index, (uint32_t)count);
	put_u32(lie + index + WEIR_LINE, (uint32_t)rest);
	reseal(lie, *length);
	free(octets);
	return lie;
}

/* Lengths in the header that cannot be, in a file that is as long as they say. */
static void impossible_headers(void **state)
{
	(void)state;
	static const struct {
		uint32_t homes, lines;
		const char *reason; /* NULL: another one */
	} cases[] = {{0, 1, "header: 1 lines for 0 homes"}, {2, 1, "header: 1 lines for 2 homes"},
		{1, 9, "header: 9 lines for 1 homes"}, {1, 8, NULL}, {1, 1, NULL}};
	size_t length;
	uint8_t *octets = table_octets_of(&rules[3], 1, NULL, &length);
	size_t others = length - WEIR_LINE - WEIR_FILTER_WORDS * 8;
	uint8_t *lie = calloc(1, length + 9 * (size_t)WEIR_LINE);
	struct table *table;
	struct why why;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		memcpy(lie, octets, length);
		put_u32(lie + 56, cases[i].homes);
		put_u32(lie + 60, cases[i].lines);
		size_t size =
			others + cases[i].lines * (size_t)WEIR_LINE + cases[i].homes * (size_t)WEIR_FILTER_WORDS * 8;
		reseal(lie, size);
		int status = table_open_octets(&table, lie, size, &why);
		if (cases[i].reason)
			assert_string_equal(why.text, cases[i].reason);
		assert_null(strstr(cases[i].reason ? "" : why.text, "lines for"));
		if (status == 0)
			table_close(&table);
	}
	/* The index would not begin at a multiple of its lines' length. */
	memcpy(lie, octets, length);
	put_u64(lie + 72, get_u64(octets + 72) + 1);
	check_reason(lie, length + 1, "header: impossible lengths");
	memcpy(lie, octets, length);
	put_u64(lie + 72, UINT64_MAX - 63 - get_u64(octets + 64));
	check_reason(lie, length, "header: impossible lengths");
	/* A header alone is one of a longer file. */
	check_reason(octets, WEIR_HEADER - 1, "file of 255 octets is not a table");
	assert_int_equal(table_open_octets(&table, octets, WEIR_HEADER, &why), WEIR_EFORMAT);
	assert_non_null(strstr(why.text, "header: file should have "));
	free(lie);
	free(octets);
}

/* Lines whose names or whose reach go beyond the file. */
static void lines_too_far(void **state)
{
	(void)state;
	static const uint8_t name[] = {2, 255, 'x'};
	size_t length;
	uint8_t *octets = table_with_names(name, sizeof name, name, sizeof name, &length);
	size_t index = index_of(octets), second = index + WEIR_LINE;
	struct table *table;
	struct why why;
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	table_close(&table);
	put_u32(octets + index, 7);
	check_reason(octets, length, "index line 0: names exceed the file");
	put_u32(octets + index, 3);
	put_u32(octets + second, 4);
	check_reason(octets, length, "index line 1: names exceed the file");
	put_u32(octets + second, 2);
	check_reason(octets, length, "index: 5 octets of names, the file has 6");
	put_u32(octets + second, 3);
	put_u16(octets + index + 4, 1); /* to the last line: that is as far as it may be */
	reseal(octets, length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	table_close(&table);
	put_u16(octets + index + 4, 2);
	check_reason(octets, length, "index line 0: reach of 2");
	put_u16(octets + index + 4, 0);
	put_u16(octets + second + 4, 1);
	check_reason(octets, length, "index line 1: reach of 1");
	free(octets);
}

/* A file that holds less than it seems to, as those of the kernel do. */
static void shorter_than_it_seems(void **state)
{
	(void)state;
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	struct table *table = NULL;
	struct why why;
	struct stat st;
	char content[WEIR_HEADER], wanted[64];
	FILE *in = fopen(path, "r");
	if (!in || fstat(fileno(in), &st) != 0 || st.st_size < WEIR_HEADER)
		skip();
	size_t length = fread(content, 1, sizeof content, in);
	fclose(in);
	assert_int_equal(table_open(&table, path, &why), WEIR_EFORMAT);
	snprintf(wanted, sizeof wanted, "file ends at octet %zu", length);
	assert_string_equal(why.text, wanted);
	assert_null(table);
}

static int note_rule(void *context, const struct table_rule *rule)
{
	assert_string_equal(rule->text, "x");
	*(uint32_t *)context = rule->class;
	return 0;
}

/* Entries at the limits of the format. What lies behind a line's names would make a whole one of each that is too short. */
static void entries(void **state)
{
	(void)state;
	enum { BAD = UINT16_MAX };
	static const struct {
		uint8_t names[8], count, behind[4], rest;
		uint32_t class;
	} cases[] = {
		{{2, 255, 'x'}, 3, {0}, 0, 0},
		{{0x82, 255, 'x'}, 3, {0}, 0, 2},
		{{63, 2, 0, 255, 'x'}, 5, {0}, 0, 0},
		{{0xc2, 0, 255, 'x'}, 4, {0}, 0, 3},
		{{0xff, 2, 0, 0, 255, 'x'}, 6, {0}, 0, 3},
		{{0xc2, 0x80, 0x80, 0x80, 0, 255, 'x'}, 7, {0}, 0, 3},
		{{0xc2, 0x80, 0x80, 0x80, 0x80, 0, 255, 'x'}, 8, {0}, 0, BAD},
		{{0xc2, 1, 255, 'x'}, 4, {0}, 0, BAD}, /* a class too many */
		{{0}, 1, {0}, 0, BAD},
		{{0}, 0, {2, 255, 'x'}, 3, BAD},
		{{2}, 1, {255, 'x'}, 2, BAD},
		{{2, 255}, 2, {'x'}, 1, BAD},
		{{63}, 1, {2, 0, 255, 'x'}, 4, BAD},
		{{63, 2}, 2, {0, 255, 'x'}, 3, BAD},
		{{63, 2, 0}, 3, {255, 'x'}, 2, BAD},
		{{0xc2}, 1, {0, 255, 'x'}, 3, BAD},
		{{0xc2, 0x80}, 2, {0, 255, 'x'}, 3, BAD},
		{{0xc2, 0}, 2, {255, 'x'}, 2, BAD},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length;
		uint8_t *lie =
			table_with_names(cases[i].names, cases[i].count, cases[i].behind, cases[i].rest, &length);
		struct table *table;
		struct why why;
		uint32_t class = BAD;
		assert_int_equal(table_open_octets(&table, lie, length, &why), 0);
		assert_int_equal(table_policy(table)->class_count, 4);
		int status = table_each(table, note_rule, &class, &why);
		if (class != cases[i].class || status != (class == BAD ? WEIR_EFORMAT : 0))
			fail_msg("case %u: class %u, status %d", i, class, status);
		if (status != 0)
			assert_string_equal(why.text, "index line 0: entry 0 is malformed");
		table_close(&table);
		free(lie);
	}
}

/* A lookup compares the whole name, dots included: what the index tells of a name is not believed. */
static void names_are_compared(void **state)
{
	(void)state;
	static const struct rule_spec dotted = {"abcd.efgh", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}};
	static const char *const queries[] = {"abcd.efgh", "www.abcd.efgh"};
	size_t length;
	uint8_t *octets = table_octets_of(&dotted, 1, NULL, &length);
	unsigned changed = 0;
	for (size_t at = length - (size_t)get_u64(octets + 80) + 1; at < length; at++) {
		uint8_t was = octets[at];
		if (octets[at - 1] != 255)
			continue;
		octets[at] = was == 'x' ? 'y' : 'x';
		reseal(octets, length);
		struct table *table;
		struct why why;
		assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
		for (unsigned i = 0; i < 2; i++) {
			name_storage wire;
			struct match match;
			assert_false(table_lookup(table, wire, wire_of(queries[i], wire), &match));
		}
		table_close(&table);
		octets[at] = was;
		changed++;
	}
	assert_int_equal(changed, strlen(dotted.name)); /* no octet is there twice, so each has an escape of its own */
	free(octets);
}

/* Verify finds a name that is there twice. */
static void same_name_twice(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = table_octets_of(&rules[3], 1, NULL, &length);
	size_t index = index_of(octets), count = (size_t)get_u64(octets + 80);
	octets = realloc(octets, length + count);
	memcpy(octets + length, octets + length - count, count);
	put_u64(octets + 40, 2);
	put_u64(octets + 80, 2 * count);
	put_u32(octets + index, (uint32_t)(2 * count));
	put_u16(octets + index + 8, get_u16(octets + index + 6));
	reseal(octets, length + count);
	struct table *table;
	struct why why;
	assert_int_equal(table_open_octets(&table, octets, length + count, &why), 0);
	assert_int_equal(table_verify(table, &why), WEIR_EFORMAT);
	assert_string_equal(why.text, "index line 0: rule other.test: out of order");
	table_close(&table);
	free(octets);
}

static void no_regular_files(void **state)
{
	(void)state;
	struct table *table = NULL;
	struct why why;
	char directory[] = "/tmp/weir-unit-XXXXXX", path[64];
	assert_non_null(mkdtemp(directory));
	assert_int_equal(table_open(&table, directory, &why), WEIR_EFORMAT);
	snprintf(path, sizeof path, "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(table_open(&table, path, &why), WEIR_EFORMAT);
	unlink(path);
	assert_int_equal(table_open(&table, path, &why), -ENOENT);
	assert_string_equal(why.text, "cannot open: No such file or directory");
	assert_int_equal(table_open(&table, "/dev/zero", &why), WEIR_EFORMAT);
	assert_null(table);
	rmdir(directory);
}

/* Where a table cannot be opened there is none to close, whatever the caller had there before. */
static void nothing_to_close(void **state)
{
	(void)state;
	struct why why;
	struct table *table = (struct table *)&why;
	assert_int_equal(table_open(&table, "/nowhere", &why), -ENOENT);
	assert_null(table);
	table = (struct table *)&why;
	assert_int_equal(table_open(&table, "/dev/zero", &why), WEIR_EFORMAT);
	assert_null(table);
	table_close(&table);
}

/* What the system says of a file that cannot be read is told as it is. */
static void unreadable(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length);
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path), blind = open(path, O_WRONLY);
	assert_int_equal(write(fd, octets, length), length);
	struct table *table = NULL;
	struct why why;
	assert_int_equal(table_open_fd(&table, blind, &why), -EBADF);
	assert_string_equal(why.text, "cannot read: Bad file descriptor");
	assert_null(table);
	close(blind);
	close(fd);
	unlink(path);
	free(octets);
}

/* Whoever writes to the file once it is open changes nothing. */
static void written_to_afterwards(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = small_table(&length);
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, octets, length), length);
	struct table *table;
	struct why why;
	assert_int_equal(table_open(&table, path, &why), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	name_storage wire;
	struct match match;
	assert_true(table_lookup(table, wire, wire_of("x.evil.example", wire), &match));
	assert_int_equal(table_verify(table, &why), 0);
	table_close(&table);
	close(fd);
	unlink(path);
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated_and_longer),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(lies_with_right_checksums),
		cmocka_unit_test(verify_finds),
		cmocka_unit_test(marks_too_many),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(no_canonical_names),
		cmocka_unit_test(malformed_tags),
		cmocka_unit_test(impossible_headers),
		cmocka_unit_test(lines_too_far),
		cmocka_unit_test(shorter_than_it_seems),
		cmocka_unit_test(entries),
		cmocka_unit_test(names_are_compared),
		cmocka_unit_test(same_name_twice),
		cmocka_unit_test(no_regular_files),
		cmocka_unit_test(nothing_to_close),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(written_to_afterwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
