/* SPDX-License-Identifier: BSD-3-Clause */
/* A list of the guard: what it is, and whether all of it is understood. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/guard/names_file.h"
#include "libweir/errors.h"
#include "libweir/name.h"

static int collect_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	char *text = context, name[NAME_MAX_TEXT];
	(void)wide;
	name_to_text(wire, length, name);
	snprintf(text + strlen(text), 256 - strlen(text), "%s%s", text[0] ? " " : "", name);
	return 0;
}

#define TEXT(text) text, sizeof text - 1

static const struct {
	const char *text;
	size_t length;
	int status;
	const char *names, *reason;
	bool unused;
} cases[] = {
	{TEXT("# ours\nbank.example # by hand\n\n*.shop.example\n"), 0, "bank.example shop.example", NULL, false},
	{TEXT("bank.example\r\nshop.example\rx.example"), 0, "bank.example shop.example x.example", NULL, false},
	{TEXT("\xef\xbb\xbf"
	      "bank.example\n"),
		0, "bank.example", NULL, false},
	{TEXT(".bank.example\n0.0.0.0 shop.example\n"), 0, "bank.example shop.example", NULL, false},
	{TEXT("# nobody yet\n"), 0, "", NULL, false},
	{TEXT("{\"type\":\"string\",\"list\":[\".bank.example\",\"com\",\"192.0.2.1\"]}"), 0, "bank.example", NULL,
		false},
	{TEXT("\xef\xbb\xbf [ \"bank.example\" ]"), 0, "bank.example", NULL, false},
	{TEXT("[Adblock Plus 2.0]\n||bank.example^\n"), 0, "bank.example", NULL, false},
	{TEXT("{\"type\":\"cidr\",\"list\":[\"192.0.2.0/24\"]}"), 0, "", NULL, true},
	/* some lines are not understood: the others count */
	{TEXT("bank.example\nsh..op.example\nx.example\n"), -EILSEQ, "bank.example x.example",
		"shown:2: sh..op.example: empty label", false},
	{TEXT("a..b\nbank.example\nc\n"), -EILSEQ, "bank.example", "shown:1: a..b: empty label, and 1 more", false},
	{TEXT("bank.example\nsh\0op.example\n"), -EILSEQ, "bank.example", "shown:2: ", false},
	{TEXT("{\"list\":[\"bank.example\",7,\"a..b\"]}"), -EILSEQ, "bank.example",
		"shown entry 2: : not in the syntax of this format, and 1 more", false},
	{TEXT("bank.example\n<html>\n"), -EILSEQ, "bank.example", "shown:2: <html>: ", false},
	{TEXT("b\xfc"
	      "cher.example\n"),
		-EILSEQ, "", "shown:1: ", false},
	/* no lists */
	{TEXT(""), -EBADMSG, "", "an empty file", false},
	{TEXT(" \n\t\n"), -EBADMSG, "", "an empty file", false},
	{TEXT("\xef\xbb\xbf"), -EBADMSG, "", "an empty file", false},
	{TEXT("<!DOCTYPE html>\nlogin.example\n"), -EBADMSG, "", "an HTML or XML page", false},
	{TEXT("\xff\xfe"
	      "b\0a\0n\0k\0.\0d\0e\0\n\0"),
		-EBADMSG, "", "UTF-16", false},
	{TEXT("{\"type\":\"string\",\"list\":[\"bank.example\",\"sho"), -EBADMSG, "", "line 1", false},
	{TEXT("{\"type\":\"string\",\"list\":[]}"), -EBADMSG, "", "without an entry", false},
	{TEXT("{\"lists\":[]}"), -EBADMSG, "", "not a MISP warninglist", false},
	{TEXT("\x1f\x8b\x08\x00"), -EBADMSG, "", "cut off", false},
};

static const char *put_list(const void *text, size_t length)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/list", test_directory);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, length, out), length);
	fclose(out);
	return path;
}

static void files(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char names[256] = "";
		struct why why = {0};
		struct names_file list = {.shown = "shown", .take = collect_name, .context = names};
		int status = names_file_read(&list, put_list(cases[i].text, cases[i].length), &why);
		if (status != cases[i].status || strcmp(names, cases[i].names) != 0 || list.used == cases[i].unused ||
			(cases[i].reason && !strstr(why.text, cases[i].reason)))
			fail_msg("%u: %d, \"%s\", %s", i, status, names, why.text);
	}
}

static void long_lines(void **state)
{
	(void)state;
	enum { LENGTH = 6000 };
	char *text = malloc(LENGTH), names[256] = "";
	struct why why;
	struct names_file list = {.shown = "shown", .take = collect_name, .context = names};
	memset(text, 'a', LENGTH);
	memcpy(text, "bank.example\n", 13);
	memcpy(text + LENGTH - 14, "\nshop.example\n", 14);
	assert_int_equal(names_file_read(&list, put_list(text, LENGTH), &why), -EILSEQ);
	assert_string_equal(names, "bank.example shop.example");
	assert_non_null(strstr(why.text, "shown:2: aaaa"));
	assert_non_null(strstr(why.text, "line too long"));
	free(text);
}

static void no_files(void **state)
{
	(void)state;
	char names[256] = "";
	struct why why;
	struct names_file list = {.shown = "shown", .take = collect_name, .context = names};
	assert_int_equal(names_file_read(&list, "/nonexistent", &why), -ENOENT);
	assert_int_equal(names_file_read(&list, test_directory, &why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(long_lines, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(no_files, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
