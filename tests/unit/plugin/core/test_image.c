/* SPDX-License-Identifier: BSD-3-Clause */
/* An open table, written to a file again. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/core/image.h"

enum { RULES = 24000, PART = WEIR_LINE * 1024 }; /* some 300,000 octets: more than three parts */

static uint8_t *octets;
static size_t length;
static struct table *table;

static int begin(void **state)
{
	(void)state;
	struct why why;
	octets = table_octets_of_many(RULES, &length);
	assert_true(length > 3 * PART);
	return table_open_octets(&table, octets, length, &why);
}

static int end(void **state)
{
	(void)state;
	table_close(&table);
	free(octets);
	return 0;
}

static void all_of_it(void **state)
{
	(void)state;
	static const uint64_t slices[] = {UINT64_MAX, 1 << 20, PART, 3 * PART, 2 * PART + WEIR_LINE, 5 * WEIR_LINE};
	uint8_t *copy = malloc(length + 1);
	for (unsigned i = 0; i < sizeof slices / sizeof *slices; i++) {
		FILE *file = tmpfile();
		for (uint64_t at = 0; at < length; at = slices[i] < length - at ? at + slices[i] : length) {
			struct stat st;
			assert_int_equal(image_write(fileno(file), table, at, slices[i]), 0);
			assert_int_equal(fstat(fileno(file), &st), 0);
			assert_int_equal(st.st_size, slices[i] < length - at ? at + slices[i] : length);
		}
		assert_int_equal(pread(fileno(file), copy, length + 1, 0), length);
		assert_memory_equal(copy, octets, length);
		fclose(file);
	}
	free(copy);
}

/* A slice is written to its place, and nothing before or behind it. */
static void one_slice(void **state)
{
	(void)state;
	uint8_t copy[4 * WEIR_LINE];
	FILE *file = tmpfile();
	assert_int_equal(image_write(fileno(file), table, WEIR_LINE, WEIR_LINE), 0);
	memset(copy, 1, sizeof copy);
	assert_int_equal(pread(fileno(file), copy, sizeof copy, 0), 2 * WEIR_LINE);
	assert_memory_equal(copy + WEIR_LINE, octets + WEIR_LINE, WEIR_LINE);
	for (unsigned i = 0; i < WEIR_LINE; i++)
		assert_int_equal(copy[i], 0);
	fclose(file);
}

/* A slice that is the very last octet. */
static void last_octet(void **state)
{
	(void)state;
	size_t size = 0;
	uint8_t *small = NULL;
	uint64_t seed = 3;
	while (size % WEIR_LINE != 1) { /* names of which one makes a file of such a length */
		char name[NAME_MAX_LABEL + 16] = "";
		unsigned label = 1 + random_below(&seed, NAME_MAX_LABEL);
		for (unsigned i = 0; i < label; i++)
			name[i] = (char)('a' + random_below(&seed, 26));
		strcpy(name + label, ".example");
		const struct rule_spec rule = {name, SCOPE_EXACT, RULE_BLOCK, {0, 0}};
		free(small);
		small = table_octets_of(&rule, 1, NULL, &size);
	}
	struct table *one;
	struct why why;
	uint8_t octet;
	FILE *file = tmpfile();
	assert_int_equal(table_open_octets(&one, small, size, &why), 0);
	assert_int_equal(image_write(fileno(file), one, size - 1, WEIR_LINE), 0);
	assert_int_equal(pread(fileno(file), &octet, 1, (off_t)size - 1), 1);
	assert_int_equal(octet, small[size - 1]);
	table_close(&one);
	fclose(file);
	free(small);
}

static void cannot_be_written(void **state)
{
	(void)state;
	struct rlimit limit;
	FILE *file = tmpfile();
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(image_write(fd, table, 0, UINT64_MAX), -EBADF);
	assert_int_equal(image_write(full, table, 0, UINT64_MAX), -ENOSPC);
	assert_int_equal(image_date(-1, 1), -EBADF);
	/* A disk that gets full on the way. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){PART + 100, limit.rlim_max}), 0);
	assert_int_equal(image_write(fileno(file), table, 0, UINT64_MAX), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	fclose(file);
	close(full);
	close(fd);
}

static void date(void **state)
{
	(void)state;
	struct stat st;
	FILE *file = tmpfile();
	assert_int_equal(image_date(fileno(file), 1234567890), 0);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	assert_int_equal(st.st_mtim.tv_nsec, 0);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_it), cmocka_unit_test(one_slice),
		cmocka_unit_test(last_octet), cmocka_unit_test(cannot_be_written), cmocka_unit_test(date)};
	return cmocka_run_group_tests(tests, begin, end);
}
