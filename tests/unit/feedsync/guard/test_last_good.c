/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands in for a list that is broken. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/guard/last_good.h"

/* A list is good if it begins with "good", has doubts if with "odd", and is none otherwise. */
static int read_test_list(void *context, const char *file, struct why *why)
{
	char *text = context;
	FILE *in = fopen(file, "r");
	if (!in)
		return why_set(why, -errno, "%s", error_text(-errno));
	size_t length = fread(text, 1, 63, in);
	text[length] = '\0';
	fclose(in);
	if (strncmp(text, "good", 4) == 0)
		return 0;
	return strncmp(text, "odd", 3) == 0 ? why_set(why, -EILSEQ, "list:1: odd") : why_set(why, -EBADMSG, "no list");
}

static char list_path[128], other_path[128];

static void put_list(const char *path, const char *text)
{
	unlink(path);
	FILE *out = text ? fopen(path, "w") : NULL;
	if (out) {
		fputs(text, out);
		fclose(out);
	}
}

static void set_paths(void)
{
	snprintf(list_path, sizeof list_path, "%s/list", test_directory);
	snprintf(other_path, sizeof other_path, "%s/other", test_directory);
}

static void versions(void **state)
{
	(void)state;
	/* In this order: what the file holds, NULL = it is missing; what of it is read at last, and what is told. */
	static const struct {
		const char *text, *read, *reason;
		bool stands_in, asks;
	} steps[] = {
		{"bad", "bad", "no list", false, false},
		{NULL, "bad", "No such file", false, false},
		{"odd 0\n", "odd 0\n", "odd", false, false},
		{"good 1\n", "good 1\n", NULL, false, true}, /* who only asks keeps nothing ... */
		{"bad", "bad", "no list", false, false},
		{"good 2\nand more\n", "good 2\nand more\n", NULL, false, false},
		{"good 2\nand more\n", "good 2\nand more\n", NULL, false, false},
		{"odd 1\n", "good 2\nand more\n", "odd", true, false},
		{"bad", "good 2\nand more\n", "no list", true, true}, /* ... but sees what is kept */
		{NULL, "good 2\nand more\n", "No such file", true, false},
		{"good 2\nand", "good 2\nand more\n", "cut off", true, false},
		{"good 2", "good 2", NULL, false, false}, /* its last line was taken off, or never had an end */
		{"good 3\n", "good 3\n", NULL, false, false},
		{"", "good 3\n", "no list", true, false},
		{"good 4\n", "good 4\n", NULL, false, false},
	};
	set_paths();
	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct last_good last;
		struct list_trouble trouble;
		char read[64] = "bad";
		put_list(list_path, steps[i].text);
		last_good_begin(&last, test_directory, !steps[i].asks, list_path);
		bool well = last_good_load(&last, list_path, "name/of.list", read_test_list, read, &trouble);
		if (well != !steps[i].reason || strcmp(read, steps[i].read) != 0 ||
			trouble.stands_in != steps[i].stands_in ||
			(steps[i].reason && !strstr(trouble.why.text, steps[i].reason)))
			fail_msg("step %u: \"%s\", stands in %d: %s", i, read, trouble.stands_in, trouble.why.text);
		assert_int_equal(trouble.since > 0, steps[i].stands_in);
	}
}

static void nowhere(void **state)
{
	(void)state;
	struct last_good last;
	struct list_trouble trouble;
	char read[64];
	set_paths();
	put_list(list_path, "good\n");
	last_good_begin(&last, NULL, true, list_path);
	assert_true(last_good_load(&last, list_path, "list", read_test_list, read, &trouble));
	put_list(list_path, "bad");
	assert_false(last_good_load(&last, list_path, "list", read_test_list, read, &trouble));
	assert_false(trouble.stands_in);
	assert_int_equal(trouble.class, ERROR_FORMAT);
}

/* A state directory that cannot be written keeps nobody from reading what is good. */
static void full_disk(void **state)
{
	(void)state;
	struct last_good last;
	struct list_trouble trouble;
	char read[64];
	set_paths();
	put_list(list_path, "good\n");
	put_list(other_path, "a file\n");
	last_good_begin(&last, other_path, true, list_path); /* no directory */
	assert_true(last_good_load(&last, list_path, "list", read_test_list, read, &trouble));
	assert_string_equal(read, "good\n");
}

static void add_name(void *context, const char *name)
{
	strcat(strcat(context, name), " ");
}

static bool is_second(const void *context, const char *name)
{
	(void)context;
	return strcmp(name, "second/list.json") == 0;
}

static void names_and_tidying(void **state)
{
	(void)state;
	struct last_good last, other;
	struct list_trouble trouble;
	char read[64], names[64] = "";
	set_paths();
	put_list(list_path, "good\n");
	put_list(other_path, "good\n");
	last_good_begin(&last, test_directory, true, list_path);
	last_good_begin(&other, test_directory, true, other_path);
	assert_true(last_good_load(&last, list_path, "first", read_test_list, read, &trouble));
	assert_true(last_good_load(&last, list_path, "second/list.json", read_test_list, read, &trouble));
	assert_true(last_good_load(&other, other_path, "other", read_test_list, read, &trouble));
	assert_int_equal(last_good_each(&last, add_name, names), 2);
	assert_string_equal(names, "first second/list.json ");
	last_good_tidy(&last, is_second, NULL);
	names[0] = '\0';
	assert_int_equal(last_good_each(&last, add_name, names), 1);
	assert_string_equal(names, "second/list.json ");
	const char *const used[] = {other_path};
	last_good_tidy_all(test_directory, used, 1);
	assert_int_equal(last_good_each(&last, add_name, names), 0);
	assert_int_equal(last_good_each(&other, add_name, names), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(versions, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(nowhere, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(full_disk, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(names_and_tidying, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
