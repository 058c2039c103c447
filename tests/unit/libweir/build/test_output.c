/* SPDX-License-Identifier: BSD-3-Clause */
/* What is written, where, and its sum; and what a disk that fails makes of it. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "libweir/build/output.h"
#include "libweir/hash.h"

enum { BUFFER = 1 << 16, LENGTH = 3 * BUFFER + 92, PLACE = 77 };

static uint8_t octets[LENGTH];

static int begin(void **state)
{
	(void)state;
	uint64_t seed = 5;
	for (size_t i = 0; i < LENGTH; i++)
		octets[i] = (uint8_t)random_next(&seed);
	return 0;
}

/* In pieces of any length, that of the buffer, a bit less and a bit more among them. */
static void pieces(void **state)
{
	(void)state;
	static const size_t steps[] = {1, 1000, BUFFER - 1, BUFFER, BUFFER + 1, LENGTH};
	uint8_t *copy = malloc(LENGTH + 1);
	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		FILE *file = tmpfile();
		uint64_t length, sum;
		struct output *output = output_new(fileno(file), PLACE);
		for (size_t at = 0; at < LENGTH; at += steps[i]) {
			assert_int_equal(output_length(output), at);
			output_write(output, octets + at, LENGTH - at < steps[i] ? LENGTH - at : steps[i]);
		}
		assert_int_equal(output_length(output), LENGTH);
		assert_int_equal(output_end(output, &length, &sum), 0);
		assert_int_equal(length, LENGTH);
		assert_int_equal(sum, checksum(octets, LENGTH));
		assert_int_equal(pread(fileno(file), copy, LENGTH + 1, PLACE), LENGTH);
		assert_memory_equal(copy, octets, LENGTH);
		fclose(file);
	}
	FILE *file = tmpfile();
	uint64_t sum;
	assert_int_equal(output_part(fileno(file), 5, octets, 10, &sum), 0);
	assert_int_equal(sum, checksum(octets, 10));
	assert_int_equal(pread(fileno(file), copy, 20, 5), 10);
	assert_memory_equal(copy, octets, 10);
	assert_int_equal(output_part(fileno(file), 5, NULL, 0, &sum), 0);
	assert_int_equal(sum, checksum("", 0));
	fclose(file);
	free(copy);
}

/* The first error stays, whatever comes after it; the length is what would have been written. */
static void failing(void **state)
{
	(void)state;
	static const rlim_t limits[] = {PLACE, PLACE + 1, PLACE + BUFFER, PLACE + LENGTH - 1};
	struct rlimit limit;
	uint64_t length, sum;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
		FILE *file = tmpfile();
		struct output *output = output_new(fileno(file), PLACE);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){limits[i], limit.rlim_max}), 0);
		for (size_t at = 0; at < LENGTH; at += 100)
			output_write(output, octets + at, 100);
		int status = output_end(output, &length, &sum);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(status, -EFBIG);
		assert_int_equal(length, (LENGTH + 99) / 100 * 100);
		fclose(file);
	}
	assert_int_equal(output_part(-1, 0, octets, 10, &sum), -EBADF);
	assert_int_equal(output_end(NULL, &length, &sum), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pieces), cmocka_unit_test(failing)};
	return cmocka_run_group_tests(tests, begin, NULL);
}
