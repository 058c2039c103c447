/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/json_each.h"

static const char *const at_top[] = {NULL}, *const below[] = {"response", "Attribute", NULL};

/* Writes the elements, which are numbers, behind each other. -77 ends it. */
static int note_element(void *context, const struct node *element)
{
	char *text = context;
	uint64_t number;
	if (!node_number(element, &number))
		return -77;
	snprintf(text + strlen(text), 64 - strlen(text), "%llu ", (unsigned long long)number);
	return 0;
}

static void elements(void **state)
{
	(void)state;
	static const struct {
		const char *const *path;
		const char *text;
		int status;
		const char *found;
	} cases[] = {
		{at_top, "[1, 2,3]", 0, "1 2 3 "},
		{at_top, " \n[]\n", 0, ""},
		{at_top, "\xef\xbb\xbf[4]", 0, "4 "},
		{at_top, "[1,\"x\",3]", -77, "1 "},
		{at_top, "{}", -ENOENT, ""},
		{at_top, "7", -ENOENT, ""},
		{at_top, "[1", -EBADMSG, "1 "},
		{at_top, "[1,]", -EBADMSG, "1 "},
		{at_top, "[1] [2]", -EBADMSG, "1 "},
		{at_top, "", -EBADMSG, ""},
		{at_top, "<html>", -EBADMSG, ""},
		{below, "{\"response\":{\"Attribute\":[1,2]}}", 0, "1 2 "},
		{below, "{\"a\":[{}],\"response\":{\"b\":{\"c\":[]},\"Attribute\":[1],\"d\":null},\"e\":\"]\"}", 0,
			"1 "},
		{below, "{\"response\":{\"Attribute\":[]}}", 0, ""},
		{below, "{\"response\":[]}", 0, ""},
		{below, "[]", 0, ""},
		{below, "{\"response\":[1]}", -ENOENT, ""},
		{below, "{\"response\":{}}", -ENOENT, ""},
		{below, "{\"response\":{\"Attribute\":{\"x\":1}}}", -ENOENT, ""},
		{below, "{\"response\":{\"Attribute\":null}}", -ENOENT, ""},
		{below, "{\"Attribute\":[1]}", -ENOENT, ""},
		{below, "{\"message\":\"no\"}", -ENOENT, ""},
		{below, "{\"response\":{\"Attribute\":[1]},\"response\":{\"Attribute\":[2]}}", -EBADMSG, "1 "},
		{below, "{\"response\":{\"Attribute\":[1]}", -EBADMSG, "1 "},
		{below, "{\"response\":{\"Attribute\":[1]}}}", -EBADMSG, "1 "},
		{below, "{\"response\" {\"Attribute\":[1]}}", -EBADMSG, ""},
		{below, "{response:{}}", -EBADMSG, ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char found[64] = "";
		struct why why = {.text = ""};
		FILE *in = tmpfile();
		fputs(cases[i].text, in);
		rewind(in);
		int status = json_each(in, cases[i].path, note_element, found, &why);
		fclose(in);
		if (status != cases[i].status || strcmp(found, cases[i].found) != 0)
			fail_msg("%s: %d (%s), \"%s\"", cases[i].text, status, why.text, found);
		if (status < 0 && status != -77 && !why.text[0])
			fail_msg("%s: no reason", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
