/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "plugin/core/decide.h"

static const struct rule_spec rules[] = {
	{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},  /* alpha: nxdomain */
	{"order.example", SCOPE_SUBTREE, RULE_BLOCK, {1, 1}}, /* beta: refused */
	{"order.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"quiet.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 0}}, /* gamma: checks no targets */
	{"mixed.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 1}}, /* gamma: refused, but not for targets */
	{"mixed.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"trial.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 2}}, /* log */
	{"half.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 2}},
	{"half.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 0}}, /* gamma: nxdomain, but not for targets */
	{"good.evil.example", SCOPE_EXACT, RULE_ALLOW, {1, 0}},
};

static void names_and_targets(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum decision kind;
		enum action action;
		bool blocks;
		const char *category;
		bool target_blocks;
		enum action target_action;
	} cases[] = {
		{"x.evil.example", DECISION_BLOCK, ACTION_NXDOMAIN, true, "malware", true, ACTION_NXDOMAIN},
		{"order.example", DECISION_BLOCK, ACTION_REFUSED, true, "phishing", true, ACTION_REFUSED},
		{"quiet.example", DECISION_BLOCK, ACTION_NXDOMAIN, true, "malware", false, ACTION_ALLOW},
		{"mixed.example", DECISION_BLOCK, ACTION_REFUSED, true, "phishing", true, ACTION_NXDOMAIN},
		{"trial.example", DECISION_BLOCK, ACTION_LOG, false, "trial", false, ACTION_LOG},
		{"half.example", DECISION_BLOCK, ACTION_NXDOMAIN, true, "malware", false, ACTION_LOG},
		{"good.evil.example", DECISION_ALLOW, ACTION_ALLOW, false, NULL, false, ACTION_ALLOW},
		{"other.example", DECISION_PASS, ACTION_ALLOW, false, NULL, false, ACTION_ALLOW},
	};
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		size_t length = wire_of(cases[i].name, wire);
		struct ruling name = decide_name(table, wire, length, GROUP_DEFAULT),
			      target = decide_target(table, wire, length, GROUP_DEFAULT);
		assert_int_equal(name.kind, cases[i].kind);
		assert_int_equal(name.effect.action, cases[i].action);
		assert_int_equal(ruling_blocks(&name), cases[i].blocks);
		assert_int_equal(ruling_blocks_anyone(&name), cases[i].blocks); /* there is one group only */
		if (cases[i].category)
			assert_string_equal(name.effect.category->name, cases[i].category);
		else
			assert_null(name.effect.category);
		assert_false(name.target);
		assert_int_equal(target.kind, cases[i].target_action == ACTION_ALLOW ? DECISION_PASS : DECISION_BLOCK);
		assert_int_equal(ruling_blocks(&target), cases[i].target_blocks);
		assert_int_equal(ruling_blocks_anyone(&target), cases[i].target_blocks);
		assert_int_equal(target.effect.action, cases[i].target_action);
		assert_true(!ruling_blocks(&target) || (target.target && target.effect.category));
	}
	table_close(&table);
}

/* What blocks beats what does not, a stronger action a weaker one, and the first an equal one. */
static void stronger_of_two(void **state)
{
	(void)state;
	static const struct ruling rulings[] = {/* each stronger than the one before it */
		{.kind = DECISION_PASS}, {.kind = DECISION_BLOCK, .effect.action = ACTION_LOG},
		{.kind = DECISION_BLOCK, .effect.action = ACTION_NXDOMAIN},
		{.kind = DECISION_BLOCK, .effect.action = ACTION_DROP}};
	enum { COUNT = sizeof rulings / sizeof *rulings };
	for (unsigned a = 0; a < COUNT; a++)
		for (unsigned b = 0; b < COUNT; b++) {
			struct ruling first = rulings[a], second = rulings[b];
			second.target = true;
			struct ruling chosen = ruling_stronger(first, second);
			assert_int_equal(chosen.target, b > a);
			assert_int_equal(chosen.kind, rulings[a > b ? a : b].kind);
			assert_int_equal(chosen.effect.action, rulings[a > b ? a : b].effect.action);
		}
	/* An action of what does not block counts for nothing. */
	const struct ruling allowed = {.kind = DECISION_ALLOW, .effect.action = ACTION_DROP};
	assert_int_equal(ruling_stronger(rulings[1], allowed).kind, DECISION_BLOCK);
	assert_int_equal(ruling_stronger(allowed, rulings[1]).kind, DECISION_BLOCK);
}

