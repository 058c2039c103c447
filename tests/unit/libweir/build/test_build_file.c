/* SPDX-License-Identifier: BSD-3-Clause */
/* A table made of a saved file and some rules more is, octet for octet, the table made of all of them at once. */
#include "libweir/build/build_file.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "libweir/build/fold.h"
#include "libweir/hash.h"
#include "libweir/little_endian.h"

#include "../../unit.h"

enum { NAMES = 400, LATER = 12, HEAD = 72, RULE = 16 };

/* Adds random rules, the same for the same seed. Few names, so that many rules meet at one name and below others. */
static void add_random(struct build *build, uint64_t *seed, unsigned count, bool operators)
{
	static const char *const labels[] = {"", "www.", "a.www.", "login."};
	for (unsigned i = 0; i < count; i++) {
		char name[NAME_MAX_TEXT];
		name_storage wire;
		snprintf(name, sizeof name, "%sshop%u.example", labels[random_below(seed, 4)],
			random_below(seed, NAMES / 8));
		unsigned kind = random_below(seed, 12);
		struct source source = {
			operators ? 2 : (uint16_t)random_below(seed, 2), (uint16_t)random_below(seed, 3)};
		size_t length = wire_of(name, wire);
		assert_int_equal(build_add(build, wire, length, random_below(seed, 3),
					 operators   ? (kind & 1 ? RULE_ALLOW : RULE_BLOCK)
					 : kind == 0 ? RULE_EXCEPT
					 : kind == 1 ? RULE_CANCEL
					 : kind == 2 ? RULE_ALLOW
						     : RULE_BLOCK,
					 source),
			0);
	}
}

static struct table *write_table(struct build *build, const struct table *base)
{
	struct build_result result;
	struct table *table;
	struct why why;
	FILE *file = tmpfile();
	assert_int_equal(build_write(build, fileno(file), &(struct build_options){.base = base}, &result, &why), 0);
	build_free(&build);
	assert_int_equal(table_open_fd(&table, fileno(file), &why), 0);
	fclose(file);
	return table;
}

/* The builder with a round's rules, without the operator's, but that every other round has a top-level domain. */
static struct build *feeds_of(uint64_t seed)
{
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	if (seed % 2) {
		build_take_single(build);
		assert_int_equal(
			build_add(build, (const uint8_t *)"\3zip", 5, SCOPE_SUBTREE, RULE_BLOCK, (struct source){2, 0}),
			0);
	}
	add_random(build, &seed, NAMES, false);
	return build;
}

static FILE *saved(struct build *build)
{
	struct why why;
	FILE *file = tmpfile();
	if (build_save(build, fileno(file), &why) != 0)
		fail_msg("%s", why.text);
	off_t length = lseek(fileno(file), 0, SEEK_END);
	assert_true((uint64_t)length <= build_file_octets(build));
	return file;
}

static void the_same_table(void **state)
{
	(void)state;
	struct why why;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t first = seed * 7919, second = seed * 104729, again = first, later = second;
		struct build *build = feeds_of(seed), *whole = feeds_of(seed), *loaded;
		FILE *file = saved(build);
		/* what is published: the saved rules, and some of the operator's */
		add_random(build, &first, random_below(&again, 2) ? LATER : 0, true);
		struct table *published = write_table(build, NULL);
		assert_int_equal(build_load(&loaded, fileno(file), published, &why), WEIR_EFORMAT);
		assert_int_equal(build_file_set_table(fileno(file), table_body_sum(published)), 0);
		if (build_load(&loaded, fileno(file), published, &why) != 0)
			fail_msg("seed %d: %s", (int)seed, why.text);
		/* what is to be published: the saved rules, and others of the operator's */
		uint64_t same = later;
		add_random(loaded, &later, LATER, true);
		add_random(whole, &same, LATER, true);
		struct table *quick = write_table(loaded, published), *slow = write_table(whole, published);
		if (table_body_sum(quick) != table_body_sum(slow))
			fail_msg("seed %d: another table", (int)seed);
		assert_int_equal(table_header(quick)->version, seed % 2 ? 4 : 3);
		table_close(&quick);
		table_close(&slow);
		table_close(&published);
		fclose(file);
	}
}

