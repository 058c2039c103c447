/* SPDX-License-Identifier: BSD-3-Clause */
/* Each allocation of the library fails once: the answer is -ENOMEM, with its reason, and nothing stays allocated. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/build/build_file.h"
#include "libweir/diff.h"
#include "libweir/dump.h"
#include "libweir/groups.h"
#include "libweir/live/cells.h"
#include "libweir/live/counters.h"
#include "libweir/live/hits.h"
#include "tests/unit/fail_alloc.h"

enum { VARIED = 24, ALIKE = 1100, RULES = VARIED + ALIKE };

static struct rule_spec rules[RULES];
static char names[RULES][32];
static FILE *file, *dumped;

/* First names with ancestors, exceptions and allow rules among them; then many that are alike, which take room. */
static int begin(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RULES; i++) {
		if (i >= VARIED) {
			snprintf(names[i], sizeof names[i], "n%u.example", i);
			rules[i] = (struct rule_spec){names[i], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
			continue;
		}
		snprintf(names[i], sizeof names[i], i % 3 ? "n%u.x%u.example" : "x%u.example", i / 3, i / 3);
		rules[i] =
			(struct rule_spec){i % 10 == 9 ? "all.example" : names[i], i % 2 ? SCOPE_EXACT : SCOPE_SUBTREE,
				i % 10 == 7   ? RULE_ALLOW
				: i % 10 == 8 ? RULE_EXCEPT
					      : RULE_BLOCK,
				{(uint16_t)(i % 3), (uint16_t)(i / 3 % 3)}};
	}
	file = tmpfile();
	dumped = fopen("/dev/null", "w");
	return file && dumped ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	fclose(file);
	fclose(dumped);
	return 0;
}

struct input {
	const struct rule_spec *rules;
	size_t count;
	struct table *base;
};

/* A step that fails for want of memory tells so. */
static int told(int status, struct why *why)
{
	assert_true(status == 0 || why->text[0] != '\0');
	return status;
}

static int build_table(const struct input *input)
{
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY);
	int status = build ? 0 : -ENOMEM;
	for (size_t i = 0; status == 0 && i < input->count; i++) {
		name_storage wire;
		size_t length = wire_of(input->rules[i].name, wire);
		status = build_add(
			build, wire, length, input->rules[i].scope, input->rules[i].kind, input->rules[i].source);
	}
	struct build_result result;
	struct why why = {""};
	if (status == 0)
		status = told(
			build_write(build, fileno(file), &(struct build_options){.base = input->base}, &result, &why),
			&why);
	build_free(&build);
	return status;
}

static int see_nothing(void *context, const struct table_change *change)
{
	(void)context;
	(void)change;
	return 0;
}

static int build_open_and_look(void *context)
{
	const struct input *input = context;
	struct table *table = NULL;
	struct why why = {""};
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	int status = build_table(input);
	if (status == 0)
		status = told(table_open_fd(&table, fileno(file), &why), &why);
	if (status == 0)
		status = told(table_verify(table, &why), &why);
	if (status == 0 && input->count <= VARIED)
		status = told(table_dump(table, dumped, &why), &why);
	if (status == 0)
		status = told(table_diff(input->base, table, see_nothing, NULL, &why), &why);
	if (status == 0) {
		int same = table_same_policy(table, table);
		status = same < 0 ? same : 0;
	}
	table_close(&table);
	return status;
}

/* A table of these rules, by itself and on the base of half of them. */
static void check_tables(const struct rule_spec *some, size_t count)
{
	struct input input = {.rules = some, .count = count};
	fail_each_alloc(build_open_and_look, &input);
	input.base = table_of(some, count / 2 + 1);
	fail_each_alloc(build_open_and_look, &input);
	table_close(&input.base);
}

static void empty_tables(void **state)
{
	(void)state;
	check_tables(rules, 0);
}

static void small_tables(void **state)
{
	(void)state;
	check_tables(rules, 1);
}

static void varied_tables(void **state)
{
	(void)state;
	check_tables(rules, VARIED);
}

static void large_tables(void **state)
{
	(void)state;
	check_tables(rules + VARIED, ALIKE);
}

