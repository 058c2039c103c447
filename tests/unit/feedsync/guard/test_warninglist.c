/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP warninglists. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/guard/warninglist.h"

static int collect(void *context, const struct rule *rule)
{
	char *text = context, name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	strcat(strcat(text, name), " ");
	return 0;
}

static void lists(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		int status;
		bool names;
		const char *taken;
		unsigned rejected;
	} cases[] = {
		{"{\"type\":\"hostname\",\"list\":[\"a.example\",\"B.Example.\"]}", 0, true, "a.example b.example ", 0},
		{"{\"type\":\"string\",\"list\":[\".a.example\",\"*.b.example\",\"..c.example\"]}", 0, true,
			"a.example b.example c.example ", 0},
		{"{\"list\":[\"a.example\"]}", 0, true, "a.example ", 0},
		/* what is in real lists */
		{"{\"type\":\"string\",\"list\":[\"domain\",\".barclays\",\"COM\",\"corona "
		 "helden\",\"a.example/x\",\"\",\".\"]}",
			0, true, "", 7},
		{"{\"type\":\"string\",\"list\":[1,null,[],{},\"a.example\"]}", 0, true, "a.example ", 4},
		{"{\"type\":\"string\",\"list\":[\"192.0.2.1\",\"\\u0000.example\",\"b\\u00fccher.example\"]}", 0, true,
			"xn--bcher-kva.example ", 2},
		{"{\"type\":\"string\",\"list\":[]}", 0, true, "", 0},
		/* no names */
		{"{\"type\":\"substring\",\"list\":[\"mcafee.example\"]}", 0, false, "", 0},
		{"{\"type\":\"regex\",\"list\":[\"/x/\"]}", 0, false, "", 0},
		{"{\"type\":\"cidr\",\"list\":[\"192.0.2.0/24\"]}", 0, false, "", 0},
		{"{\"type\":\"new\",\"list\":[\"a.example\"]}", 0, false, "", 0},
		/* no lists */
		{"{\"type\":\"string\"}", -EBADMSG, false, "", 0},
		{"{\"type\":\"string\",\"list\":\"a.example\"}", -EBADMSG, false, "", 0},
		{"{\"type\":7,\"list\":[\"a.example\"]}", -EBADMSG, false, "", 0},
		{"[\"a.example\"]", -EBADMSG, false, "", 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char taken[256] = "";
		struct why why;
		struct parse_counts counts = {0};
		struct sink sink = {.take = collect, .context = taken, .counts = &counts};
		struct node *document = json_parse(cases[i].json, strlen(cases[i].json), &why);
		assert_non_null(document);
		bool names = false;
		if (warninglist_parse(document, "list", &sink, &names, &why) != cases[i].status ||
			names != cases[i].names || strcmp(taken, cases[i].taken) != 0 ||
			counts_rejected(&counts) != cases[i].rejected)
			fail_msg("%s: \"%s\", %llu rejected", cases[i].json, taken,
				(unsigned long long)counts_rejected(&counts));
		if (cases[i].rejected)
			assert_memory_equal(counts.first.text, "list entry 1: ", 14);
		node_free(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lists)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
