/* SPDX-License-Identifier: BSD-3-Clause */
/* What a feed takes back of what it says itself. */
#include "tests/unit/unit.h"

#include "libweir/dump.h"

enum { ALPHA, BETA };

/* A rule of feed alpha or beta, in the category malware. */
#define RULE(name, scope, kind, feed)                                                                                  \
	{                                                                                                              \
		name, SCOPE_##scope, RULE_##kind,                                                                      \
		{                                                                                                      \
			feed, 0                                                                                        \
		}                                                                                                      \
	}

static void cancelled(void **state)
{
	(void)state;
	static const struct rule_spec rules[] = {
		/* before and after what it takes back, and twice */
		RULE("a.example", SUBTREE, CANCEL, ALPHA),
		RULE("a.example", SUBTREE, BLOCK, ALPHA),
		RULE("b.example", SUBTREE, BLOCK, ALPHA),
		RULE("b.example", SUBTREE, CANCEL, ALPHA),
		RULE("b.example", SUBTREE, CANCEL, ALPHA),
		RULE("b.example", SUBTREE, BLOCK, ALPHA),
		/* not another scope, feed or name, nor an exception */
		RULE("c.example", EXACT, CANCEL, ALPHA),
		RULE("c.example", SUBTREE, BLOCK, ALPHA),
		RULE("d.example", SUBTREE, CANCEL, ALPHA),
		RULE("d.example", SUBTREE, BLOCK, BETA),
		RULE("e.example", SUBTREE, CANCEL, ALPHA),
		RULE("www.e.example", SUBTREE, BLOCK, ALPHA),
		RULE("f.example", EXACT, CANCEL, ALPHA),
		RULE("f.example", EXACT, EXCEPT, ALPHA),
		RULE("f.example", EXACT, BLOCK, ALPHA),
		RULE("f.example", EXACT, BLOCK, BETA),
		/* what stood below it is not folded into it */
		RULE("g.example", SUBTREE, BLOCK, ALPHA),
		RULE("www.g.example", EXACT, BLOCK, ALPHA),
		RULE("g.example", SUBTREE, CANCEL, ALPHA),
		/* an allow rule, too */
		RULE("h.example", SUBTREE, ALLOW, ALPHA),
		RULE("h.example", SUBTREE, CANCEL, ALPHA),
		/* nothing to take back */
		RULE("i.example", SUBTREE, CANCEL, BETA),
	};
	struct table *table = table_of(rules, sizeof rules / sizeof *rules);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct why why;
	assert_int_equal(table_dump(table, out, &why), 0);
	fclose(out);
	assert_string_equal(text, "exact\tf.example\talpha\texcept\n"
				  "exact\tf.example\tbeta\tmalware\n"
				  "exact\twww.g.example\talpha\tmalware\n"
				  "subtree\tc.example\talpha\tmalware\n"
				  "subtree\td.example\tbeta\tmalware\n"
				  "subtree\twww.e.example\talpha\tmalware\n");
	free(text);
	table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
