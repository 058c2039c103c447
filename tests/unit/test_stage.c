/* Directories that replace each other as a whole. */
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "publish.h"
#include "stage.h"

static char directory[] = "/tmp/weir-unit-XXXXXX", current[64], next[64];

static int begin(void **state)
{
	(void)state;
	if (directory_make(directory) != 0)
		return -1;
	snprintf(current, sizeof current, "%s/current", directory);
	snprintf(next, sizeof next, "%s/next", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	stage_remove(current);
	stage_remove(next);
	return rmdir(directory); /* nothing else may be left */
}

static void put(const char *in, const char *name, const char *text)
{
	char path[128];
	struct why why;
	snprintf(path, sizeof path, "%s/%s", in, name);
	assert_int_equal(publish_text(path, MODE_PRIVATE, text, strlen(text), &why), 0);
}

static bool holds(const char *in, const char *name, const char *text)
{
	char path[128], got[32] = "";
	snprintf(path, sizeof path, "%s/%s", in, name);
	FILE *file = fopen(path, "r");
	bool found = file && fgets(got, sizeof got, file) && strcmp(got, text) == 0;
	if (file)
		fclose(file);
	return found;
}

static void replaced_as_a_whole(void **state)
{
	(void)state;
	struct why why;
	assert_int_equal(stage_begin(next, &why), 0);
	put(next, "a", "1");
	put(next, "b", "1");
	assert_int_equal(stage_commit(next, current, &why), 0);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(access(next, F_OK), -1);
	/* One stays under another name, one is new, one goes. */
	assert_int_equal(stage_begin(next, &why), 0);
	assert_int_equal(stage_link(current, "a", next, "A"), 0);
	assert_int_equal(stage_link(current, "none", next, "none"), -ENOENT);
	put(next, "c", "2");
	assert_true(holds(current, "b", "1"));
	assert_int_equal(stage_commit(next, current, &why), 0);
	assert_true(holds(current, "A", "1"));
	assert_true(holds(current, "c", "2"));
	assert_false(holds(current, "a", "1"));
	assert_false(holds(current, "b", "1"));
	assert_int_equal(access(next, F_OK), -1);
}

static void leftovers_do_not_come_back(void **state)
{
	(void)state;
	struct why why;
	assert_int_equal(stage_begin(next, &why), 0);
	put(next, "half", "x");
	assert_int_equal(stage_begin(next, &why), 0);
	assert_false(holds(next, "half", "x"));
	assert_int_equal(stage_commit(next, current, &why), 0);
	assert_int_equal(stage_commit(next, current, &why), -ENOENT);
	assert_int_equal(access(current, F_OK), 0);
}

/* As a crash leaves it between the two steps of a file system that cannot exchange names. */
static void recovered(void **state)
{
	(void)state;
	char aside[80];
	struct why why;
	snprintf(aside, sizeof aside, "%s.old", current);
	assert_int_equal(stage_begin(aside, &why), 0);
	put(aside, "a", "1");
	stage_recover(current);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(stage_begin(aside, &why), 0);
	put(aside, "a", "0");
	stage_recover(current);
	assert_true(holds(current, "a", "1"));
	assert_int_equal(access(aside, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaced_as_a_whole, begin, end),
		cmocka_unit_test_setup_teardown(leftovers_do_not_come_back, begin, end),
		cmocka_unit_test_setup_teardown(recovered, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
