/* SPDX-License-Identifier: BSD-3-Clause */
/* The bypass as the module sees it, without an Unbound. */
#include "tests/unit/plugin/core/loader_lab.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/core/loader_bypass.h"

static char file[160];
static char said[8192];

static void say(bool error, const char *text)
{
	(void)error;
	size_t used = strlen(said);
	snprintf(said + used, sizeof said - used, "%s\n", text);
	said_count++;
}

/* The module, and where its bypass would be. */
static int begin_bypass(void **state)
{
	int status = begin(state);
	snprintf(file, sizeof file, "%s.bypass", path);
	return status;
}

static void put_bypass(int seconds)
{
	int fd = open(file, O_CREAT | O_WRONLY, 0644);
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = time(NULL) + seconds}};
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

/* What the thread does: first the bypass, then the table. Returns whether the cache must be walked. */
static bool look(void)
{
	said[0] = '\0';
	bool ended = loader_check_bypass(&loader), loaded = loader_check(&loader, false);
	loader_report(&loader);
	return ended || loaded;
}

static void assert_said(const char *text)
{
	if (!strstr(said, text))
		fail_msg("said: %s", said);
}

static void on_and_off(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(look());
	assert_true(blocks("a.example"));
	put_bypass(3600);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(look());
		if (i == 0)
			assert_said("BYPASS: everything passes until 20");
		else
			assert_string_equal(said, "");
		assert_null(current_get(&current));
		assert_true(loader.state.bypass_until >= (uint64_t)time(NULL) + 3590);
		assert_true(loader.state.active);
	}
	/* What is published meanwhile is loaded, and in force afterwards. */
	put_table("b.example");
	assert_true(look());
	assert_said("loaded, in force after the bypass: generation 7");
	assert_null(current_get(&current));
	assert_non_null(current_loaded(&current));
	put_bypass(7200);
	assert_false(look());
	assert_said("it was changed, and now everything passes");
	unlink(file);
	assert_true(look());
	assert_said("BYPASS OVER: its file is gone; the table is in force again, generation 7, 1 rules");
	assert_true(blocks("b.example"));
	assert_int_equal(loader.state.bypass_until, 0);
	assert_false(look());
	assert_string_equal(said, "");
}

/* Ends at its time; then the file that stays there means nothing. */
static void ends_by_itself(void **state)
{
	(void)state;
	put_table("a.example");
	/* Where the machine is busy, one may be over before the first look. */
	for (unsigned i = 0; i < 100 && !loader.state.bypass_until; i++) {
		put_bypass(1);
		look();
	}
	assert_int_not_equal(loader.state.bypass_until, 0);
	assert_false(blocks("a.example"));
	for (unsigned i = 0; i < 300 && !blocks("a.example"); i++) {
		const struct timespec pause = {.tv_nsec = 10000000};
		nanosleep(&pause, NULL);
		look();
	}
	assert_true(blocks("a.example"));
	assert_said("BYPASS OVER: its time has come");
	assert_false(look());
	assert_string_equal(said, "");
}

/* A clock that is set back does not prolong it: as much time has passed as it was for. */
static void the_clock_is_set_back(void **state)
{
	(void)state;
	put_table("a.example");
	put_bypass(3600);
	look();
	assert_null(current_get(&current));
	loader.bypass_deadline_us = 0; /* as if an hour had passed */
	assert_true(look());
	assert_said("its time has passed, and the clock was set back");
	for (unsigned i = 0; i < 3; i++) {
		assert_false(look());
		assert_true(blocks("a.example"));
	}
	/* Another one begins. */
	put_bypass(1800);
	look();
	assert_said("BYPASS: everything passes until");
	assert_null(current_get(&current));
}

static void not_believed(void **state)
{
	(void)state;
	put_table("a.example");
	put_bypass(49 * 3600);
	for (unsigned i = 0; i < 3; i++) {
		look();
		if (i == 0)
			assert_said("t.weir.bypass is not believed: it ends more than 24 hours after it began");
		else
			assert_string_equal(said, "");
		assert_true(blocks("a.example"));
		assert_int_equal(loader.state.bypass_until, 0);
	}
	/* One that is in force ends when something else stands in its place. */
	put_bypass(3600);
	look();
	assert_null(current_get(&current));
	unlink(file);
	assert_int_equal(mkdir(file, 0755), 0);
	assert_true(look());
	assert_said("BYPASS OVER: it is not a regular file");
	assert_true(blocks("a.example"));
	rmdir(file);
}

/* Over a reload and over a restart, with the table's file and without it: still bypassed, and protecting afterwards. */
static void kept_over_ends(void **state)
{
	(void)state;
	put_table("a.example");
	look();
	put_bypass(3600);
	look();
	while (loader_write_spare(&loader, false))
		continue;
	for (unsigned i = 0; i < 4; i++) {
		module_end();
		if (i % 2)
			forget_handover(); /* the process has ended */
		if (i == 2)
			unlink(path);
		assert_int_equal(module_begin(), 0);
		look();
		assert_null(current_get(&current));
		assert_non_null(current_loaded(&current));
		assert_true(loader.state.active && loader.state.bypass_until);
	}
	unlink(file);
	assert_true(look());
	assert_true(blocks("a.example"));
}

/* There is nothing to be in force again. */
static void without_a_table(void **state)
{
	(void)state;
	put_bypass(3600);
	look();
	assert_said("BYPASS: everything passes");
	assert_false(loader.state.active);
	unlink(file);
	look();
	assert_said("nothing is blocked: there is no table");
	put_table("a.example");
	look();
	assert_true(blocks("a.example"));
}

/* A file whose time was over before anybody looked begins nothing, and nothing is said of it. */
static void over_already(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(look());
	put_bypass(-60);
	for (unsigned i = 0; i < 2; i++) {
		assert_false(look());
		assert_string_equal(said, "");
		assert_int_equal(loader.state.bypass_until, 0);
		assert_true(blocks("a.example"));
	}
}

/* When it ends by the clock that nobody sets: as long after now as its file says. */
static void deadline(void **state)
{
	(void)state;
	enum { LENGTH = 3600 };
	for (bool same_second = false; !same_second;) {
		unlink(file);
		look();
		uint64_t second = loader_now_s(), before = loader_now_us(CLOCK_BOOTTIME);
		put_bypass(LENGTH);
		look();
		uint64_t after = loader_now_us(CLOCK_BOOTTIME);
		same_second = loader_now_s() == second;
		if (same_second)
			assert_in_range(loader.bypass_deadline_us - UINT64_C(1000000) * LENGTH, before, after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_and_off, begin_bypass, end),
		cmocka_unit_test_setup_teardown(over_already, begin_bypass, end),
		cmocka_unit_test_setup_teardown(deadline, begin_bypass, end),
		cmocka_unit_test_setup_teardown(ends_by_itself, begin_bypass, end),
		cmocka_unit_test_setup_teardown(the_clock_is_set_back, begin_bypass, end),
		cmocka_unit_test_setup_teardown(not_believed, begin_bypass, end),
		cmocka_unit_test_setup_teardown(kept_over_ends, begin_bypass, end),
		cmocka_unit_test_setup_teardown(without_a_table, begin_bypass, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
