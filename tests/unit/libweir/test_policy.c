/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "libweir/policy.h"

static void words(void **state)
{
	(void)state;
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		enum action back;
		assert_int_equal(action_from_text(action_text(a), &back), 0);
		assert_int_equal(back, a);
	}
	enum action unused;
	assert_int_equal(action_from_text("", &unused), -1);
	assert_int_equal(action_from_text("NXDOMAIN", &unused), -1);
	assert_null(action_text(ACTION_COUNT));
	for (enum action a = 0; a <= ACTION_COUNT; a++)
		assert_int_equal(action_need(a), a == ACTION_REDIRECT   ? NEEDS_REDIRECT
						 : a == ACTION_SINKHOLE ? NEEDS_ADDRESSES
									: NEEDS_NOTHING);
	static const char *const scopes[] = {"exact", "subtree", "below"};
	for (enum scope s = SCOPE_EXACT; s <= SCOPE_BELOW; s++) {
		enum scope back;
		assert_string_equal(scope_text(s), scopes[s]);
		assert_int_equal(scope_from_text(scopes[s], &back), s == SCOPE_BELOW ? -1 : 0); /* no rule of a table */
		assert_true(s == SCOPE_BELOW || back == s);
	}
	assert_string_equal(scope_text(SCOPE_BELOW + 1), "?");
	static const struct {
		const char *name;
		bool valid;
	} names[] = {{"a", true}, {"a-b_c.d/e", true}, {"", false}, {"a b", false}, {"a,b", false}, {"a\tb", false},
		{"a\\b", false}, {"~", true}, {"\x7f", false}, {"!", true}, {"\xc3\xa4", false},
		{"0123456789012345678901234567890123456789012345678901234567890123", false},
		{"012345678901234567890123456789012345678901234567890123456789012", true}};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(policy_name_valid(names[i].name), names[i].valid);
}

static void key_paths(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		bool valid;
	} cases[] = {{"/", true}, {"/etc/weir/client.key", true}, {"/~", true}, {"/!", true}, {"/\\,", true},
		{"", false}, {"client.key", false}, {"./client.key", false}, {"/a b", false}, {"/a\x7f", false},
		{"/\xc3\xa4", false}, {"/a\n", false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (policy_key_path_valid(cases[i].path) != cases[i].valid)
			fail_msg("\"%s\"", cases[i].path);
	for (size_t length = POLICY_MAX_KEY_PATH - 1; length <= POLICY_MAX_KEY_PATH + 3; length++) {
		char path[POLICY_MAX_KEY_PATH + 4] = "/";
		memset(path + 1, 'a', length - 1);
		assert_int_equal(policy_key_path_valid(path), length <= POLICY_MAX_KEY_PATH);
	}
}

static void found_by_name(void **state)
{
	(void)state;
	static const char *const feeds[] = {"alpha", "beta", "gamma", "delta"};
	static const char *const categories[] = {"malware", "phishing", "trial", "alpha"};
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(policy_find_feed(&test_policy, feeds[i]), i);
		assert_int_equal(policy_find_category(&test_policy, categories[i]), i);
	}
}

/* A feed and its category count together. */
static void blocks_for_a_source(void **state)
{
	(void)state;
	static const struct source sources[] = {{0, 1}, {2, 0}};
	const struct verdict verdict = {.decision = DECISION_BLOCK, .effective_count = 2, .effective = sources};
	for (uint16_t feed = 0; feed < 3; feed++)
		for (uint16_t category = 0; category < 3; category++)
			assert_int_equal(verdict_blocks_for(&verdict, (struct source){feed, category}),
				(feed == 0 && category == 1) || (feed == 2 && category == 0));
}

static const struct own_source own[] = {{{0, 0}, RULE_BLOCK}, {{1, 1}, RULE_EXCEPT}};
static const struct source effective[] = {{0, 0}, {1, 1}, {2, 2}};
static const struct verdict verdicts[] = {
	{0},
	{.decision = DECISION_BLOCK, .own_count = 2, .own = own, .effective_count = 3, .effective = effective},
	{.decision = DECISION_ALLOW, .own_count = 1, .own = own + 1},
	{.decision = DECISION_BLOCK, .effective_count = 1, .effective = effective + 2},
};
static const struct class classes[] = {{1, 2}, {0, 1}, {3, 0}};

