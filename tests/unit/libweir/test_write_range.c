/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing to a place in a file in pieces, with interruptions, errors and a file that takes nothing. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/write_range.h"

enum { LENGTH = 20, TO = 10, MOST_WRITES = 4, NOTHING = 100 };

/* How the next writes go: as many octets at most, NOTHING, -errno, or 0 = as the kernel has it. */
static const int *writes;
static off_t end_asked_for;

ssize_t __real_pwrite(int fd, const void *octets, size_t length, off_t at);
ssize_t __wrap_pwrite(int fd, const void *octets, size_t length, off_t at);

ssize_t __wrap_pwrite(int fd, const void *octets, size_t length, off_t at)
{
	assert_int_equal(at + (off_t)length, end_asked_for);
	int how = *writes;
	writes += how != 0;
	errno = how < 0 ? -how : EINTR; /* which says nothing where something was written, or nothing */
	if (how < 0 || how == NOTHING)
		return how < 0 ? -1 : 0;
	return __real_pwrite(fd, octets, how > 0 && (size_t)how < length ? (size_t)how : length, at);
}

static void pieces(void **state)
{
	(void)state;
	static const struct {
		size_t length;
		int writes[MOST_WRITES];
		int status;
		size_t written;
	} cases[] = {
		{LENGTH, {0}, 0, LENGTH},
		{0, {-EIO}, 0, 0},
		{1, {0}, 0, 1},
		{LENGTH, {1, 7, 1}, 0, LENGTH},
		{LENGTH, {-EINTR, -EINTR}, 0, LENGTH},
		{LENGTH, {5, -EINTR, 3}, 0, LENGTH},
		{LENGTH, {-ENOSPC}, -ENOSPC, 0},
		{LENGTH, {5, -EIO}, -EIO, 5},
		{LENGTH, {NOTHING}, -EIO, 0},
		{LENGTH, {5, NOTHING}, -EIO, 5},
	};
	uint8_t octets[LENGTH], got[TO + LENGTH + 1];
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(3 * i + 1);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		FILE *file = tmpfile();
		writes = cases[i].writes;
		end_asked_for = (off_t)(TO + cases[i].length);
		int status = write_range(fileno(file), TO, octets, cases[i].length);
		if (status != cases[i].status)
			fail_msg("case %u: %d", i, status);
		size_t wanted = cases[i].written;
		assert_int_equal(pread(fileno(file), got, sizeof got, 0), wanted > 0 ? TO + wanted : 0);
		assert_memory_equal(got + TO, octets, wanted);
		fclose(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pieces)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
