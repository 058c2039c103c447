/* SPDX-License-Identifier: BSD-3-Clause */
/* Which copy of the table that was in force before is taken, what is said of it, and when a copy is written. */
#include "tests/unit/plugin/core/loader_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char said[8192];
static bool said_error;

static void say(bool error, const char *text)
{
	snprintf(said, sizeof said, "%s", text);
	said_error = error;
	said_count++;
}

static void load(void)
{
	put_table("a.example");
	assert_true(loader_check(&loader, true));
	while (loader_write_spare(&loader, true))
		continue;
	loader_report(&loader);
}

static void set_time(const char *of, time_t modified)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = modified}};
	assert_int_equal(utimensat(AT_FDCWD, of, times, 0), 0);
}

/* Of two copies the newer one, and of two of the same time the one in memory. */
static void newer_copy(void **state)
{
	(void)state;
	static const struct {
		time_t memory, disk; /* since when each was in force; 0: there is none */
		bool from_memory;
		const char *since;
	} cases[] = {{2000, 1000, true, "1970-01-01T00:33:20Z"}, {1000, 2000, false, "1970-01-01T00:33:20Z"},
		{1500, 1500, true, "1970-01-01T00:25:00Z"}, {0, 1000, false, "1970-01-01T00:16:40Z"},
		{1000, 0, true, "1970-01-01T00:16:40Z"}, {1, 0, true, "1970-01-01T00:00:01Z"},
		{1000, -1000, true, "1970-01-01T00:16:40Z"} /* a clock that was set back far */};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char copy[192], wanted[512];
		load();
		snprintf(copy, sizeof copy, "%s/%s", spare, loader.spare.name);
		loader.state.loaded_at = (uint64_t)cases[i].memory;
		module_end();
		set_time(copy, cases[i].disk);
		if (cases[i].memory == 0)
			forget_handover();
		if (cases[i].disk == 0)
			assert_int_equal(unlink(copy), 0);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(module_begin(), 0);
		assert_true(loader_check(&loader, false));
		const char *from = cases[i].from_memory ? "memory, kept over a reload" : copy;
		struct counters_state now = shown();
		assert_string_equal(now.file, from);
		assert_int_equal(now.loaded_at, cases[i].from_memory ? cases[i].memory : cases[i].disk);
		assert_true(now.active);
		assert_in_range(now.load_us, 0, 600 * UINT64_C(1000000));
		loader_report(&loader);
		snprintf(wanted, sizeof wanted,
			"weir: table %s: there is none; the last one, of %s, from %s, stays in force: generation 7, 1 "
			"rules, ",
			path, cases[i].since, from);
		assert_memory_equal(said, wanted, strlen(wanted));
		assert_true(said_error);
	}
}

/* What is wrong with the copy is told with what is wrong with the file, and shown. */
static void unusable_copy(void **state)
{
	(void)state;
	char copy[192], wanted[512];
	load();
	snprintf(copy, sizeof copy, "%s/%s", spare, loader.spare.name);
	module_end();
	forget_handover();
	assert_int_equal(truncate(copy, 400), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(module_begin(), 0);
	assert_false(loader_check(&loader, false));
	assert_non_null(strstr(shown().spare_trouble, "header: file should have "));
	loader_report(&loader);
	snprintf(wanted, sizeof wanted,
		"weir: table %s: there is none; nothing is blocked; its copy in %s: header: file should have ", path,
		spare);
	assert_memory_equal(said, wanted, strlen(wanted));
	assert_true(said_error);
	assert_int_equal(access(copy, F_OK), -1); /* by its header it would pass for a copy */
	/* Nothing is there at all: that is no trouble of the copy. */
	module_end();
	assert_int_equal(module_begin(), 0);
	assert_false(loader_check(&loader, false));
	assert_string_equal(shown().spare_trouble, "");
	loader_report(&loader);
	assert_null(strstr(said, "its copy in"));
}

/* Paths that together are longer than a line are cut. */
static void long_paths(void **state)
{
	(void)state;
	char copy[192], long_path[4000], long_spare[4000];
	load();
	snprintf(copy, sizeof copy, "%s/%s", spare, loader.spare.name);
	module_end();
	forget_handover();
	assert_int_equal(unlink(path), 0);
	/* The same by more slashes. */
	memset(long_path, '/', sizeof long_path);
	memset(long_spare, '/', sizeof long_spare);
	snprintf(long_path + sizeof long_path - 200, 200, "%s", path);
	snprintf(long_spare + sizeof long_spare - 200, 200, "%s", spare);
	assert_int_equal(current_init(&current, 2, counters, hits, test_directory), 0);
	loader_init(&loader, long_path, long_spare, &current, counters, say);
	snprintf(loader.spare.name, sizeof loader.spare.name, "%s", strrchr(copy, '/') + 1);
	assert_int_equal(truncate(copy, 400), 0);
	assert_false(loader_check(&loader, false));
	assert_int_equal(strlen(loader.said), sizeof loader.said - 1);
	assert_non_null(strstr(loader.said, "nothing is blocked; its copy in //"));
}

/* A copy that cannot be written is tried once more after so many looks, not at each. */
static void tried_again(void **state)
{
	(void)state;
	write_text(spare, "in the place of the directory");
	put_table("a.example");
	assert_true(loader_check(&loader, false));
	loader_report(&loader);
	assert_false(loader_write_spare(&loader, true));
	assert_string_equal(shown().spare_trouble, "Not a directory");
	loader_report(&loader);
	assert_non_null(strstr(said, "weir: no copy of the table in "));
	assert_true(said_error);
	unlink(spare);
	for (unsigned i = 0; i < LOADER_RETRY; i++) {
		assert_false(loader_write_spare(&loader, true));
		assert_int_equal(access(spare, F_OK), -1);
	}
	assert_true(loader_write_spare(&loader, true));
	while (loader_write_spare(&loader, true))
		continue;
	assert_string_equal(shown().spare_trouble, "");
	int fd = spare_open(&loader.spare);
	assert_true(fd >= 0);
	close(fd);
}

/* The end: what was not written yet is, and what cannot be handed over is told. A module that ends before its first look
 * leaves nothing open. */
static void at_the_end(void **state)
{
	(void)state;
	struct rlimit limit;
	put_table("a.example");
	assert_true(loader_check(&loader, false));
	loader_report(&loader);
	module_end();
	int fd = spare_open(&loader.spare);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(module_begin(), 0);
	said[0] = '\0';
	module_end();
	assert_string_equal(said, "");
	assert_int_equal(handover_take(), -1);
	assert_int_equal(module_begin(), 0);
	load();
	said[0] = '\0';
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, limit.rlim_max}), 0);
	loader_end(&loader);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_string_equal(said, "weir: the table is not kept over a reload: Too many open files");
	assert_true(said_error);
	current_end(&current);
	assert_int_equal(module_begin(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(newer_copy, begin, end),
		cmocka_unit_test_setup_teardown(unusable_copy, begin, end),
		cmocka_unit_test_setup_teardown(long_paths, begin, end),
		cmocka_unit_test_setup_teardown(tried_again, begin, end),
		cmocka_unit_test_setup_teardown(at_the_end, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