static void add_name(struct build *build, const char *name)
{
	name_storage wire;
	assert_int_equal(
		build_add(build, wire, wire_of(name, wire), SCOPE_EXACT, RULE_BLOCK, (struct source){0, 0}), 0);
}

/* A file of a single rule, whichever of five it is, and all of them added to it. */
static void one_saved_rule(void **state)
{
	(void)state;
	enum { COUNT = 5 };
	static const char *const names[COUNT] = {"a.example", "b.example", "c.example", "d.example", "e.example"};
	for (unsigned i = 0; i < COUNT; i++) {
		struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY), *loaded;
		struct build *whole = build_new(&test_policy, BUILD_PUBLIC_KEY);
		struct why why;
		add_name(build, names[i]);
		FILE *file = saved(build);
		struct table *published = write_table(build, NULL);
		assert_int_equal(build_file_set_table(fileno(file), table_body_sum(published)), 0);
		assert_int_equal(build_load(&loaded, fileno(file), published, &why), 0);
		for (unsigned j = 0; j < COUNT; j++) {
			add_name(loaded, names[j]);
			add_name(whole, names[j]);
		}
		struct table *quick = write_table(loaded, NULL), *slow = write_table(whole, NULL);
		assert_int_equal(table_body_sum(quick), table_body_sum(slow));
		table_close(&quick);
		table_close(&slow);
		table_close(&published);
		fclose(file);
	}
}

/* How long a file can get: so much for its head, for a rule and for the rule's text. What was cut off takes nothing. */
static void sizes(void **state)
{
	(void)state;
	static const char *const names[] = {"a.example", "b.example", "www.c.example"};
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	size_t octets[4] = {HEAD};
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(build_file_octets(build), octets[i]);
		add_name(build, names[i]);
		octets[i + 1] = octets[i] + RULE + 1 + strlen(names[i]);
	}
	for (unsigned i = 3; i >= 1; i--) {
		build_cut(build, i);
		assert_int_equal(build_file_octets(build), octets[i]);
	}
	FILE *file = saved(build);
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), octets[1]);
	fclose(file);
	build_free(&build);
}

/* A file that is not as it was written is refused, or gives a builder that can be used. */
static void hostile_files(void **state)
{
	(void)state;
	struct why why;
	struct build *build = feeds_of(1), *loaded;
	FILE *file = saved(build);
	struct table *table = write_table(build, NULL);
	assert_int_equal(build_file_set_table(fileno(file), table_body_sum(table)), 0);
	size_t length = (size_t)lseek(fileno(file), 0, SEEK_END);
	for (size_t at = 0; at < length; at++) {
		uint8_t octet, other;
		assert_int_equal(pread(fileno(file), &octet, 1, (off_t)at), 1);
		other = octet ^ (uint8_t)(1u << at % 8);
		assert_int_equal(pwrite(fileno(file), &other, 1, (off_t)at), 1);
		int status = build_load(&loaded, fileno(file), table, &why);
		if (status != WEIR_EFORMAT)
			fail_msg("octet %zu changed: %d", at, status);
		assert_null(loaded);
		assert_int_equal(pwrite(fileno(file), &octet, 1, (off_t)at), 1);
	}
	for (size_t less = 1; less < length; less += 97) {
		assert_int_equal(ftruncate(fileno(file), (off_t)(length - less)), 0);
		assert_int_equal(build_load(&loaded, fileno(file), table, &why), WEIR_EFORMAT);
		assert_null(loaded);
	}
	table_close(&table);
	fclose(file);
}

/* Where in the file, and what is written there: numbers of 4 or 8 octets. */
enum { COUNT = 32, TEXT_LENGTH = 40, RECORDS_SUM = 48, TEXTS_SUM = 56 };

struct change {
	size_t at;
	unsigned octets; /* 0: none */
	uint64_t value;
};

/* A file of this many rules whose sums are right. */
static FILE *changed_file(const uint8_t *octets, size_t length, const struct change *changes, unsigned rules)
{
	uint8_t *copy = malloc(length);
	FILE *file = tmpfile();
	memcpy(copy, octets, length);
	for (unsigned i = 0; i < 2; i++)
		for (unsigned octet = 0; octet < changes[i].octets; octet++)
			copy[changes[i].at + octet] = (uint8_t)(changes[i].value >> 8 * octet);
	put_u64(copy + RECORDS_SUM, XXH3_64bits(copy + HEAD, rules * RULE));
	put_u64(copy + TEXTS_SUM, XXH3_64bits(copy + HEAD + rules * RULE, length - HEAD - rules * RULE));
	assert_int_equal(pwrite(fileno(file), copy, length, 0), length);
	free(copy);
	return file;
}

