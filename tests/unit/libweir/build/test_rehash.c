/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of which no key places all: the crowd is left out and told, everybody else's rules are there. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/build/build.h"
#include "libweir/build/index.h"
#include "libweir/dump.h"
#include "libweir/hash.h"
#include "libweir/table.h"

enum { GOOD, HOSTILE, BYSTANDER, OTHERS = 300, KEY = 4711 };

static const struct feed_policy feeds[] = {{"good", true}, {"hostile", true}, {"bystander", true}};
static const struct category_policy categories[] = {{.name = "malware", .action = ACTION_NXDOMAIN}};
static const struct policy policy = {.feeds = feeds, .feed_count = 3, .categories = categories, .category_count = 1};

struct told {
	uint64_t count, of_others, of_good;
};

static void tell(void *context, const char *name, size_t length, struct source source)
{
	struct told *told = context;
	told->count++;
	told->of_others += length < 9 || strncmp(name + length - 8, ".example", 8) != 0 || source.category != 0;
	told->of_others += source.feed == BYSTANDER;
	told->of_good += source.feed == GOOD;
}

/* The worst luck: every key is the one for which the names were chosen. */
static int same_key(uint64_t *key)
{
	*key = KEY;
	return 0;
}

static int no_key(uint64_t *key)
{
	*key = 0;
	return -EIO;
}

static void add_name(struct build *build, const char *name, uint16_t feed)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	assert_int_equal(build_add(build, wire, length, SCOPE_EXACT, RULE_BLOCK, (struct source){feed, 0}), 0);
}

/* Adds names that, or whose parents if they are `deep`, all have their home in the first line: by turns of the hostile feed and,
 * as long as it has some, of the good one, with its first letter. A single good one comes before all others. `nodes` is how many the
 * table will have. */
static void add_crowd(struct build *build, unsigned hostile, unsigned good, bool deep, unsigned nodes)
{
	uint64_t most = UINT64_MAX / (index_homes(nodes) * UINT64_C(5) / 4);
	for (uint64_t tried = 0, found = 0; found < hostile + good; tried++) {
		char name[64];
		name_storage wire;
		bool is_good = found % 2 && found / 2 < good;
		snprintf(name, sizeof name, "%s%c%llx.example", deep ? "www." : "", is_good ? 'g' : 'h',
			(unsigned long long)tried);
		size_t length = wire_of(name, wire), skip = deep ? 4 : 0;
		if (name_key(wire + skip, length - skip, KEY) >= (is_good && good == 1 ? most / 128 : most))
			continue;
		add_name(build, name, is_good ? GOOD : HOSTILE);
		found++;
	}
}

/* How many of the names that are in no crowd are not in the table. */
static unsigned missing_of(const struct table *table)
{
	unsigned missing = 0;
	for (unsigned n = 0; n < OTHERS; n++) {
		char name[64];
		struct match match;
		name_storage wire;
		snprintf(name, sizeof name, "other%u.test", n);
		missing += !table_lookup(table, wire, wire_of(name, wire), &match);
	}
	return missing;
}

/* Each name is blocked for the feed that has listed it. */
static int check_source(void *context, const struct table_rule *rule)
{
	const struct policy *its = table_policy(context);
	const struct verdict *verdict = &its->verdicts[its->classes[rule->class].exact];
	const char *first = strncmp(rule->text, "www.", 4) == 0 ? rule->text + 4 : rule->text;
	uint16_t feed = *first == 'g' ? GOOD : *first == 'h' ? HOSTILE : BYSTANDER;
	return verdict->effective_count == 1 && verdict->effective[0].feed == feed ? 0 : 1;
}

static void crowds(void **state)
{
	(void)state;
	static const struct {
		unsigned hostile, good; /* names in the crowd */
		bool deep;
		int (*fresh_key)(uint64_t *key);
		int status;
		unsigned left_out[2]; /* at least, at most */
		uint16_t of;          /* whose rules are left out */
	} cases[] = {
		{.hostile = 150, .fresh_key = same_key},
		{.hostile = 600, .fresh_key = same_key, .left_out = {1, 600}, .of = HOSTILE},
		{.hostile = 1500, .fresh_key = same_key, .left_out = {1, 1500}, .of = HOSTILE},
		{.hostile = 600, .deep = true, .fresh_key = same_key, .left_out = {1, 600}, .of = HOSTILE},
		/* Those of the feed that has most there, and of the first of several. */
		{.hostile = 121, .good = 120, .fresh_key = same_key, .left_out = {121, 121}, .of = HOSTILE},
		{.hostile = 121, .good = 121, .fresh_key = same_key, .left_out = {121, 121}, .of = GOOD},
		/* The first rule that is left is the only one of its class. */
		{.hostile = 600, .good = 1, .fresh_key = same_key, .left_out = {600, 600}, .of = HOSTILE},
		/* The next key of the row is not the one they were chosen for. */
		{.hostile = 600},
		{.hostile = 600, .fresh_key = no_key, .status = -EIO},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct build *build = build_new(&policy, KEY);
		unsigned count = cases[i].hostile + cases[i].good;
		for (unsigned n = 0; n < OTHERS; n++) {
			char name[64];
			snprintf(name, sizeof name, "other%u.test", n);
			add_name(build, name, BYSTANDER);
		}
		add_crowd(build, cases[i].hostile, cases[i].good, cases[i].deep, OTHERS + 3 * count);
		FILE *file = tmpfile();
		struct told told = {0};
		struct why why;
		struct build_result result;
		const struct build_options options = {
			.fresh_key = cases[i].fresh_key, .left_out = tell, .context = &told};
		assert_int_equal(build_write(build, fileno(file), &options, &result, &why), cases[i].status);
		build_free(&build);
		assert_int_equal(result.version, cases[i].status == 0 ? 3 : 0);
		if (cases[i].status != 0)
			assert_string_equal(why.text, "Input/output error");
		if (cases[i].status == 0) {
			struct table *table;
			assert_int_equal(table_open_fd(&table, fileno(file), &why), 0);
			if (table_verify(table, &why) != 0)
				fail_msg("case %u: %s", i, why.text);
			assert_int_equal(table_header(table)->key, result.key);
			assert_in_range(result.left_out, cases[i].left_out[0], cases[i].left_out[1]);
			assert_int_equal(told.count, result.left_out);
			assert_int_equal(told.of_good, cases[i].of == GOOD ? result.left_out : 0);
			assert_int_equal(told.of_others, 0);
			assert_int_equal(result.rules, OTHERS + count - result.left_out);
			assert_int_equal(missing_of(table), 0);
			assert_int_equal(table_each(table, check_source, table, &why), 0);
			table_close(&table);
		}
		fclose(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crowds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
