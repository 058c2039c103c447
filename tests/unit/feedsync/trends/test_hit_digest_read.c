/* SPDX-License-Identifier: BSD-3-Clause */
/* What is refused of digests of hits, whoever has written them; and that one is read as it was written. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/maxima.h"
#include "feedsync/trends/hit_digest.h"

enum { HOUR = 494631 }; /* 2026-06-05T15 */

#define HEAD_OF(format, resolver, hour, counts)                                                                        \
	"{\"format\":" format ",\"resolver\":\"" resolver "\",\"hour\":\"" hour "\"," counts "}\n"
#define COUNTS "\"opted_out\":1,\"lost_minutes\":0,\"queries\":null"
#define HEAD(blocked, unattributed)                                                                                    \
	HEAD_OF("1", "r1", "2026-06-05T15",                                                                            \
		"\"blocked\":" blocked ",\"logged\":0,\"unattributed\":" unattributed "," COUNTS)
#define RULE(name, hits) "[\"rule\",\"" name "\",\"subtree\",\"phishing\",\"nxdomain\",\"default\"," hits ",13.5,2]\n"

static const struct {
	const char *what, *text;
	int status;
	const char *why;
} cases[] = {
	{"nothing was hit", HEAD("0", "0"), 0, ""},
	{"all kinds of rows",
		HEAD("9", "2") RULE("evil.example", "7") "[\"feed\",\"list\",\"phishing\",\"nxdomain\",9]\n"
							 "[\"group\",\"default\",\"allow\",1]\n",
		0, ""},
	{"empty", "", -EBADMSG, "empty"},
	{"no end", "{}", -EBADMSG, "line 1: without an end"},
	{"no head", "[]\n", -EBADMSG, "line 1: not the head"},
	{"a row as head", RULE("evil.example", "7"), -EBADMSG, "line 1: not the head"},
	{"another format", HEAD_OF("2", "r1", "2026-06-05T15", COUNTS), WEIR_EVERSION, "line 1: format 2"},
	{"another resolver", HEAD_OF("1", "r2", "2026-06-05T15", COUNTS), -EBADMSG, "line 1: it is another resolver's"},
	{"another hour", HEAD_OF("1", "r1", "2026-06-05T16", COUNTS), -EBADMSG, "line 1: it is of another hour"},
	{"counts are missing", HEAD_OF("1", "r1", "2026-06-05T15", COUNTS), -EBADMSG, "line 1: a count is missing"},
	{"a count that is a text", HEAD("\"0\"", "0"), -EBADMSG, "line 1: a count is missing"},
	{"a count that is negative", HEAD("-1", "0"), -EBADMSG, "line 1: a count is missing"},
	{"a count without bounds", HEAD("9e15", "0"), -EBADMSG, "line 1: a count is missing"},
	{"it does not add up", HEAD("8", "2") RULE("evil.example", "7"), -EBADMSG,
		"what was blocked and logged is not"},
	{"no JSON", HEAD("0", "0") "x\n", -EBADMSG, "line 2"},
	{"an empty line", HEAD("0", "0") "\n", -EBADMSG, "line 2"},
	{"no row", HEAD("0", "0") "{}\n", -EBADMSG, "line 2: not a row"},
	{"an unknown row", HEAD("0", "0") "[\"client\",\"192.0.2.1\"]\n", -EBADMSG, "line 2: not a row"},
	{"no name", HEAD("7", "0") RULE("a..b", "7"), -EBADMSG, "line 2: not a row"},
	{"a name in capitals", HEAD("7", "0") RULE("Evil.example", "7"), -EBADMSG, "line 2: not a row"},
	{"markup", HEAD("7", "0") RULE("<b>.example\\u001b", "7"), -EBADMSG, "line 2: not a row"},
	{"no hits", HEAD("0", "0") RULE("evil.example", "0"), -EBADMSG, "line 2: not a row"},
	{"half a hit", HEAD("0", "0") RULE("evil.example", "0.5"), -EBADMSG, "line 2: not a row"},
	{"hits without bounds", HEAD("0", "0") RULE("evil.example", "1e300"), -EBADMSG, "line 2: not a row"},
	{"a rule that allows", HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"c\",\"allow\",\"g\",7,1,1]\n",
		-EBADMSG, "line 2"},
	{"a scope that a rule has not", HEAD("7", "0") "[\"rule\",\"a.example\",\"below\",\"c\",\"log\",\"g\",7,1,1]\n",
		-EBADMSG, "line 2"},
	{"clients that are negative", HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"c\",\"log\",\"g\",7,-1,1]\n",
		-EBADMSG, "line 2"},
	{"clients without bounds", HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"c\",\"log\",\"g\",7,1,1e13]\n",
		-EBADMSG, "line 2"},
	{"clients that are a text", HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"c\",\"log\",\"g\",7,\"1\",1]\n",
		-EBADMSG, "line 2"},
	{"more than a row has",
		HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"c\",\"log\",\"g\",7,1,1,\"192.0.2.1\"]\n", -EBADMSG,
		"line 2"},
	{"a category that is none", HEAD("7", "0") "[\"rule\",\"a.example\",\"exact\",\"a b\",\"log\",\"g\",7,1,1]\n",
		-EBADMSG, "line 2"},
	{"a feed that is none", HEAD("0", "0") "[\"feed\",\"\",\"c\",\"log\",7]\n", -EBADMSG, "line 2"},
	{"a group without an action", HEAD("0", "0") "[\"group\",\"g\",\"\",7]\n", -EBADMSG, "line 2"},
};