/* Three rules as they are saved, and the table that they belong to. */
static struct table *save_three(uint8_t *octets, size_t length)
{
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	add_name(build, "a.example");
	add_name(build, "b.example");
	add_name(build, "c.example");
	FILE *file = saved(build);
	struct table *table = write_table(build, NULL);
	assert_int_equal(build_file_set_table(fileno(file), table_body_sum(table)), 0);
	assert_int_equal(pread(fileno(file), octets, length, 0), length);
	fclose(file);
	return table;
}

/* Everything in a file is looked at, whatever its sums say. Memory that is asked for holds what could go on with a name. */
static void sealed_files(void **state)
{
	(void)state;
	enum { RULES = 3, TEXT = HEAD + RULES * RULE, META_AT = 12, TEXT_AT = 8, LENGTH = 10 };
	const char *const length_wrong = "of another length than its head says", *const damaged = "damaged";
	const uint64_t texts = RULES * LENGTH;
	const struct {
		struct change changes[2];
		const char *why;
	} cases[] = {
		{{{0}}, ""},
		/* Lengths that, times the octets of a rule, are right again. */
		{{{COUNT, 8, RULES + (UINT64_C(1) << 60)}}, length_wrong},
		{{{COUNT, 8, RULES + 1}, {TEXT_LENGTH, 8, texts - RULE}}, damaged},
		{{{COUNT, 8, RULES + 2}, {TEXT_LENGTH, 8, texts - UINT64_C(2) * RULE}}, length_wrong},
		{{{COUNT, 8, RULES - 1}}, length_wrong},
		{{{TEXT_LENGTH, 8, texts + 1}}, length_wrong},
		/* Where a name lies: nowhere, and not wholly in the file. */
		{{{HEAD + TEXT_AT, 4, texts}}, "rule 0 is none"},
		{{{HEAD + TEXT_AT, 4, UINT32_MAX}}, "rule 0 is none"},
		{{{HEAD + RULE + TEXT_AT, 4, UINT32_MAX}}, "rule 1 is none"},
		{{{TEXT + 2 * LENGTH, 1, LENGTH}}, "rule 2 is none"},
		{{{TEXT + 2 * LENGTH, 1, LENGTH + 5}}, "rule 2 is none"},
		{{{TEXT, 1, 200}}, "rule 0 is none"},
		/* What the name is. */
		{{{TEXT, 1, 0}}, "rule 0 is none"},
		{{{TEXT + 1, 1, 'A'}}, "rule 0 is none"},
		{{{TEXT + LENGTH + 1, 1, ' '}}, "rule 1 is none"},
		/* What the rule says. */
		{{{HEAD + META_AT, 4, META(8, RULE_ALLOW, SCOPE_BELOW)}}, ""},
		{{{HEAD + META_AT, 4, META(9, RULE_BLOCK, SCOPE_EXACT)}}, "rule 0 is none"},
		{{{HEAD + RULE + META_AT, 4, META(UINT32_MAX >> 4, RULE_BLOCK, SCOPE_EXACT)}}, "rule 1 is none"},
		{{{HEAD + RULE + META_AT, 4, META(0, RULE_CANCEL, SCOPE_EXACT)}}, "rule 1 is none"},
		{{{HEAD + 2 * RULE + META_AT, 4, META(0, RULE_BLOCK, 3)}}, "rule 2 is none"},
		/* In which order they come. */
		{{{HEAD, 8, UINT64_MAX}}, "rule 1 is none"},
		{{{HEAD + RULE, 8, 0}}, "rule 1 is none"},
		{{{HEAD + 2 * RULE, 8, 0}}, "rule 2 is none"},
	};
	struct build *loaded;
	struct why why;
	uint8_t octets[TEXT + RULES * LENGTH];
	struct table *table = save_three(octets, sizeof octets);
	assert_memory_equal(octets, "WEIRRULE\1\0\0", 12);
	mallopt(M_MMAP_THRESHOLD, 1 << 24);
	mallopt(M_PERTURB, 0xff ^ 'a');
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		FILE *file = changed_file(octets, sizeof octets, cases[i].changes, RULES);
		why.text[0] = '\0';
		int status = build_load(&loaded, fileno(file), table, &why);
		if (status != (cases[i].why[0] ? WEIR_EFORMAT : 0) || strcmp(why.text, cases[i].why) != 0)
			fail_msg("case %u: %d, \"%s\"", i, status, why.text);
		assert_int_equal(loaded == NULL, status != 0);
		build_free(&loaded);
		fclose(file);
	}
	table_close(&table);
}