/* DS is the data of the zone above, DNSKEY that of a whole zone. */
static void types_of_the_chain_of_trust(void **state)
{
	(void)state;
	static const struct rule_spec specs[] = {
		{"exact.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"bare.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
		{"tree.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
		{"x.tree.example", SCOPE_EXACT, RULE_BLOCK, {1, 1}}, /* refused; the tree's rule covers it as well */
		{"freed.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
		{"www.b.freed.example", SCOPE_EXACT, RULE_ALLOW, {1, 0}},
		{"spared.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
		{"www.spared.example", SCOPE_SUBTREE, RULE_EXCEPT, {0, 0}},
	};
	enum { A = 1, NS = 2, DS = 43, RRSIG = 46, DNSKEY = 48, CDS = 59 };
	static const struct {
		const char *name;
		bool blocked[6]; /* A, NS, RRSIG, CDS; DS; DNSKEY */
		const char *rule;
	} cases[] = {
		{"exact.example", {true, true, true, true, false, false}, NULL},
		{"EXACT.example", {true, true, true, true, false, false}, NULL},
		{"below.exact.example", {false}, NULL},
		/* The zone above has its DS; its keys are needed by nobody who may pass. */
		{"bare.example", {true, true, true, true, false, true}, "bare.example"},
		{"below.bare.example", {true, true, true, true, true, true}, "bare.example"},
		/* What is listed on its own below might pass. */
		{"tree.example", {true, true, true, true, false, false}, NULL},
		{"below.tree.example", {true, true, true, true, true, true}, "tree.example"},
		{"x.tree.example", {true, true, true, true, true, true}, "tree.example"},
		{"a.x.tree.example", {true, true, true, true, true, true}, "tree.example"},
		/* On the way to what is allowed, and beside it. */
		{"freed.example", {true, true, true, true, false, false}, NULL},
		{"b.freed.example", {true, true, true, true, false, false}, NULL},
		{"www.b.freed.example", {false}, NULL},
		{"c.freed.example", {true, true, true, true, true, true}, "freed.example"},
		{"spared.example", {true, true, true, true, false, false}, NULL},
		{"www.spared.example", {false}, NULL},
		{"mail.spared.example", {true, true, true, true, true, true}, "spared.example"},
	};
	static const uint16_t types[] = {A, NS, RRSIG, CDS, DS, DNSKEY};
	struct table *table = table_of(specs, sizeof specs / sizeof *specs);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		size_t length = wire_of(cases[i].name, wire);
		for (unsigned t = 0; t < sizeof types / sizeof *types; t++) {
			struct ruling ruling = decide_question(table, wire, length, types[t], GROUP_DEFAULT);
			if (ruling_blocks(&ruling) != cases[i].blocked[t])
				fail_msg("%s, type %u", cases[i].name, types[t]);
			if (!question_leads(types[t]) && cases[i].blocked[0] && !cases[i].blocked[t])
				assert_int_equal(ruling.kind, DECISION_PASS);
			if (ruling_blocks(&ruling) && !question_leads(types[t])) {
				name_storage rule;
				assert_int_equal(ruling.rule_length, wire_of(cases[i].rule, rule));
				assert_memory_equal(ruling.rule, rule, ruling.rule_length);
				assert_ptr_equal(ruling.rule + ruling.rule_length, wire + length);
			}
		}
	}
	table_close(&table);
}

/* A name of so many octets that ends in another. */
static void long_name(name_storage wire, size_t length, const uint8_t *tail, size_t tail_length)
{
	size_t at = 0;
	for (size_t left = length - tail_length; left > 0;) {
		size_t label = left > NAME_MAX_LABEL + 1 ? NAME_MAX_LABEL - 1 : left - 1;
		wire[at] = (uint8_t)label;
		memset(wire + at + 1, 'a', label);
		at += 1 + label;
		left -= 1 + label;
	}
	memcpy(wire + at, tail, tail_length);
}

/* The longest names: there is no room for anything below them, so the zone of an exact rule has nothing that may pass. */
static void longest_names(void **state)
{
	(void)state;
	enum { DS = 43, DNSKEY = 48, SHORTEST = 250 };
	name_storage tree, exact, wire;
	size_t tree_length = wire_of("tree.example", tree), exact_length = wire_of("exact.example", exact);
	char text[NAME_MAX_WIRE - SHORTEST + 1][NAME_MAX_TEXT];
	struct rule_spec specs[NAME_MAX_WIRE - SHORTEST + 2];
	size_t count = 0;
	for (size_t wanted = SHORTEST; wanted <= NAME_MAX_WIRE; wanted++) {
		long_name(wire, wanted, exact, exact_length);
		name_to_text(wire, wanted, text[count]);
		specs[count] = (struct rule_spec){text[count], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
		count++;
	}
	specs[count++] = (struct rule_spec){"tree.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}};
	struct table *table = table_of(specs, count);
	for (size_t wanted = SHORTEST; wanted <= NAME_MAX_WIRE; wanted++) {
		for (unsigned t = 0; t < 2; t++) {
			long_name(wire, wanted, tree, tree_length);
			struct ruling ruling = decide_question(table, wire, wanted, t ? DS : DNSKEY, GROUP_DEFAULT);
			assert_true(ruling_blocks(&ruling));
			assert_memory_equal(ruling.rule, tree, tree_length);
			long_name(wire, wanted, exact, exact_length);
			ruling = decide_question(table, wire, wanted, t ? DS : DNSKEY, GROUP_DEFAULT);
			assert_int_equal(ruling_blocks(&ruling), wanted + 2 > NAME_MAX_WIRE);
		}
	}
	table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_targets), cmocka_unit_test(stronger_of_two),
		cmocka_unit_test(types_of_the_chain_of_trust), cmocka_unit_test(longest_names)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
