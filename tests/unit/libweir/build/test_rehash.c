/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of which no key places all: the crowd is left out and told, everybody else's rules are there. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/build/build.h"
#include "libweir/build/index.h"
#include "libweir/hash.h"
#include "libweir/table.h"

enum { GOOD = 0, HOSTILE = 1, OTHERS = 3000, KEY = 4711 };

static const struct feed_policy feeds[] = {{"good", true}, {"hostile", true}};
static const struct category_policy categories[] = {{.name = "malware", .action = ACTION_NXDOMAIN}};
static const struct policy policy = {.feeds = feeds, .feed_count = 2, .categories = categories, .category_count = 1};

struct told {
	uint64_t count, of_others;
};

static void tell(void *context, const char *name, size_t length, struct source source)
{
	struct told *told = context;
	told->count++;
	told->of_others += source.feed != HOSTILE || length < 5 || strncmp(name + length - 8, ".example", 8) != 0;
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

/* Adds so many names that, or whose parents if they are `deep`, all have their home in the first line. */
static void add_crowd(struct build *build, unsigned count, bool deep)
{
	uint64_t most = UINT64_MAX / (index_homes(OTHERS + 3 * count) * UINT64_C(5) / 4);
	for (uint64_t tried = 0, found = 0; found < count; tried++) {
		char name[64];
		name_storage wire;
		snprintf(name, sizeof name, "%s%llx.example", deep ? "www." : "", (unsigned long long)tried);
		size_t length = wire_of(name, wire), skip = deep ? 4 : 0;
		if (name_key(wire + skip, length - skip, KEY) >= most)
			continue;
		add_name(build, name, HOSTILE);
		found++;
	}
}

static void crowds(void **state)
{
	(void)state;
	static const struct {
		unsigned count;
		bool deep;
		int (*fresh_key)(uint64_t *key);
		int status;
		bool all_there;
	} cases[] = {
		{150, false, same_key, 0, true},
		{600, false, same_key, 0, false},
		{2000, false, same_key, 0, false},
		{600, true, same_key, 0, false},
		{600, false, NULL, 0, true}, /* the next key of the row is not the one they were chosen for */
		{600, false, no_key, -EIO, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct build *build = build_new(&policy, KEY);
		for (unsigned n = 0; n < OTHERS; n++) {
			char name[64];
			snprintf(name, sizeof name, "good%u.test", n);
			add_name(build, name, GOOD);
		}
		add_crowd(build, cases[i].count, cases[i].deep);
		FILE *file = tmpfile();
		struct told told = {0};
		struct why why;
		struct build_result result;
		const struct build_options options = {
			.fresh_key = cases[i].fresh_key, .left_out = tell, .context = &told};
		assert_int_equal(build_write(build, fileno(file), &options, &result, &why), cases[i].status);
		build_free(&build);
		if (cases[i].status == 0) {
			struct table *table;
			assert_int_equal(table_open_fd(&table, fileno(file), &why), 0);
			assert_int_equal(table_header(table)->key, result.key);
			assert_int_equal(result.left_out == 0, cases[i].all_there);
			assert_int_equal(told.count, result.left_out);
			assert_int_equal(result.rules, OTHERS + cases[i].count - result.left_out);
			uint64_t missing = told.of_others;
			for (unsigned n = 0; n < OTHERS; n++) {
				char name[64];
				struct match match;
				name_storage wire;
				snprintf(name, sizeof name, "good%u.test", n);
				size_t length = wire_of(name, wire);
				missing += !table_lookup(table, wire, length, &match);
			}
			assert_int_equal(missing, 0);
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
