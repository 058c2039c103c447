/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP warninglists. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/guard/warninglist.h"

static int collect_entry(void *context, size_t number, const char *text, size_t length)
{
	char *all = context;
	snprintf(all + strlen(all), 256 - strlen(all), "%zu:%.*s ", number, text ? (int)length : 1, text ? text : "?");
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
	} cases[] = {
		{"{\"type\":\"hostname\",\"list\":[\"a.example\",\"B.Example.\"]}", 0, true,
			"1:a.example 2:B.Example. "},
		{"{\"type\":\"string\",\"list\":[\"a.example\",7,null,[],{}]}", 0, true,
			"1:a.example 2:? 3:? 4:? 5:? "},
		{"{\"list\":[\"a.example\"]}", 0, true, "1:a.example "},
		{"[\"a.example\"]", 0, true, "1:a.example "},
		/* no names */
		{"{\"type\":\"substring\",\"list\":[\"mcafee.example\"]}", 0, false, ""},
		{"{\"type\":\"regex\",\"list\":[\"/x/\"]}", 0, false, ""},
		{"{\"type\":\"cidr\",\"list\":[\"192.0.2.0/24\"]}", 0, false, ""},
		{"{\"type\":\"cidr\",\"list\":[]}", 0, false, ""},
		{"{\"type\":\"new\",\"list\":[\"a.example\"]}", 0, false, ""},
		/* nothing */
		{"{\"type\":\"string\",\"list\":[]}", -EBADMSG, true, ""},
		{"[]", -EBADMSG, true, ""},
		/* no lists */
		{"{\"type\":\"string\"}", -EBADMSG, false, ""},
		{"{\"type\":\"string\",\"list\":\"a.example\"}", -EBADMSG, false, ""},
		{"{\"type\":7,\"list\":[\"a.example\"]}", -EBADMSG, false, ""},
		{"{}", -EBADMSG, false, ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char taken[256] = "";
		struct why why;
		struct node *document = json_parse(cases[i].json, strlen(cases[i].json), &why);
		assert_non_null(document);
		bool names = false;
		int status = warninglist_parse(document, collect_entry, taken, &names, &why);
		if (status != cases[i].status || names != cases[i].names || strcmp(taken, cases[i].taken) != 0)
			fail_msg("%s: %d, \"%s\"", cases[i].json, status, taken);
		node_free(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lists)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
