/* SPDX-License-Identifier: BSD-3-Clause */
/* What each feed holds, and loses, from one table to the next: single cases, and many small tables against a model that
 * knows rules only, no table. */
#include "tests/unit/unit.h"

#include "feedsync/config/configuration.h"
#include "feedsync/publish/feed_shares.h"

enum { ALPHA, BETA, GAMMA, FEEDS };

#define BLOCK(feed, name, scope)                                                                                       \
	{                                                                                                              \
		name, SCOPE_##scope, RULE_BLOCK,                                                                       \
		{                                                                                                      \
			feed, 0                                                                                        \
		}                                                                                                      \
	}
#define ALLOW(feed, name, scope)                                                                                       \
	{                                                                                                              \
		name, SCOPE_##scope, RULE_ALLOW,                                                                       \
		{                                                                                                      \
			feed, 0                                                                                        \
		}                                                                                                      \
	}

static struct feed_config feeds[] = {{.name = "alpha"}, {.name = "beta"}, {.name = "gamma"}};

/* Counts from one table to another. */
static void count_shares(struct feed_shares *shares, const struct rule_spec *old, size_t old_count,
	const struct rule_spec *new, size_t new_count)
{
	const struct config config = {.feeds = feeds, .feed_count = FEEDS};
	struct table *published = table_of(old, old_count), *table = table_of(new, new_count);
	struct why why;
	feed_shares_begin(shares, &config, published);
	if (feed_shares_count(shares, published, table, NULL, &why) != 0)
		fail_msg("%s", why.text);
	table_close(&published);
	table_close(&table);
}

/* ---- single cases ---- */

struct expected {
	uint64_t before, now, gone, overruled, freed;
};

static void cases(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct rule_spec old[4], new[4];
		struct expected alpha, gamma;
	} rows[] = {
		{"nothing changes", {BLOCK(ALPHA, "a.example", SUBTREE)}, {BLOCK(ALPHA, "a.example", SUBTREE)},
			{.before = 1, .now = 1}, {0}},
		{"a name goes", {BLOCK(ALPHA, "a.example", SUBTREE), BLOCK(ALPHA, "b.example", EXACT)},
			{BLOCK(ALPHA, "a.example", SUBTREE)}, {.before = 2, .now = 1, .gone = 1}, {0}},
		{"two rules of a name are one name",
			{BLOCK(ALPHA, "a.example", SUBTREE), BLOCK(ALPHA, "a.example", EXACT)},
			{BLOCK(ALPHA, "a.example", EXACT)}, {.before = 1, .now = 1}, {0}},
		{"a rule above takes the place of one below", {BLOCK(ALPHA, "a.b.example", EXACT)},
			{BLOCK(ALPHA, "b.example", SUBTREE)}, {.before = 1, .now = 1}, {0}},
		{"another feed's rule does not", {BLOCK(ALPHA, "a.example", EXACT)}, {BLOCK(BETA, "a.example", EXACT)},
			{.before = 1, .gone = 1}, {0}},
		{"what is below a name does not stand for it", {BLOCK(ALPHA, "a.example", EXACT)},
			{BLOCK(ALPHA, "b.a.example", SUBTREE)}, {.before = 1, .now = 1, .gone = 1}, {0}},
		{"a feed that allows frees a name", {BLOCK(ALPHA, "a.example", EXACT)},
			{BLOCK(ALPHA, "a.example", EXACT), ALLOW(GAMMA, "a.example", SUBTREE)},
			{.before = 1, .overruled = 1}, {.now = 1, .freed = 1}},
		{"from above as well", {BLOCK(ALPHA, "a.b.example", SUBTREE), BLOCK(ALPHA, "c.b.example", EXACT)},
			{BLOCK(ALPHA, "a.b.example", SUBTREE), ALLOW(GAMMA, "b.example", SUBTREE)},
			{.before = 2, .overruled = 2}, {.now = 1, .freed = 2}},
		{"it lets go", {BLOCK(ALPHA, "a.example", EXACT), ALLOW(GAMMA, "a.example", SUBTREE)},
			{BLOCK(ALPHA, "a.example", EXACT)}, {.now = 1}, {.before = 1, .gone = 1}},
	};
	for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++) {
		size_t old = 0, new = 0;
		struct feed_shares shares;
		while (old < 4 && rows[r].old[old].name)
			old++;
		while (new < 4 && rows[r].new[new].name)
			new ++;
		count_shares(&shares, rows[r].old, old, rows[r].new, new);
		for (unsigned feed = ALPHA; feed <= GAMMA; feed += GAMMA - ALPHA) {
			const struct feed_share *s = &shares.share[feed];
			const struct expected *e = feed == ALPHA ? &rows[r].alpha : &rows[r].gamma;
			if (s->before != e->before || s->now != e->now || s->gone != e->gone ||
				s->overruled != e->overruled || s->freed != e->freed)
				fail_msg("%s: %s: before %d, now %d, gone %d, overruled %d, freed %d, not %d %d %d %d "
					 "%d",
					rows[r].what, s->name, (int)s->before, (int)s->now, (int)s->gone,
					(int)s->overruled, (int)s->freed, (int)e->before, (int)e->now, (int)e->gone,
					(int)e->overruled, (int)e->freed);
		}
		feed_shares_end(&shares);
	}
}

