/* SPDX-License-Identifier: BSD-3-Clause */
/* What changes between two tables: chosen cases, and random ones against a model that knows nothing of tables. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "libweir/little_endian.h"
#include "libweir/diff.h"
#include "libweir/dump.h"
#include "libweir/restamp.h"

#define EXACT SCOPE_EXACT
#define SUBTREE SCOPE_SUBTREE
static const struct source a_malware = {0, 0}, b_phishing = {1, 1};

/* Changes as text, in order: "+subtree evil.example alpha malware". */
struct changes {
	char text[4096];
};

static int collect(void *context, const struct table_change *c)
{
	static const char *const kinds[] = {"", " allow", " except"};
	struct changes *changes = context;
	size_t used = strlen(changes->text);
	snprintf(changes->text + used, sizeof changes->text - used, "%s%c%s %s %s %s%s", used ? "; " : "",
		c->added ? '+' : '-', scope_text(c->scope), c->name, c->feed, c->category, kinds[c->kind]);
	return 0;
}

int __real_table_each_unlike(const struct table *table, const struct table *other,
	int (*visit)(void *context, const struct table_rule *rule), void *context, struct why *why);
int __wrap_table_each_unlike(const struct table *table, const struct table *other,
	int (*visit)(void *context, const struct table_rule *rule), void *context, struct why *why);

static unsigned skipping; /* how often equal lines were left out */

int __wrap_table_each_unlike(const struct table *table, const struct table *other,
	int (*visit)(void *context, const struct table_rule *rule), void *context, struct why *why)
{
	skipping += other != NULL;
	return __real_table_each_unlike(table, other, visit, context, why);
}

enum { MOST = 5 };
static const struct {
	struct rule_spec old[MOST], new[MOST];
	const char *changes;
} changed[] = {
	{{{0}}, {{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, "+exact x.example alpha malware"},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, ""},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{0}}, "-exact x.example alpha malware"},
	/* The same name of another feed, of another category, with another scope. */
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {1, 0}}},
		"-exact x.example alpha malware; +exact x.example beta malware"},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {0, 1}}},
		"-exact x.example alpha malware; +exact x.example alpha phishing"},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		"+subtree x.example alpha malware"},
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {0, 0}}},
		"-subtree x.example alpha malware"},
	/* A rule above says the same: what goes with it goes unseen, by its own feed only. */
	{{{"a.x.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		{{"a.x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"x.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		"+subtree x.example alpha malware"},
	{{{"a.x.example", SUBTREE, RULE_BLOCK, {0, 0}}}, {{"x.example", SUBTREE, RULE_BLOCK, {1, 0}}},
		"-subtree a.x.example alpha malware; +subtree x.example beta malware"},
	/* A feed more for a rule. */
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}},
		{{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", EXACT, RULE_BLOCK, {1, 1}}},
		"+exact x.example beta phishing"},
	/* Below an allow rule nothing is blocked any more; exceptions. */
	{{{"a.x.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		{{"a.x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"x.example", SUBTREE, RULE_ALLOW, {1, 0}}},
		"-subtree a.x.example alpha malware; +subtree x.example beta malware allow"},
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_EXCEPT, {0, 0}}},
		"+exact a.x.example alpha malware except"},
	/* Two feeds more for one name. */
	{{{0}}, {{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", EXACT, RULE_BLOCK, {1, 1}}},
		"+exact x.example alpha malware; +exact x.example beta phishing"},
	/* An allow rule of another feed, of another category, and in the place of an exception. */
	{{{"x.example", EXACT, RULE_ALLOW, {0, 0}}}, {{"x.example", EXACT, RULE_ALLOW, {1, 0}}},
		"-exact x.example alpha malware allow; +exact x.example beta malware allow"},
	{{{"x.example", EXACT, RULE_ALLOW, {0, 0}}}, {{"x.example", EXACT, RULE_ALLOW, {0, 1}}},
		"-exact x.example alpha malware allow; +exact x.example alpha phishing allow"},
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_EXCEPT, {0, 0}}},
		{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_ALLOW, {0, 0}}},
		"-exact a.x.example alpha malware except; +exact a.x.example alpha malware allow"},
	/* An exception is there or not, whatever one above it frees. */
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"b.a.x.example", EXACT, RULE_EXCEPT, {0, 0}}},
		{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", SUBTREE, RULE_EXCEPT, {0, 0}}},
		"-exact b.a.x.example alpha malware except; +subtree a.x.example alpha malware except"},
	/* What the verdict behind that of a.x.example says, in the order of verdicts, is nothing that it says itself. */
	{{{0}},
		{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_EXCEPT, {0, 0}},
			{"y.example", EXACT, RULE_ALLOW, {1, 0}}},
		"+exact y.example beta malware allow; +exact a.x.example alpha malware except; "
		"+subtree x.example alpha malware"},
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 1}}, {"a.x.example", EXACT, RULE_EXCEPT, {0, 0}}},
		{{"x.example", SUBTREE, RULE_BLOCK, {1, 1}}, {"a.x.example", EXACT, RULE_EXCEPT, {1, 0}},
			{"y.example", SUBTREE, RULE_BLOCK, {0, 1}}, {"y.example", SUBTREE, RULE_BLOCK, {2, 0}},
			{"b.y.example", EXACT, RULE_EXCEPT, {0, 0}}},
		"-exact a.x.example alpha malware except; -subtree x.example alpha phishing; "
		"+subtree y.example alpha phishing; +subtree y.example gamma malware; "
		"+exact b.y.example alpha malware except; +exact a.x.example beta malware except; "
		"+subtree x.example beta phishing"},
};

