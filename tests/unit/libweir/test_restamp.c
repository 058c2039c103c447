/* SPDX-License-Identifier: BSD-3-Clause */
/* A table's file written again under another generation. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "libweir/restamp.h"
#include "tests/unit/fail_alloc.h"

enum { RULES = 24000 }; /* some 300,000 octets: several parts of a copy */

static uint8_t *octets;
static size_t length;
static FILE *from;

static int begin(void **state)
{
	(void)state;
	octets = table_octets_of_many(RULES, &length);
	from = tmpfile();
	assert_int_equal(fwrite(octets, 1, length, from), length);
	return fflush(from);
}

static int end(void **state)
{
	(void)state;
	fclose(from);
	free(octets);
	return 0;
}

/* Nothing but generation, time of making and the header's sum differs; 0 leaves either as it was. */
static void stamped(void **state)
{
	(void)state;
	static const struct {
		uint64_t generation, created;
	} cases[] = {{0, 0}, {99, 0}, {0, 1800000000}, {100, 1800000001}};
	uint8_t *copy = malloc(length + 1);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		FILE *to = tmpfile();
		struct table *table;
		struct why why;
		assert_int_equal(
			table_restamp(fileno(from), fileno(to), cases[i].generation, cases[i].created, &why), 0);
		assert_int_equal(pread(fileno(to), copy, length + 1, 0), length);
		assert_memory_equal(copy + WEIR_HEADER, octets + WEIR_HEADER, length - WEIR_HEADER);
		assert_int_equal(table_open_fd(&table, fileno(to), &why), 0);
		assert_int_equal(table_header(table)->generation, cases[i].generation ? cases[i].generation : 7);
		assert_int_equal(table_header(table)->created, cases[i].created ? cases[i].created : 1700000000);
		table_close(&table);
		if (i == 0)
			assert_memory_equal(copy, octets, length);
		fclose(to);
	}
	free(copy);
}

/* A disk that is full from the start, that gets full on the way, and a file that cannot be written to. */
static void cannot_be_written(void **state)
{
	(void)state;
	struct rlimit limit;
	struct why why;
	FILE *to = tmpfile(), *full = fopen("/dev/full", "w");
	assert_int_equal(table_restamp(fileno(from), fileno(full), 5, 5, &why), -ENOSPC);
	assert_string_equal(why.text, "cannot write: No space left on device");
	assert_int_equal(table_restamp(fileno(from), -1, 5, 5, &why), -EBADF);
	assert_string_equal(why.text, "cannot write: Bad file descriptor");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){length / 2, limit.rlim_max}), 0);
	int status = table_restamp(fileno(from), fileno(to), 5, 5, &why);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(status, -EFBIG);
	assert_string_equal(why.text, "cannot write: File too large");
	fclose(full);
	fclose(to);
}

static unsigned reads_until_one_fails; /* 0: none does */

ssize_t __real_pread(int fd, void *to, size_t most, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t most, off_t at);

ssize_t __wrap_pread(int fd, void *to, size_t most, off_t at)
{
	if (reads_until_one_fails > 0 && --reads_until_one_fails == 0) {
		errno = EIO;
		return -1;
	}
	return __real_pread(fd, to, most, at);
}

/* A disk that fails at any read, while the table is verified and while it is copied. */
static void cannot_be_read(void **state)
{
	(void)state;
	enum { READS_OF_TABLE = 3 };
	struct why why;
	unsigned reads = 0;
	for (int status = -EIO; status != 0;) {
		FILE *to = tmpfile();
		reads_until_one_fails = ++reads;
		status = table_restamp(fileno(from), fileno(to), 5, 5, &why);
		if (status == 0 && reads_until_one_fails == 0)
			fail_msg("read %u fails, and nothing else does", reads);
		if (status != 0) {
			assert_int_equal(status, -EIO);
			assert_string_equal(why.text, "cannot read: Input/output error");
		}
		reads_until_one_fails = 0;
		fclose(to);
	}
	assert_true(reads > READS_OF_TABLE + 3);
	/* Where nothing can be written either, the first thing that failed is told. */
	reads_until_one_fails = READS_OF_TABLE + 3;
	assert_int_equal(table_restamp(fileno(from), -1, 5, 5, &why), -EIO);
	assert_string_equal(why.text, "cannot read: Input/output error");
	reads_until_one_fails = 0;
}

static int stamp(void *context)
{
	struct why why = {""};
	int status = table_restamp(fileno(from), fileno(context), 5, 5, &why);
	assert_true(status == 0 || why.text[0]);
	return status;
}

static void out_of_memory(void **state)
{
	(void)state;
	FILE *to = tmpfile();
	fail_each_alloc(stamp, to);
	fclose(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(stamped), cmocka_unit_test(cannot_be_written),
		cmocka_unit_test(cannot_be_read), cmocka_unit_test(out_of_memory)};
	return cmocka_run_group_tests(tests, begin, end);
}
