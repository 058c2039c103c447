/* SPDX-License-Identifier: BSD-3-Clause */
/* What a dump says of a table, line by line, and the words for sources and decisions. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "libweir/dump.h"

static char *dumped(const struct table *table)
{
	char *text;
	size_t length;
	struct why why;
	FILE *out = open_memstream(&text, &length);
	assert_int_equal(table_dump(table, out, &why), 0);
	fclose(out);
	return text;
}

/* A line for each name, scope and kind, sorted; feeds and categories each once, in the order of the policy. */
static void lines(void **state)
{
	(void)state;
	static const struct rule_spec rules[] = {
		{"z.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"b.example", SCOPE_SUBTREE, RULE_BLOCK, {2, 1}},
		{"b.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 2}},
		{"b.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 1}},
		{"b.example", SCOPE_EXACT, RULE_BLOCK, {1, 0}},
		{"www.b.example", SCOPE_EXACT, RULE_ALLOW, {1, 0}},
		{"www.b.example", SCOPE_EXACT, RULE_BLOCK, {2, 2}},
		{"mail.b.example", SCOPE_SUBTREE, RULE_EXCEPT, {2, 1}},
		{"mail.b.example", SCOPE_SUBTREE, RULE_EXCEPT, {0, 1}},
		{"a.example", SCOPE_SUBTREE, RULE_BLOCK, {1, 1}},
	};
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	char *text = dumped(table);
	assert_string_equal(text, "exact\tb.example\tbeta\tmalware\n"
				  "exact\twww.b.example\tbeta\tmalware\n"
				  "exact\twww.b.example\tgamma\ttrial\n"
				  "exact\tz.example\talpha\tmalware\n"
				  "subtree\ta.example\tbeta\tphishing\n"
				  "subtree\tb.example\talpha,gamma\tphishing,trial\n"
				  "subtree\tmail.b.example\talpha,gamma\texcept\n");
	free(text);
	table_close(&table);
}

/* None, one, and more lines than there is room for at first. */
static void sizes(void **state)
{
	(void)state;
	static const unsigned counts[] = {0, 1, 2, 1023, 1024, 1025, 3000};
	for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct rule_spec *rules = calloc(counts[i] + 1, sizeof *rules);
		char(*names)[24] = calloc(counts[i] + 1, sizeof *names), wanted[64];
		for (unsigned n = 0; n < counts[i]; n++) {
			snprintf(names[n], sizeof *names, "n%04u.example", counts[i] - 1 - n);
			rules[n] = (struct rule_spec){names[n], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
		}
		struct table *table = table_of(rules, counts[i]);
		char *text = dumped(table), *at = text;
		for (unsigned n = 0; n < counts[i]; n++) {
			snprintf(wanted, sizeof wanted, "exact\tn%04u.example\talpha\tmalware\n", n);
			assert_memory_equal(at, wanted, strlen(wanted));
			at += strlen(wanted);
		}
		assert_string_equal(at, "");
		table_close(&table);
		free(text);
		free(names);
		free(rules);
	}
}

static void cannot_be_written(void **state)
{
	(void)state;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct table *table = table_of(&rule, 1);
	for (int buffered = 0; buffered <= 1; buffered++) {
		struct why why = {""};
		FILE *full = fopen("/dev/full", "w");
		if (!buffered)
			setvbuf(full, NULL, _IONBF, 0);
		assert_int_equal(table_dump(table, full, &why), -EIO);
		assert_string_equal(why.text, "cannot write");
		fclose(full);
	}
	table_close(&table);
}

static void words(void **state)
{
	(void)state;
	static const struct source sources[] = {{2, 1}, {0, 1}, {2, 0}, {0, 1}};
	static const struct {
		size_t count;
		const char *feeds, *categories;
	} cases[] = {{0, "-", "-"}, {1, "gamma", "phishing"}, {2, "alpha,gamma", "phishing"},
		{4, "alpha,gamma", "malware,phishing"}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *feeds = feeds_text(&test_policy, sources, cases[i].count);
		char *categories = categories_text(&test_policy, sources, cases[i].count);
		assert_string_equal(feeds, cases[i].feeds);
		assert_string_equal(categories, cases[i].categories);
		free(feeds);
		free(categories);
	}
	static const struct {
		enum decision decision;
		enum action action;
		const char *text;
	} decisions[] = {{DECISION_ALLOW, ACTION_ALLOW, "allow"}, {DECISION_BLOCK, ACTION_ALLOW, "pass"},
		{DECISION_BLOCK, ACTION_LOG, "log"}, {DECISION_BLOCK, ACTION_REDIRECT, "block"},
		{DECISION_BLOCK, ACTION_DROP, "block"}, {DECISION_PASS, ACTION_ALLOW, "pass"}};
	for (unsigned i = 0; i < sizeof decisions / sizeof *decisions; i++) {
		const struct verdict verdict = {.decision = decisions[i].decision};
		assert_string_equal(decision_text(&verdict, decisions[i].action), decisions[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(sizes),
		cmocka_unit_test(cannot_be_written), cmocka_unit_test(words)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