static const struct client_range ranges[] = {{{0}, 0}, {{0x20, 1}, 2}, {{0x20, 2}, 0}};
static struct category_policy rich[3];
static struct group_policy groups[2] = {{"family", {ACTION_DROP, ACTION_SINKHOLE, ACTION_LOG}},
	{"free", {ACTION_ALLOW, ACTION_REDIRECT, ACTION_ALLOW}}};

static const uint8_t contact[] = "\3dns\3isp\7example";

static struct policy full_policy(void)
{
	struct policy p = test_policy;
	memcpy(rich, p.categories, sizeof rich);
	rich[1].has_ipv4 = rich[1].has_ipv6 = true;
	memcpy(rich[1].ipv4, "\300\0\2\1", 4);
	memset(rich[1].ipv6, 0x77, 16);
	rich[1].redirect_length = (uint8_t)wire_of("garden.example", rich[1].redirect);
	p.categories = rich;
	p.groups = groups;
	p.group_count = 2;
	p.ranges = ranges;
	p.range_count = 3;
	p.hits = (struct hits_policy){true, 24, 56, true, 32, 48, "/etc/weir/client.key"};
	p.contact = contact;
	p.contact_length = sizeof contact;
	p.verdicts = verdicts;
	p.verdict_count = 4;
	p.classes = classes;
	p.class_count = 3;
	return p;
}

static void round_trip(void **state)
{
	(void)state;
	const struct policy p = full_policy();
	size_t length;
	uint8_t *octets = policy_encode(&p, &length);
	uint8_t *edge = edge_copy(octets, length);
	struct policy back;
	struct why why;
	assert_int_equal(policy_decode(&back, edge, length, &why), 0);
	assert_int_equal(back.feed_count, 3);
	assert_string_equal(back.feeds[1].name, "beta");
	assert_true(back.feeds[1].check_targets);
	assert_false(back.feeds[2].check_targets);
	assert_string_equal(back.categories[1].text, "by order");
	assert_int_equal(back.categories[1].ede, 16);
	assert_int_equal(back.categories[1].ttl_s, 60);
	assert_int_equal(back.verdict_count, 4);
	assert_int_equal(back.verdicts[1].action, ACTION_REFUSED);
	assert_int_equal(back.verdicts[1].target_action, ACTION_REFUSED);
	assert_int_equal(back.verdicts[1].own[1].kind, RULE_EXCEPT);
	assert_int_equal(back.verdicts[2].decision, DECISION_ALLOW);
	assert_int_equal(back.verdicts[2].action, ACTION_ALLOW);
	assert_int_equal(back.verdicts[3].action, ACTION_LOG);
	assert_int_equal(back.verdicts[3].target_action, ACTION_ALLOW); /* gamma checks no targets */
	assert_string_equal(verdict_effect(&back.verdicts[1], &back, GROUP_DEFAULT, false).category->name, "phishing");
	assert_null(verdict_effect(&back.verdicts[3], &back, GROUP_DEFAULT, true).category);
	assert_int_equal(back.classes[2].exact, 3);
	assert_true(back.categories[1].has_ipv4 && back.categories[1].has_ipv6 && !back.categories[0].has_ipv4);
	assert_memory_equal(back.categories[1].ipv6, rich[1].ipv6, 16);
	assert_memory_equal(back.categories[1].redirect, rich[1].redirect, rich[1].redirect_length);
	assert_string_equal(back.groups[1].name, "free");
	assert_memory_equal(back.ranges, ranges, sizeof ranges);
	assert_true(back.logs && back.hits.events);
	assert_int_equal(back.hits.ipv4_bits, 24);
	assert_int_equal(back.hits.ipv6_bits, 56);
	assert_true(back.hits.rules);
	assert_int_equal(back.hits.client_ipv4_bits, 32);
	assert_int_equal(back.hits.client_ipv6_bits, 48);
	assert_string_equal(back.hits.client_key, "/etc/weir/client.key");
	assert_int_equal(back.contact_length, sizeof contact);
	assert_memory_equal(back.contact, contact, sizeof contact);
	size_t again_length;
	uint8_t *again = policy_encode(&back, &again_length);
	assert_int_equal(again_length, length);
	assert_memory_equal(again, octets, length);
	policy_free(&back);
	policy_free(&back);
	edge_free(edge, length);
	free(octets);
	free(again);
}