static void chosen(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof changed / sizeof *changed; i++) {
		size_t old_count = 0, new_count = 0;
		while (old_count < MOST && changed[i].old[old_count].name)
			old_count++;
		while (new_count < MOST && changed[i].new[new_count].name)
			new_count++;
		struct table *old = table_of(changed[i].old, old_count), *new = table_of(changed[i].new, new_count);
		struct changes changes = {0};
		struct why why;
		assert_int_equal(table_diff(old, new, collect, &changes, &why), 0);
		if (strcmp(changes.text, changed[i].changes) != 0)
			fail_msg("case %u: \"%s\" instead of \"%s\"", i, changes.text, changed[i].changes);
		table_close(&old);
		table_close(&new);
	}
}

/* Lines that are the same octets are left out where each class that both tables have means the same in both, and only there. */
enum { RULES = 8 };
static const struct {
	struct rule_spec old[RULES], new[RULES];
	bool left_out;
} alike[] = {
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, true},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"y.example", EXACT, RULE_BLOCK, {0, 0}}}, true},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", EXACT, RULE_BLOCK, {1, 1}}},
		{{"y.example", EXACT, RULE_BLOCK, {0, 0}}, {"y.example", EXACT, RULE_BLOCK, {1, 1}}}, true},
	/* A class more. */
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}},
		{{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"y.example", EXACT, RULE_BLOCK, {0, 0}},
			{"z.example", EXACT, RULE_BLOCK, {1, 1}}},
		true},
	/* Another feed, category, scope, kind. */
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {1, 0}}}, false},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", EXACT, RULE_BLOCK, {0, 1}}}, false},
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}}, {{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}}, false},
	{{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_EXCEPT, {0, 0}}},
		{{"x.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"a.x.example", EXACT, RULE_ALLOW, {0, 0}}}, false},
	/* A source more of its own, or from above. */
	{{{"x.example", EXACT, RULE_BLOCK, {0, 0}}},
		{{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", EXACT, RULE_EXCEPT, {1, 0}}}, false},
	{{{"a.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {0, 0}}},
		{{"a.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {0, 0}},
			{"x.example", SUBTREE, RULE_BLOCK, {1, 1}}},
		false},
	/* Only what holds above some names is another, which no other name has; the first source, and the last. */
	{{{"a.x.example", EXACT, RULE_BLOCK, {2, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {2, 0}},
		 {"c.x.example", EXACT, RULE_BLOCK, {2, 0}}, {"x.example", SUBTREE, RULE_BLOCK, {0, 0}},
		 {"y.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		{{"a.x.example", EXACT, RULE_BLOCK, {2, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {2, 0}},
			{"c.x.example", EXACT, RULE_BLOCK, {2, 0}}, {"x.example", SUBTREE, RULE_BLOCK, {1, 0}},
			{"y.example", SUBTREE, RULE_BLOCK, {0, 0}}, {"z.example", SUBTREE, RULE_BLOCK, {0, 0}}},
		false},
	{{{"a.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {0, 0}},
		 {"c.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", SUBTREE, RULE_BLOCK, {1, 0}},
		 {"y.example", SUBTREE, RULE_BLOCK, {1, 0}}},
		{{"a.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"b.x.example", EXACT, RULE_BLOCK, {0, 0}},
			{"c.x.example", EXACT, RULE_BLOCK, {0, 0}}, {"x.example", SUBTREE, RULE_BLOCK, {1, 1}},
			{"y.example", SUBTREE, RULE_BLOCK, {1, 0}}, {"z.example", SUBTREE, RULE_BLOCK, {1, 0}}},
		false},
};

static void lines_left_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * sizeof alike / sizeof *alike; i++) {
		const struct rule_spec *const rules[2] = {alike[i / 2].old, alike[i / 2].new};
		struct table *table[2];
		for (unsigned t = 0; t < 2; t++) {
			size_t count = 0;
			while (count < RULES && rules[t][count].name)
				count++;
			table[t] = table_of(rules[t], count);
		}
		struct changes changes = {0};
		struct why why;
		skipping = 0;
		assert_int_equal(table_diff(table[i % 2], table[!(i % 2)], collect, &changes, &why), 0);
		if (skipping != (alike[i / 2].left_out ? 2 : 0))
			fail_msg("case %u: %u times", i / 2, skipping);
		for (unsigned t = 0; t < 2; t++)
			table_close(&table[t]);
	}
}

static void from_nothing(void **state)
{
	(void)state;
	static const struct rule_spec rule = {"x.example", EXACT, RULE_BLOCK, {2, 1}};
	struct table *new = table_of(&rule, 1);
	struct changes changes = {0};
	struct why why;
	assert_int_equal(table_diff(NULL, new, collect, &changes, &why), 0);
	assert_string_equal(changes.text, "+exact x.example gamma phishing");
	table_close(&new);
}

/* Feeds and categories are compared by name: their numbers may change, and some come or go. */
static void by_name(void **state)
{
	(void)state;
	static const struct feed_policy old_feeds[] = {{"gone", true}, {"alpha", true}, {"beta", true}},
					new_feeds[] = {{"beta", true}, {"alpha", true}};
	static const struct category_policy old_categories[] = {{.name = "malware", .action = ACTION_DROP},
		{.name = "phishing", .action = ACTION_DROP}, {.name = "lost", .action = ACTION_DROP}},
					    new_categories[] = {{.name = "phishing", .action = ACTION_DROP},
						    {.name = "malware", .action = ACTION_DROP}};
	const struct policy
		old_policy = {.feeds = old_feeds, .feed_count = 3, .categories = old_categories, .category_count = 3},
		new_policy = {.feeds = new_feeds, .feed_count = 2, .categories = new_categories, .category_count = 2};
	static const struct rule_spec old_rules[] = {{"a.example", EXACT, RULE_BLOCK, {1, 0}},
		{"b.example", EXACT, RULE_BLOCK, {2, 1}}, {"c.example", EXACT, RULE_ALLOW, {1, 1}},
		{"d.example", EXACT, RULE_BLOCK, {0, 0}}, {"e.example", EXACT, RULE_BLOCK, {1, 2}}};
	static const struct rule_spec new_rules[] = {{"a.example", EXACT, RULE_BLOCK, {1, 1}},
		{"b.example", EXACT, RULE_BLOCK, {0, 0}}, {"c.example", EXACT, RULE_ALLOW, {1, 0}},
		{"d.example", EXACT, RULE_BLOCK, {0, 1}}, {"e.example", EXACT, RULE_BLOCK, {1, 0}}};
	struct table *old = table_of_policy(&old_policy, old_rules, 5),
		     *new = table_of_policy(&new_policy, new_rules, 5);
	struct changes changes = {0};
	struct why why;
	assert_int_equal(table_diff(old, new, collect, &changes, &why), 0);
	for (char *change = strtok(changes.text, ";"); change; change = strtok(NULL, ";")) {
		static const char *const wanted[] = {"-exact d.example gone malware", "-exact e.example alpha lost",
			"+exact d.example beta malware", "+exact e.example alpha phishing"};
		unsigned found = 0;
		for (unsigned i = 0; i < 4; i++)
			found += strcmp(change + strspn(change, " "), wanted[i]) == 0;
		if (found != 1)
			fail_msg("%s", change);
	}
	assert_int_equal(table_same_policy(old, new), 0);
	table_close(&old);
	table_close(&new);
}

/* Settings are compared, not rules. */
static void same_policies(void **state)
{
	(void)state;
	static const struct rule_spec one[] = {{"x.example", EXACT, RULE_BLOCK, {0, 0}}},
				      two[] = {{"a.example", SUBTREE, RULE_BLOCK, {1, 1}},
					      {"x.example", EXACT, RULE_BLOCK, {2, 0}},
					      {"y.example", SUBTREE, RULE_ALLOW, {0, 0}}};
	static const char *const names[] = {"alpha", "alphb", "alphabet"};
	struct table *table[3];
	for (unsigned i = 0; i < 3; i++) {
		struct feed_policy feeds[3];
		memcpy(feeds, test_policy.feeds, sizeof feeds);
		strcpy(feeds[0].name, names[i]);
		struct policy policy = test_policy;
		policy.feeds = feeds;
		table[i] = table_of_policy(&policy, one, 1);
	}
	struct table *more = table_of(two, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(table_same_policy(table[i], table[i]), 1);
		assert_int_equal(table_same_policy(table[i], more), i == 0);
		assert_int_equal(table_same_policy(more, table[i]), i == 0);
	}
	for (unsigned i = 0; i < 3; i++)
		table_close(&table[i]);
	table_close(&more);
}

/* ---- the model ---- */

enum { MOST_RULES = 24 };

struct model {
	struct rule_spec rule[MOST_RULES];
	char name[MOST_RULES][32];
	size_t count;
};

static void random_rules(struct model *m, uint64_t *seed)
{
	m->count = random_below(seed, MOST_RULES + 1);
	for (size_t i = 0; i < m->count; i++) {
		static const char *const labels[] = {"a.", "b.", "c.", ""};
		snprintf(m->name[i], sizeof m->name[i], "%s%s%c.example", labels[random_below(seed, 4)],
			labels[random_below(seed, 4)], "xy"[random_below(seed, 2)]);
		unsigned kind = random_below(seed, 12);
		m->rule[i] = (struct rule_spec){m->name[i], random_below(seed, 2) ? SUBTREE : EXACT,
			kind == 0   ? RULE_ALLOW
			: kind == 1 ? RULE_EXCEPT
				    : RULE_BLOCK,
			{(uint16_t)random_below(seed, 2), (uint16_t)random_below(seed, 2)}};
	}
}

static bool is_below(const char *name, const char *above)
{
	size_t n = strlen(name), a = strlen(above);
	return n > a && strcmp(name + n - a, above) == 0 && name[n - a - 1] == '.';
}

/* Whether a rule covers a name, or, for a subtree, all that is below it. */
static bool covers(const struct rule_spec *rule, const char *name, enum scope scope)
{
	return (rule->scope == SUBTREE && is_below(name, rule->name)) ||
	       (strcmp(rule->name, name) == 0 && (rule->scope == SUBTREE || scope == EXACT));
}

/* Whether a feed and category block it. */
static bool holds(const struct model *m, const char *name, enum scope scope, struct source source)
{
	bool blocked = false, freed = false;
	for (size_t i = 0; i < m->count; i++) {
		const struct rule_spec *r = &m->rule[i];
		if (!covers(r, name, scope))
			continue;
		freed |= r->kind == RULE_ALLOW || (r->kind == RULE_EXCEPT && r->source.feed == source.feed);
		blocked |=
			r->kind == RULE_BLOCK && r->source.feed == source.feed && r->source.category == source.category;
	}
	return blocked && !freed;
}

/* Every change that is told is one, and its place is noted. */
struct judge {
	const struct model *old, *new;
	struct {
		char name[32];
		enum scope scope;
	} told[2 * MOST_RULES];
	size_t count, added, removed;
};

static int judge(void *context, const struct table_change *c)
{
	struct judge *j = context;
	if (c->kind == RULE_BLOCK) {
		assert_int_equal(holds(j->old, c->name, c->scope, c->source), !c->added);
		assert_int_equal(holds(j->new, c->name, c->scope, c->source), c->added);
	}
	j->added += c->added;
	j->removed += !c->added;
	assert_true(j->count < 2 * MOST_RULES);
	snprintf(j->told[j->count].name, sizeof j->told[0].name, "%s", c->name);
	j->told[j->count++].scope = c->scope;
	return 0;
}

/* Whether a change was told in this place or above. */
static bool was_told(const struct judge *j, const char *name)
{
	for (size_t i = 0; i < j->count; i++)
		if (strcmp(j->told[i].name, name) == 0 || is_below(name, j->told[i].name))
			return true;
	return false;
}

static void check_all_told(const struct judge *j, const struct model *places)
{
	for (size_t i = 0; i < places->count; i++) {
		const char *name = places->rule[i].name;
		for (unsigned s = 0; s < 8; s++) {
			struct source source = {s & 1, s >> 1 & 1};
			enum scope scope = s >> 2 ? SUBTREE : EXACT;
			if (holds(j->old, name, scope, source) != holds(j->new, name, scope, source) &&
				!was_told(j, name))
				fail_msg("%s %s: not told", scope_text(scope), name);
		}
	}
}

/* Compares two tables in both directions: all that changed is told, and the way back takes back what the way there brings. */
static void check_both_ways(
	const struct table *x, const struct model *old, const struct table *y, const struct model *new)
{
	struct judge there = {.old = old, .new = new}, back = {.old = new, .new = old};
	struct why why;
	assert_int_equal(table_diff(x, y, judge, &there, &why), 0);
	assert_int_equal(table_diff(y, x, judge, &back, &why), 0);
	check_all_told(&there, old);
	check_all_told(&there, new);
	assert_int_equal(there.added, back.removed);
	assert_int_equal(there.removed, back.added);
}

static void against_a_model(void **state)
{
	(void)state;
	uint64_t seed = 20260318;
	for (int round = 0; round < 1000; round++) {
		struct model old, new;
		random_rules(&old, &seed);
		random_rules(&new, &seed);
		struct table *x = table_of(old.rule, old.count), *y = table_of(new.rule, new.count);
		struct why why;
		check_both_ways(x, &old, y, &new);
		struct judge none = {.old = &old, .new = &old};
		assert_int_equal(table_diff(x, x, judge, &none, &why), 0);
		assert_int_equal(none.count, 0);
		table_close(&x);
		table_close(&y);
	}
}

/* A table on the base of another one, as they follow each other: most lines of the index are those of the base, and are not
 * looked at. `filler` names are in each of the tables. */
enum { FILLER = 400 };

static struct table *table_on_base(const struct model *m, const struct table *base)
{
	static struct rule_spec rules[FILLER + MOST_RULES];
	static char names[FILLER][32];
	struct table *table;
	struct why why;
	size_t length;
	for (unsigned i = 0; i < FILLER; i++) {
		snprintf(names[i], sizeof names[i], "n%u.filler.test", i);
		rules[i] = (struct rule_spec){names[i], EXACT, RULE_BLOCK, {2, 1}};
	}
	memcpy(rules + FILLER, m->rule, m->count * sizeof *m->rule);
	uint8_t *octets = table_octets_of(rules, FILLER + m->count, base, &length);
	assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
	assert_int_equal(table_verify(table, &why), 0);
	free(octets);
	return table;
}

static int count_rule(void *context, const struct table_rule *rule)
{
	(void)rule;
	++*(unsigned *)context;
	return 0;
}

static void on_a_base(void **state)
{
	(void)state;
	uint64_t seed = 20261130;
	unsigned most = 0, visited;
	struct why why;
	for (int round = 0; round < 100; round++) {
		struct model old, new;
		random_rules(&old, &seed);
		random_rules(&new, &seed);
		/* Most rounds change few rules, and leave the classes as they are. */
		for (size_t i = 0; round % 4 > 0 && i < old.count && i < new.count; i++)
			if (random_below(&seed, 8) > 0)
				new.rule[i] = old.rule[i];
		struct table *x = table_on_base(&old, NULL), *y = table_on_base(&new, x);
		check_both_ways(x, &old, y, &new);
		visited = 0;
		assert_int_equal(table_each_unlike(x, y, count_rule, &visited, &why), 0);
		most += visited < FILLER;
		visited = 0;
		assert_int_equal(table_each_unlike(x, x, count_rule, &visited, &why), 0);
		assert_int_equal(visited, 0);
		table_close(&x);
		table_close(&y);
	}
	assert_true(most > 60); /* else this tries nothing */
}

/* Two names change classes: the index stays as it is, and so do the lengths of all names. */
static void swapped_classes(void **state)
{
	(void)state;
	const struct model old = {
		.rule = {{"x.example", EXACT, RULE_BLOCK, {0, 0}}, {"y.example", EXACT, RULE_BLOCK, {1, 1}}},
		.count = 2};
	const struct model new = {
		.rule = {{"x.example", EXACT, RULE_BLOCK, {1, 1}}, {"y.example", EXACT, RULE_BLOCK, {0, 0}}},
		.count = 2};
	struct table *x = table_on_base(&old, NULL), *y = table_on_base(&new, x);
	struct judge swap = {.old = &old, .new = &new};
	struct why why;
	assert_int_equal(table_diff(x, y, judge, &swap, &why), 0);
	assert_int_equal(swap.added, 2);
	assert_int_equal(swap.removed, 2);
	table_close(&x);
	table_close(&y);
}

/* The same octets in both tables, and another meaning: the classes have changed places. */
static void other_classes(void **state)
{
	(void)state;
	const struct rule_spec rule = {"x.example", EXACT, RULE_BLOCK, {0, 0}},
			       other = {"x.example", EXACT, RULE_BLOCK, {1, 1}},
			       allow = {"x.example", EXACT, RULE_ALLOW, {0, 0}},
			       below = {"x.example", SUBTREE, RULE_BLOCK, {0, 0}};
	struct table *of[] = {table_of(&rule, 1), table_of(&other, 1), table_of(&allow, 1), table_of(&below, 1)};
	struct why why;
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++) {
			struct changes changes = {0};
			unsigned visited = 0;
			assert_int_equal(table_each_unlike(of[i], of[j], count_rule, &visited, &why), 0);
			assert_int_equal(visited, 0);
			assert_int_equal(table_diff(of[i], of[j], collect, &changes, &why), 0);
			assert_int_equal(changes.text[0] == '\0', i == j);
		}
	for (unsigned i = 0; i < 4; i++)
		table_close(&of[i]);
}

static int refuse(void *context, const struct table_change *change)
{
	(void)change;
	--*(int *)context;
	return *(int *)context > 0 ? 0 : -7;
}

static void visitor_ends_it(void **state)
{
	(void)state;
	const struct rule_spec rules[] = {
		{"x.example", EXACT, RULE_BLOCK, a_malware}, {"y.example", EXACT, RULE_BLOCK, b_phishing}};
	struct table *table = table_of(rules, 2);
	struct why why;
	int left = 1;
	assert_int_equal(table_diff(NULL, table, refuse, &left, &why), -7);
	assert_int_equal(left, 0);
	table_close(&table);
	/* Between the rules of one name as well. */
	const struct rule_spec both[] = {
		{"x.example", EXACT, RULE_BLOCK, b_phishing}, {"x.example", SUBTREE, RULE_BLOCK, a_malware}};
	table = table_of(both, 2);
	for (int most = 1; most <= 2; most++) {
		left = most;
		assert_int_equal(table_diff(NULL, table, refuse, &left, &why), -7);
		assert_int_equal(left, 0);
	}
	table_close(&table);
}

/* ---- copies ---- */

static FILE *file_of(const uint8_t *octets, size_t length)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	assert_int_equal(fflush(file), 0);
	return file;
}

static void copies(void **state)
{
	(void)state;
	const struct rule_spec rules[] = {
		{"x.example", EXACT, RULE_BLOCK, a_malware}, {"y.example", SUBTREE, RULE_BLOCK, b_phishing}};
	size_t length;
	uint8_t *octets = table_octets_of(rules, 2, NULL, &length);
	FILE *from = file_of(octets, length), *to = tmpfile(), *same = tmpfile(), *bad;
	struct table *old, *new;
	struct why why;
	assert_int_equal(table_restamp(fileno(from), fileno(to), 99, 1800000000, &why), 0);
	assert_int_equal(table_open_fd(&old, fileno(from), &why), 0);
	assert_int_equal(table_open_fd(&new, fileno(to), &why), 0);
	assert_int_equal(table_verify(new, &why), 0);
	assert_int_equal(table_header(new)->generation, 99);
	assert_int_equal(table_header(new)->created, 1800000000);
	assert_int_equal(table_body_sum(new), table_body_sum(old));
	assert_int_equal(table_same_policy(old, new), 1);
	/* As it was, octet by octet. */
	uint8_t *copy = malloc(length);
	assert_int_equal(table_restamp(fileno(from), fileno(same), 0, 0, &why), 0);
	assert_int_equal(pread(fileno(same), copy, length, 0), length);
	assert_memory_equal(copy, octets, length);
	/* A damaged one is not copied. */
	octets[length - 1] ^= 1;
	bad = file_of(octets, length);
	assert_int_equal(table_restamp(fileno(bad), fileno(same), 3, 0, &why), WEIR_EFORMAT);
	free(copy);
	free(octets);
	table_close(&old);
	table_close(&new);
	fclose(from);
	fclose(to);
	fclose(same);
	fclose(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen),
		cmocka_unit_test(lines_left_out),
		cmocka_unit_test(from_nothing),
		cmocka_unit_test(by_name),
		cmocka_unit_test(same_policies),
		cmocka_unit_test(against_a_model),
		cmocka_unit_test(on_a_base),
		cmocka_unit_test(swapped_classes),
		cmocka_unit_test(other_classes),
		cmocka_unit_test(visitor_ends_it),
		cmocka_unit_test(copies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
