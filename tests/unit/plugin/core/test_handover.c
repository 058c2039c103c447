/* SPDX-License-Identifier: BSD-3-Clause */
/* What one instance of the module leaves for the next, and what the next takes. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/core/handover.h"

static const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};

static void left_and_taken(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = table_octets_of(&rule, 1, NULL, &length), copy[4096];
	struct table *table = table_of(&rule, 1);
	int low[12]; /* so that its number has two digits */
	for (unsigned i = 0; i < 12; i++)
		low[i] = dup(0);
	assert_int_equal(handover_take(), -1);
	assert_int_equal(handover_leave(table, 1000), 0);
	assert_int_equal(handover_leave(table, 2000), 0); /* in the place of the first */
	int fd = handover_take();
	struct stat st;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 2000);
	assert_int_equal(st.st_size, length);
	assert_int_equal(pread(fd, copy, sizeof copy, 0), length);
	assert_memory_equal(copy, octets, length);
	/* Nobody can change it any more, and no program that is run has it. */
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(handover_take(), -1); /* only once */
	assert_true(fd >= 10);
	close(fd);
	for (unsigned i = 0; i < 12; i++)
		close(low[i]);
	table_close(&table);
	free(octets);
}

/* The descriptor that was left. */
static int left_number(void)
{
	return (int)strtol(getenv("WEIR_HANDOVER"), NULL, 10);
}

/* Only a memory file with all seals is one that was left. */
static void others_are_not_taken(void **state)
{
	(void)state;
	static const int seals[] = {
		0, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_WRITE};
	for (unsigned i = 0; i < sizeof seals / sizeof *seals; i++) {
		char text[16];
		int fd = memfd_create("test", MFD_ALLOW_SEALING);
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals[i]), 0);
		snprintf(text, sizeof text, "%d", fd);
		setenv("WEIR_HANDOVER", text, 1);
		assert_int_equal(handover_take(), -1);
		close(fd);
	}
	/* A number of it that is written in another way is not ours. */
	static const char *const forms[][2] = {{"", "x"}, {"", " "}, {"x", ""}};
	struct table *table = table_of(&rule, 1);
	for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++) {
		char text[16];
		assert_int_equal(handover_leave(table, 1), 0);
		int fd = left_number();
		snprintf(text, sizeof text, "%s%d%s", forms[i][0], fd, forms[i][1]);
		setenv("WEIR_HANDOVER", text, 1);
		assert_int_equal(handover_take(), -1);
		close(fd);
	}
	/* A number that would be ours if only its last bits were looked at. */
	assert_int_equal(handover_leave(table, 1), 0);
	int fd = left_number();
	char text[32];
	snprintf(text, sizeof text, "%lld", (1LL << 32) + fd);
	setenv("WEIR_HANDOVER", text, 1);
	assert_int_equal(handover_take(), -1);
	close(fd);
	table_close(&table);
}

/* Where it cannot be left, that is told, and nothing stays of it. */
static void cannot_be_left(void **state)
{
	(void)state;
	static const struct {
		int resource;
		rlim_t most;
		int status;
	} cases[] = {{RLIMIT_NOFILE, 0, -EMFILE}, {RLIMIT_FSIZE, 100, -EFBIG}};
	struct table *table = table_of(&rule, 1);
	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rlimit limit;
		assert_int_equal(handover_leave(table, 1), 0); /* what was there before goes in any case */
		assert_int_equal(getrlimit(cases[i].resource, &limit), 0);
		assert_int_equal(setrlimit(cases[i].resource, &(struct rlimit){cases[i].most, limit.rlim_max}), 0);
		int status = handover_leave(table, 1);
		assert_int_equal(setrlimit(cases[i].resource, &limit), 0);
		assert_int_equal(status, cases[i].status);
		assert_int_equal(handover_take(), -1);
	}
	table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(left_and_taken, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(others_are_not_taken, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(cannot_be_left, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
