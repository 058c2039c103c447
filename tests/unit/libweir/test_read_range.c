/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a part of a file in pieces, with interruptions, errors and too early an end. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/read_range.h"

enum { FILE_LENGTH = 64, FROM = 10, MOST_READS = 4 };

/* How the next reads go: as many octets at most, -errno, or 0 = as the kernel has it. */
static const int *reads;
static off_t end_asked_for;

ssize_t __real_pread(int fd, void *to, size_t length, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t length, off_t at);

ssize_t __wrap_pread(int fd, void *to, size_t length, off_t at)
{
	assert_int_equal(at + (off_t)length, end_asked_for);
	int how = *reads;
	reads += how != 0;
	if (how < 0) {
		errno = -how;
		return -1;
	}
	return __real_pread(fd, to, how > 0 && (size_t)how < length ? (size_t)how : length, at);
}

static void pieces(void **state)
{
	(void)state;
	static const struct {
		size_t length;
		int reads[MOST_READS];
		int status;
		const char *why;
	} cases[] = {
		{20, {0}, 0, ""},
		{0, {0}, 0, ""},
		{FILE_LENGTH - FROM, {0}, 0, ""},
		{20, {1, 7, 1}, 0, ""},
		{20, {-EINTR, -EINTR}, 0, ""},
		{20, {5, -EINTR, 3}, 0, ""},
		{20, {-EIO}, -EIO, "cannot read: Input/output error"},
		{20, {5, -EISDIR}, -EISDIR, "cannot read: Is a directory"},
		{FILE_LENGTH - FROM + 1, {0}, WEIR_EFORMAT, "file ends at octet 64"},
		{FILE_LENGTH, {5, -EINTR}, WEIR_EFORMAT, "file ends at octet 64"},
		/* The end comes behind an interruption. */
		{FILE_LENGTH, {FILE_LENGTH - FROM, -EINTR}, WEIR_EFORMAT, "file ends at octet 64"},
	};
	uint8_t octets[FILE_LENGTH], got[FILE_LENGTH + 1];
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(3 * i + 1);
	FILE *file = tmpfile();
	assert_int_equal(pwrite(fileno(file), octets, sizeof octets, 0), sizeof octets);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why = {""};
		memset(got, 0xa5, sizeof got);
		reads = cases[i].reads;
		end_asked_for = (off_t)(FROM + cases[i].length);
		int status = read_range(fileno(file), FROM, got, cases[i].length, &why);
		if (status != cases[i].status || strcmp(why.text, cases[i].why) != 0)
			fail_msg("case %u: %d, %s", i, status, why.text);
		if (status == 0)
			assert_memory_equal(got, octets + FROM, cases[i].length);
		assert_int_equal(got[cases[i].length], 0xa5);
	}
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pieces)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
