/* SPDX-License-Identifier: BSD-3-Clause */
/* A table made of a saved file and some rules more is, octet for octet, the table made of all of them at once. */
#include "libweir/build/build_file.h"

#include <unistd.h>

#include "../../unit.h"

enum { NAMES = 400, LATER = 12 };

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
	enum { HEAD = 72, RULE = 16 };
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
		build_free(&loaded);
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(one_saved_rule),
		cmocka_unit_test(the_same_table), cmocka_unit_test(hostile_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
