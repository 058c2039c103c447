/* SPDX-License-Identifier: BSD-3-Clause */
/* A table made from rules of another one: nothing of the feeds is lost, and what is added weighs as it always does. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "feedsync/compile/compile.h"
#include "feedsync/config/operator_lists.h"
#include "libweir/diff.h"
#include "libweir/dump.h"

enum { MOST_RULES = 24, ALPHA = 0, BETA = 1, OPERATOR = 2 };

static const struct category_policy categories[] = {{.name = "malware", .action = ACTION_NXDOMAIN},
	{.name = "phishing", .action = ACTION_REFUSED}, {.name = "allow", .action = ACTION_ALLOW}};
static const struct feed_policy feeds[] = {{"alpha", true}, {"beta", true}, {OPERATOR_FEED, true}};
static const struct policy policy = {.feeds = feeds, .feed_count = 3, .categories = categories, .category_count = 3};

/* The same in another order, and more. */
static const struct category_policy other_categories[] = {{.name = "allow", .action = ACTION_ALLOW},
	{.name = "spam", .action = ACTION_LOG}, {.name = "phishing", .action = ACTION_REFUSED},
	{.name = "malware", .action = ACTION_NXDOMAIN}};
static const struct feed_policy other_feeds[] = {{"new", true}, {"beta", true}, {"alpha", true}, {OPERATOR_FEED, true}};
static const struct policy other_policy = {
	.feeds = other_feeds, .feed_count = 4, .categories = other_categories, .category_count = 4};
static const uint16_t first_category[4] = {0}; /* of each feed */
static const struct source allow_there = {3, 0}, block_there = {3, 3};

struct rules {
	struct compile_rule rule[MOST_RULES];
	name_storage wire[MOST_RULES];
	size_t count;
};

static void add(struct rules *r, const char *name, enum scope scope, enum rule_kind kind, struct source source)
{
	size_t length = wire_of(name, r->wire[r->count]);
	r->rule[r->count] = (struct compile_rule){{r->wire[r->count], (uint8_t)length, scope, kind}, source};
	r->count++;
}

static const char *random_name(uint64_t *seed, char name[32])
{
	static const char *const labels[] = {"a.", "b.", "c.", ""};
	snprintf(name, 32, "%s%s%c.example", labels[random_below(seed, 4)], labels[random_below(seed, 4)],
		"xy"[random_below(seed, 2)]);
	return name;
}

/* Of two feeds, each with one category, rules of all scopes. */
static void random_rules(struct rules *r, bool exceptions, uint64_t *seed)
{
	char name[32];
	r->count = 0;
	for (size_t left = random_below(seed, MOST_RULES / 2); left > 0; left--) {
		uint16_t feed = (uint16_t)random_below(seed, 2);
		enum rule_kind kind = exceptions && random_below(seed, 4) == 0 ? RULE_EXCEPT : RULE_BLOCK;
		enum scope scope = random_below(seed, kind == RULE_BLOCK ? 3 : 2);
		add(r, random_name(seed, name), scope, kind, (struct source){feed, feed});
	}
}

static struct table *compile(
	const struct policy *to, const struct table *retained, const struct rules *rules, int status)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	struct compile compile = {.policy = *to,
		.categories = first_category,
		.retained = retained,
		.rules = rules->rule,
		.rule_count = rules->count,
		.key = BUILD_PUBLIC_KEY,
		.options = {.generation = 1, .base = retained}};
	struct build_result result;
	struct table *table = NULL;
	struct why why = {{0}};
	assert_int_equal(compile_table(&compile, fileno(file), &result, &why), status);
	if (status == 0 && (table_open_fd(&table, fileno(file), &why) != 0 || table_verify(table, &why) != 0))
		fail_msg("%s", why.text);
	assert_int_equal(status == 0, why.text[0] == '\0');
	fclose(file);
	return table;
}

/* An exception that has nothing to take changes nothing. */
static int refuse(void *context, const struct table_change *change)
{
	int *round = context;
	if (change->kind != RULE_EXCEPT)
		fail_msg("round %d: %s %s of %s", *round, scope_text(change->scope), change->name, change->feed);
	return 0;
}

/* Nothing added, nothing changed: the table is the same to the octet, but for rules that had no force, once. */
static void the_same_again(void **state)
{
	(void)state;
	uint64_t seed = 20261124;
	for (int round = 0; round < 1000; round++) {
		struct rules rules, none = {.count = 0};
		bool exceptions = round % 2;
		random_rules(&rules, exceptions, &seed);
		struct table *first = compile(&policy, NULL, &rules, 0), *second = compile(&policy, first, &none, 0);
		struct table *third = compile(&policy, second, &none, 0);
		struct why why;
		assert_int_equal(table_diff(first, second, refuse, &round, &why), 0);
		if ((!exceptions && table_body_sum(first) != table_body_sum(second)) ||
			table_body_sum(second) != table_body_sum(third))
			fail_msg("round %d: not the same again", round);
		table_close(&first);
		table_close(&second);
		table_close(&third);
	}
}

/* What the operator adds weighs as if all had been compiled anew, though feeds and categories have other numbers now. */
static void the_operators_lists(void **state)
{
	(void)state;
	uint64_t seed = 20261125;
	for (int round = 0; round < 1000; round++) {
		struct rules old, anew, lists = {.count = 0};
		char name[32];
		random_rules(&old, round % 2, &seed);
		for (unsigned i = 0; i < 3; i++) {
			bool allow = random_below(&seed, 2);
			add(&lists, random_name(&seed, name), random_below(&seed, 2) ? SCOPE_SUBTREE : SCOPE_EXACT,
				allow ? RULE_ALLOW : RULE_BLOCK, allow ? allow_there : block_there);
		}
		anew = old;
		for (size_t i = 0; i < old.count; i++)
			anew.rule[i].source =
				old.rule[i].source.feed == ALPHA ? (struct source){2, 3} : (struct source){1, 2};
		for (size_t i = 0; i < lists.count; i++)
			anew.rule[anew.count++] = lists.rule[i];
		struct table *published = compile(&policy, NULL, &old, 0);
		struct table *expected = compile(&other_policy, NULL, &anew, 0);
		struct table *table = compile(&other_policy, published, &lists, 0);
		struct why why;
		assert_int_equal(table_diff(expected, table, refuse, &round, &why), 0);
		table_close(&published);
		table_close(&expected);
		table_close(&table);
	}
}

