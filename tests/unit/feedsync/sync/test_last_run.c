/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of the last run: sync.json, which is as long whatever it says. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/sync/last_run.h"

static void written_and_read(void **state)
{
	(void)state;
	char longest[256];
	memset(longest, '"', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const struct {
		bool resident;
		enum run_end end;
		enum error_class class;
		const char *error;
	} cases[] = {
		{true, RUN_END_UNDER_WAY, ERROR_NONE, "it has not ended"},
		{false, RUN_END_PUBLISHED, ERROR_NONE, ""},
		{true, RUN_END_FAILED, ERROR_ALARM, "ALARM: the table would hold 3 rules"},
		{false, RUN_END_FAILED, ERROR_FORMAT, longest},
		{false, RUN_END_STOPPED, ERROR_NONE, "stopped"},
		{true, RUN_END_HELD, ERROR_NONE, ""},
		{true, RUN_END_UNCHANGED, ERROR_NONE, ""},
		{true, RUN_END_UNCHANGED, ERROR_NONE, ""},
	};
	static const uint64_t counts[RUN_END_COUNT] = {0, 0, 1, 2, 1, 2};
	struct last_run run;
	last_run_read(&run, test_directory);
	assert_int_equal(run.at, 0);
	assert_string_equal(run.error, "");
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stat st;
		last_run_write(test_directory, cases[i].resident, cases[i].end, cases[i].class, cases[i].error);
		last_run_read(&run, test_directory);
		assert_true(run.at > 0 && run.wall.clock > 0);
		assert_int_equal(run.resident, cases[i].resident);
		assert_int_equal(run.ended, cases[i].end != RUN_END_UNDER_WAY);
		assert_int_equal(run.error_class, cases[i].class);
		assert_string_equal(run.error, cases[i].error);
		assert_int_equal(stat(in_directory("sync.json"), &st), 0);
		assert_int_equal(st.st_size, 1280);
	}
	assert_memory_equal(run.counts, counts, sizeof counts);
}

/* What an older version wrote is read; what cannot be read is told, with its path. */
static void others(void **state)
{
	(void)state;
	struct last_run run;
	write_text(in_directory("sync.json"), "{\"at\":17,\"resident\":true,\"ended\":true,\"error\":\"x\"}");
	last_run_read(&run, test_directory);
	assert_int_equal(run.at, 17);
	assert_string_equal(run.error, "x");
	assert_int_equal(run.error_class, ERROR_NONE);
	write_text(in_directory("sync.json"), "{");
	last_run_read(&run, test_directory);
	assert_int_equal(run.at, 0);
	assert_non_null(strstr(run.error, "/sync.json: "));
	assert_int_equal(run.error_class, ERROR_FORMAT);
	/* A link that leads nowhere is there. */
	assert_int_equal(unlink(in_directory("sync.json")), 0);
	assert_int_equal(symlink("nowhere", in_directory("sync.json")), 0);
	last_run_read(&run, test_directory);
	assert_non_null(strstr(run.error, "/sync.json: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_read, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(others, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