struct seen {
	unsigned count;
	struct hit_row last;
	char name[64];
};

static void see_row(void *context, const struct hit_row *row)
{
	struct seen *seen = context;
	seen->count++;
	if (row->kind != HIT_ROW_RULE)
		return;
	seen->last = *row;
	snprintf(seen->name, sizeof seen->name, "%s", row->name);
}

/* `seen` = NULL: the rows are only looked at. */
static int read_of_r1(struct hit_digest *digest, const char *text, size_t length, struct seen *seen, struct why *why)
{
	const struct hit_document document = {"r1", HOUR, text, length};
	return hit_digest_read(digest, &document, seen ? see_row : NULL, seen, why);
}

static void reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		struct hit_digest digest;
		struct why why = {""};
		int status = read_of_r1(&digest, (const char *)text, length, NULL, &why);
		if (status != cases[i].status || !strstr(why.text, cases[i].why))
			fail_msg("%s: %d, %s", cases[i].what, status, why.text);
		edge_free(text, length);
	}
}

static void values(void **state)
{
	(void)state;
	struct hit_digest digest;
	struct seen seen = {.count = 0};
	struct why why;
	const char *text = cases[1].text;
	char object[HIT_DIGEST_OBJECT_TEXT];
	assert_int_equal(read_of_r1(&digest, text, strlen(text), &seen, &why), 0);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.name, "evil.example");
	assert_int_equal(seen.last.scope, SCOPE_SUBTREE);
	assert_int_equal(seen.last.action, ACTION_NXDOMAIN);
	assert_int_equal(seen.last.hits, 7);
	assert_true(seen.last.low == 13.5 && seen.last.more == 2);
	assert_int_equal(digest.traffic.hour, HOUR);
	assert_int_equal(digest.traffic.blocked, 9);
	assert_int_equal(digest.traffic.opted_out, 1);
	assert_false(digest.traffic.queries_known);
	assert_string_equal(hit_digest_object("r1", HOUR, object), "digests/r1/2026-06-05T15");
}

/* A line, and a digest, have an end. */
static void maxima(void **state)
{
	(void)state;
	struct hit_digest digest;
	struct why why;
	const char *head = HEAD("0", "0"), *row = "[\"feed\",\"f\",\"c\",\"log\",1]\n";
	const size_t length = strlen(head) + (MAX_HIT_ROWS + 1) * strlen(row);
	char *text = malloc(length + 1), *at = text + sprintf(text, "%s", head);
	for (unsigned i = 0; i < MAX_HIT_ROWS + 1; i++)
		at += sprintf(at, "%s", row);
	assert_int_equal(read_of_r1(&digest, text, length - strlen(row), NULL, &why), 0);
	assert_int_equal(read_of_r1(&digest, text, length, NULL, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "line 200002: more rows"));
	memset(text + strlen(head), ' ', MAX_LINE);
	assert_int_equal(read_of_r1(&digest, text, length, NULL, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "line 2: without an end, or too long"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading), cmocka_unit_test(values), cmocka_unit_test(maxima)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