/* A feed that the configuration has no more, and the table still has, has a share without limits. */
static void taken_out(void **state)
{
	(void)state;
	static const struct rule_spec rules[] = {BLOCK(ALPHA, "a.example", EXACT), BLOCK(GAMMA, "b.example", EXACT)};
	const struct config config = {.feeds = feeds, .feed_count = 2};
	struct table *table = table_of(rules, 2);
	struct feed_shares shares;
	struct why why;
	feed_shares_begin(&shares, &config, table);
	assert_int_equal(shares.count, 3);
	assert_string_equal(shares.share[2].name, "gamma");
	assert_null(shares.share[2].limits);
	assert_false(feed_shares_taken_out(&shares)); /* not counted yet */
	assert_int_equal(feed_shares_count(&shares, table, table, NULL, &why), 0);
	assert_true(feed_shares_taken_out(&shares));
	feed_shares_end(&shares);
	table_close(&table);
}

/* ---- against a model ---- */

enum { NAMES = 7, MAX_RULES = 12 };

/* Each name, and the index of the one above it in the list; -1 = none. */
static const char *const names[NAMES] = {
	"a.example", "b.a.example", "c.b.a.example", "d.a.example", "e.example", "f.e.example", "g.example"};
static const int above[NAMES] = {-1, 0, 1, 0, -1, 4, -1};

struct model {
	bool block[FEEDS][NAMES][2], allow[NAMES][2]; /* by scope; only gamma allows */
};

static void random_rules(struct model *model, struct rule_spec *rules, size_t *count, uint64_t *seed)
{
	*count = 1 + random_below(seed, MAX_RULES);
	*model = (struct model){0};
	for (size_t i = 0; i < *count; i++) {
		uint16_t feed = (uint16_t)random_below(seed, FEEDS);
		unsigned name = random_below(seed, NAMES);
		enum scope scope = random_below(seed, 2) ? SCOPE_SUBTREE : SCOPE_EXACT;
		rules[i] = (struct rule_spec){
			names[name], scope, feed == GAMMA ? RULE_ALLOW : RULE_BLOCK, {.feed = feed, .category = 0}};
		if (feed == GAMMA)
			model->allow[name][scope] = true;
		else
			model->block[feed][name][scope] = true;
	}
}

/* Whether a name, or all below it, is allowed; whether a feed blocks it, be it allowed or not. */
static bool allows(const struct model *m, int name, enum scope scope)
{
	if (scope == SCOPE_EXACT && m->allow[name][SCOPE_EXACT])
		return true;
	for (; name >= 0; name = above[name])
		if (m->allow[name][SCOPE_SUBTREE])
			return true;
	return false;
}