/* What a file of these rules comes back as: how many rules, and whether one of them is of a single label. */
static void loaded_rules(void **state)
{
	(void)state;
	static const char long_names[8][48] = {"a2345678901234567890123456789012345678.example",
		"b2345678901234567890123456789012345678.example", "c2345678901234567890123456789012345678.example",
		"d2345678901234567890123456789012345678.example", "e2345678901234567890123456789012345678.example",
		"f2345678901234567890123456789012345678.example", "g2345678901234567890123456789012345678.example",
		"h2345678901234567890123456789012345678.example"};
	static const struct {
		const char *names[4];
		bool has_long, cancel;
		size_t count;
		uint32_t version;
	} cases[] = {
		{{"www.shop.example"}, false, false, 1, 3},
		{{"a.b", "c.d", "e.f"}, false, false, 3, 3},
		{{"zip"}, false, false, 1, 4},
		/* Between names whose length octet is that of a dot, and as long itself. */
		{{"zip"}, true, false, 9, 4},
		{{"a234567890123456789012345678901234567890123456"}, false, false, 1, 4},
		/* What takes back what nobody said. */
		{{"www.shop.example"}, false, true, 0, 3},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY), *loaded;
		struct why why;
		name_storage wire;
		build_take_single(build);
		for (unsigned n = 0; n < 4 && cases[i].names[n]; n++)
			assert_int_equal(build_add(build, wire, wire_of(cases[i].names[n], wire), SCOPE_EXACT,
						 cases[i].cancel ? RULE_CANCEL : RULE_BLOCK, (struct source){0, 0}),
				0);
		for (unsigned n = 0; cases[i].has_long && n < 8; n++)
			add_name(build, long_names[n]);
		FILE *file = saved(build);
		struct table *published = write_table(build, NULL);
		assert_int_equal(build_file_set_table(fileno(file), table_body_sum(published)), 0);
		if (build_load(&loaded, fileno(file), published, &why) != 0)
			fail_msg("case %u: %s", i, why.text);
		assert_int_equal(build_count(loaded), cases[i].count);
		struct table *again = write_table(loaded, NULL);
		if (table_header(again)->version != cases[i].version)
			fail_msg("case %u: version %u", i, table_header(again)->version);
		table_close(&again);
		table_close(&published);
		fclose(file);
	}
}

/* A disk that is full from the start, that gets full on the way, and a file that cannot be written to. */
static void cannot_be_saved(void **state)
{
	(void)state;
	static const size_t most[] = {HEAD + RULE, HEAD + 3 * RULE};
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	struct rlimit limit;
	struct why why;
	FILE *full = fopen("/dev/full", "w");
	add_name(build, "a.example");
	add_name(build, "b.example");
	add_name(build, "c.example");
	assert_int_equal(build_save(build, fileno(full), &why), -ENOSPC);
	assert_string_equal(why.text, "No space left on device");
	assert_int_equal(build_file_set_table(fileno(full), 1), -ENOSPC);
	assert_int_equal(build_save(build, -1, &why), -EBADF);
	assert_int_equal(build_file_set_table(-1, 1), -EBADF);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned i = 0; i < 2; i++) {
		FILE *file = tmpfile();
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){most[i], limit.rlim_max}), 0);
		int status = build_save(build, fileno(file), &why);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(status, -EFBIG);
		assert_string_equal(why.text, "File too large");
		fclose(file);
	}
	fclose(full);
	build_free(&build);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(one_saved_rule),
		cmocka_unit_test(the_same_table), cmocka_unit_test(loaded_rules), cmocka_unit_test(cannot_be_saved),
		cmocka_unit_test(hostile_files), cmocka_unit_test(sealed_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