/* What the same verdict is to different groups. */
static void effects(void **state)
{
	(void)state;
	const struct policy p = full_policy();
	struct verdict v = verdicts[1], log = verdicts[3], allow = verdicts[2];
	verdict_settle(&v, &p);
	verdict_settle(&log, &p);
	verdict_settle(&allow, &p);
	static const struct {
		uint16_t group;
		enum action action;
		const char *category;
	} cases[] = {{GROUP_DEFAULT, ACTION_REFUSED, "phishing"}, {1, ACTION_DROP, "malware"},
		{2, ACTION_REDIRECT, "phishing"}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct effect effect = verdict_effect(&v, &p, cases[i].group, false);
		assert_int_equal(effect.action, cases[i].action);
		assert_string_equal(effect.category->name, cases[i].category);
	}
	assert_int_equal(verdict_effect(&v, &p, GROUP_ANYONE, false).action, ACTION_DROP);
	assert_int_equal(v.any_action, ACTION_DROP);
	assert_int_equal(v.any_target_action, ACTION_DROP);
	assert_int_equal(verdict_effect(&log, &p, 2, false).action, ACTION_ALLOW);
	assert_null(verdict_effect(&log, &p, 2, false).category);
	assert_int_equal(log.any_action, ACTION_LOG);
	assert_int_equal(log.any_target_action, ACTION_ALLOW);
	assert_int_equal(verdict_effect(&allow, &p, 1, false).action, ACTION_ALLOW);
	assert_int_equal(allow.any_action, ACTION_ALLOW);
}

static void damaged(void **state)
{
	(void)state;
	const struct policy p = full_policy();
	size_t length;
	uint8_t *octets = policy_encode(&p, &length);
	struct policy back;
	struct why why;
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *edge = edge_copy(octets, cut);
		assert_int_equal(policy_decode(&back, edge, cut, &why), WEIR_EFORMAT);
		assert_null(back.feeds);
		edge_free(edge, cut);
	}
	/* Any octet with any other value: refused, or all its numbers are in range. */
	for (size_t at = 0; at < length; at++) {
		for (unsigned value = 0; value < 256; value += 3) {
			uint8_t *edge = edge_copy(octets, length);
			edge[at] = (uint8_t)value;
			if (policy_decode(&back, edge, length, &why) == 0) {
				for (uint32_t v = 1; v < back.verdict_count; v++) {
					for (unsigned i = 0; i < back.verdicts[v].effective_count; i++)
						assert_true(
							back.verdicts[v].effective[i].feed < back.feed_count &&
							back.verdicts[v].effective[i].category < back.category_count);
					for (uint32_t g = 0; g <= back.group_count; g++) {
						struct effect effect =
							verdict_effect(&back.verdicts[v], &back, (uint16_t)g, false);
						assert_true(effect.action == ACTION_ALLOW || effect.category);
						assert_in_range(effect.action, 0, back.verdicts[v].any_action);
						assert_true(effect.action != ACTION_REDIRECT ||
							    effect.category->redirect_length > 0);
					}
				}
				for (uint32_t c = 0; c < back.class_count; c++)
					assert_true(back.classes[c].exact < back.verdict_count &&
						    back.classes[c].subtree < back.verdict_count);
				policy_free(&back);
			}
			edge_free(edge, length);
		}
	}
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(key_paths),
		cmocka_unit_test(found_by_name),
		cmocka_unit_test(blocks_for_a_source),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(effects),
		cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