static int save_and_load(void *context)
{
	const struct table *table = context;
	struct build *build = build_new(&test_policy, BUILD_PUBLIC_KEY), *loaded = NULL;
	int status = build ? 0 : -ENOMEM;
	struct why why = {""};
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	if (status == 0)
		status = build_add(build, (const uint8_t *)"\1a\1b", 5, SCOPE_EXACT, RULE_BLOCK, (struct source){0, 0});
	if (status == 0)
		status = told(build_save(build, fileno(file), &why), &why);
	if (status == 0)
		assert_int_equal(build_file_set_table(fileno(file), table_body_sum(table)), 0);
	if (status == 0)
		status = told(build_load(&loaded, fileno(file), table, &why), &why);
	assert_int_equal(loaded != NULL, status == 0);
	if (status == 0)
		status =
			build_add(loaded, (const uint8_t *)"\1b\1b", 5, SCOPE_EXACT, RULE_BLOCK, (struct source){0, 0});
	if (status == 0)
		status = told(build_save(loaded, fileno(file), &why), &why);
	build_free(&build);
	build_free(&loaded);
	return status;
}

static void saved_rules(void **state)
{
	(void)state;
	struct table *table = table_of(rules, 3);
	fail_each_alloc(save_and_load, table);
	table_close(&table);
}

static int make_ranges(void *context)
{
	(void)context;
	struct client_prefix prefix;
	struct client_range *ranges = NULL;
	size_t count;
	assert_true(prefix_from_text("192.0.2.0/24", &prefix));
	int status = ranges_make(&prefix, 1, &ranges, &count);
	free(ranges);
	return status;
}

static int open_live(void *context)
{
	(void)context;
	char name[32];
	struct counters *counters = NULL;
	struct hits *hits = NULL;
	struct hits_reader *reader = NULL;
	int status = counters_create(&counters, test_directory);
	/* Without memory for the file's pages there are none, without memory for the file they count unseen. */
	assert_true(status == -ENOMEM || counters);
	assert_true(!counters || counters_worker(counters));
	if (status == 0)
		status = hits_create(&hits, test_directory);
	assert_true(status == -ENOMEM || hits);
	/* Without memory for the note of its part a worker has none. */
	bool worker = hits && hits_worker(hits);
	assert_true(status == 0 || !hits || worker);
	if (status == 0 && !worker)
		status = -ENOMEM;
	snprintf(name, sizeof name, "%ld.hits", (long)getpid());
	if (status == 0)
		status = hits_open(&reader, in_directory(name));
	hits_close(&reader);
	hits_remove(&hits);
	counters_remove(&counters);
	return status;
}

static void see_no_cell(void *context, const struct cell_news *news)
{
	(void)context;
	(void)news;
	fail();
}

static int open_cells(void *context)
{
	(void)context;
	char name[32];
	struct cells *cells = NULL;
	struct cells_reader *reader = NULL;
	int status = cells_create(&cells, test_directory, 1, NULL);
	assert_true(status == -ENOMEM || cells);
	snprintf(name, sizeof name, "%ld.cells", (long)getpid());
	if (status != 0)
		assert_int_equal(access(in_directory(name), F_OK), -1);
	if (status == 0 && (!cells_worker(cells) || !cells_client_key(cells)))
		status = -ENOMEM;
	if (status == 0)
		status = cells_open(&reader, in_directory(name));
	if (status == 0)
		status = cells_read(reader, see_no_cell, NULL);
	cells_close(&reader);
	cells_remove(&cells);
	return status;
}

static void groups_and_live_files(void **state)
{
	(void)state;
	fail_each_alloc(make_ranges, NULL);
	fail_each_alloc(open_live, NULL);
	fail_each_alloc(open_cells, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_tables, begin, end),
		cmocka_unit_test_setup_teardown(small_tables, begin, end),
		cmocka_unit_test_setup_teardown(varied_tables, begin, end),
		cmocka_unit_test_setup_teardown(large_tables, begin, end),
		cmocka_unit_test_setup_teardown(saved_rules, begin, end),
		cmocka_unit_test_setup_teardown(groups_and_live_files, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
