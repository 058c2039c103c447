#include "unit.h"

#include "decide.h"

static const struct rule_spec rules[] = {
	{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},  /* alpha: nxdomain */
	{"order.example", SCOPE_SUBTREE, RULE_BLOCK, {1, 1}}, /* beta: refused */
	{"order.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"quiet.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 0}}, /* gamma: checks no targets */
	{"mixed.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 1}}, /* gamma: refused, but not for targets */
	{"mixed.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"trial.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 2}}, /* log */
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
		if (cases[i].category)
			assert_string_equal(name.effect.category->name, cases[i].category);
		else
			assert_null(name.effect.category);
		assert_false(name.target);
		assert_int_equal(ruling_blocks(&target), cases[i].target_blocks);
		assert_int_equal(target.effect.action, cases[i].target_action);
		assert_true(!ruling_blocks(&target) || (target.target && target.effect.category));
	}
	table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_targets)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