static bool says(const struct model *m, unsigned feed, int name, enum scope scope)
{
	if (scope == SCOPE_EXACT && m->block[feed][name][SCOPE_EXACT])
		return true;
	for (; name >= 0; name = above[name])
		if (m->block[feed][name][SCOPE_SUBTREE])
			return true;
	return false;
}

static bool blocks(const struct model *m, unsigned feed, int name, enum scope scope)
{
	return says(m, feed, name, scope) && !allows(m, name, scope);
}

/* Whether the rules of a name and scope say more than those above them: else the table has none of them. */
static bool is_news(const struct model *m, int name, enum scope scope)
{
	bool news = false;
	for (unsigned feed = ALPHA; feed <= BETA; feed++) {
		bool there = scope == SCOPE_EXACT && m->block[feed][name][SCOPE_SUBTREE];
		there |= above[name] >= 0 && says(m, feed, above[name], SCOPE_SUBTREE);
		news |= m->block[feed][name][scope] && !there;
	}
	return news;
}

/* Whether a feed holds a name by a rule of that scope. */
static bool holds(const struct model *m, unsigned feed, int name, enum scope scope)
{
	return m->block[feed][name][scope] && is_news(m, name, scope) && !allows(m, name, scope);
}

static struct expected expect(const struct model *old, const struct model *new, unsigned feed)
{
	struct expected e = {0};
	for (int n = 0; n < NAMES; n++) {
		bool exact = holds(old, feed, n, SCOPE_EXACT), subtree = holds(old, feed, n, SCOPE_SUBTREE);
		e.now += holds(new, feed, n, SCOPE_EXACT) || holds(new, feed, n, SCOPE_SUBTREE);
		if (!exact && !subtree)
			continue;
		e.before++;
		/* The name itself may go on being blocked where all below it is not any more; but that is no name gone. */
		if (blocks(new, feed, n, SCOPE_EXACT) || (!exact && blocks(new, feed, n, SCOPE_SUBTREE)))
			continue;
		bool allowed = allows(new, n, SCOPE_EXACT) || allows(new, n, SCOPE_SUBTREE);
		e.overruled += allowed;
		e.gone += !allowed;
	}
	return e;
}

static void random_tables(void **state)
{
	(void)state;
	uint64_t seed = 20260101;
	for (unsigned round = 0; round < 1000; round++) {
		struct rule_spec old[MAX_RULES], new[MAX_RULES];
		struct model before, after;
		struct feed_shares shares;
		size_t old_count, new_count;
		random_rules(&before, old, &old_count, &seed);
		random_rules(&after, new, &new_count, &seed);
		count_shares(&shares, old, old_count, new, new_count);
		for (unsigned feed = ALPHA; feed <= BETA; feed++) {
			const struct expected e = expect(&before, &after, feed);
			const struct feed_share *s = &shares.share[feed];
			if (s->before == e.before && s->now == e.now && s->gone == e.gone &&
				s->overruled == e.overruled)
				continue;
			for (size_t i = 0; i < old_count; i++)
				print_message("old %s %s %d %d\n", scope_text(old[i].scope), old[i].name, old[i].kind,
					old[i].source.feed);
			for (size_t i = 0; i < new_count; i++)
				print_message("new %s %s %d %d\n", scope_text(new[i].scope), new[i].name, new[i].kind,
					new[i].source.feed);
			fail_msg("round %u: %s: before %d, now %d, gone %d, overruled %d, not %d %d %d %d", round,
				s->name, (int)s->before, (int)s->now, (int)s->gone, (int)s->overruled, (int)e.before,
				(int)e.now, (int)e.gone, (int)e.overruled);
		}
		feed_shares_end(&shares);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases),
		cmocka_unit_test(taken_out),
		cmocka_unit_test(random_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