/* The operator's own rules are those of now; feeds that are none any more go with theirs. Rules of a category that is
 * gone have that of their feed, which may not let them do the opposite. */
static void what_is_not_taken_over(void **state)
{
	(void)state;
	struct rules old = {.count = 0}, left = {.count = 0}, none = {.count = 0};
	int round = 0;
	struct why why;
	add(&old, "a.example", SCOPE_SUBTREE, RULE_BLOCK, (struct source){ALPHA, 0});
	add(&left, "a.example", SCOPE_SUBTREE, RULE_BLOCK, (struct source){ALPHA, 0});
	add(&old, "b.example", SCOPE_EXACT, RULE_BLOCK, (struct source){BETA, 1});
	add(&old, "c.example", SCOPE_EXACT, RULE_BLOCK, (struct source){OPERATOR, 0});
	add(&old, "d.example", SCOPE_EXACT, RULE_ALLOW, (struct source){BETA, 2});
	add(&old, "a.example", SCOPE_SUBTREE, RULE_ALLOW, (struct source){OPERATOR, 2});
	struct policy less = policy;
	less.feed_count = 1;
	struct table *published = compile(&policy, NULL, &old, 0), *expected = compile(&policy, NULL, &left, 0);
	struct table *table = compile(&less, published, &none, 0);
	assert_int_equal(table_diff(expected, table, refuse, &round, &why), 0);
	less.feed_count = 2;
	less.category_count = 1;
	add(&left, "b.example", SCOPE_EXACT, RULE_BLOCK, (struct source){BETA, 0});
	table_close(&expected);
	table_close(&table);
	expected = compile(&policy, NULL, &left, 0);
	table = compile(&less, published, &none, 0);
	assert_int_equal(table_diff(expected, table, refuse, &round, &why), 0);
	table_close(&published);
	table_close(&expected);
	table_close(&table);
}

/* Writes a list that a test reads. The caller frees its path and removes it. */
static char *write_list(const char *text)
{
	char *path = strdup("/tmp/weir-test-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

/* Of two feeds of which the published table has rules, one has a document and the other may have one. */
static struct table *compile_lists(
	const struct table *published, const struct policy *to, const char *alpha, const char *beta)
{
	struct compile_feed lists[2];
	const char *texts[] = {alpha, beta};
	struct compile compile = {.policy = *to,
		.feeds = lists,
		.categories = first_category,
		.retained = published,
		.key = BUILD_PUBLIC_KEY};
	for (uint16_t i = 0; i < 2 && texts[i]; i++)
		lists[compile.feed_count++] = (struct compile_feed){.format = format_find("domains"),
			.path = write_list(texts[i]),
			.document = "list",
			.source = {i, i}};
	FILE *file = tmpfile();
	struct build_result result;
	struct table *table = NULL;
	struct why why;
	if (compile_table(&compile, fileno(file), &result, &why) != 0 || table_open_fd(&table, fileno(file), &why) != 0)
		fail_msg("%s", why.text);
	fclose(file);
	for (size_t i = 0; i < compile.feed_count; i++) {
		unlink(lists[i].path);
		free((char *)lists[i].path);
	}
	return table;
}

/* A feed that cannot be read keeps what is published of it, and only that one. */
static void what_cannot_be_read(void **state)
{
	(void)state;
	static const struct {
		const char *beta; /* its document, or NULL */
		const char *rule; /* that it has in the new table, or NULL */
		uint32_t categories;
	} cases[] = {{NULL, "old.beta.example", 3}, {"<html>", "old.beta.example", 3},
		{"new.beta.example\n", "new.beta.example", 3}, {"", NULL, 3}, {NULL, "old.beta.example", 1}};
	struct rules old = {.count = 0};
	add(&old, "old.alpha.example", SCOPE_EXACT, RULE_BLOCK, (struct source){ALPHA, 0});
	add(&old, "old.beta.example", SCOPE_EXACT, RULE_BLOCK, (struct source){BETA, 1});
	add(&old, "operator.example", SCOPE_EXACT, RULE_BLOCK, (struct source){OPERATOR, 0});
	struct table *published = compile(&policy, NULL, &old, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rules rules = {.count = 0};
		struct policy to = policy;
		int round = (int)i;
		struct why why;
		to.category_count = cases[i].categories;
		add(&rules, "new.alpha.example", SCOPE_EXACT, RULE_BLOCK, (struct source){ALPHA, 0});
		if (cases[i].rule)
			add(&rules, cases[i].rule, SCOPE_EXACT, RULE_BLOCK,
				(struct source){BETA, to.category_count > 1});
		struct table *expected = compile(&policy, NULL, &rules, 0);
		struct table *table = compile_lists(published, &to, "new.alpha.example\n", cases[i].beta);
		assert_int_equal(table_diff(expected, table, refuse, &round, &why), 0);
		table_close(&expected);
		table_close(&table);
	}
	table_close(&published);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_again),
		cmocka_unit_test(the_operators_lists),
		cmocka_unit_test(what_is_not_taken_over),
		cmocka_unit_test(what_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
