/* SPDX-License-Identifier: BSD-3-Clause */
/* What is packed is unpacked to the same octets, by each effort; and what an effort is for: few changes take little room by any of
 * them, many changes only by those that look closely. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/unpack/zstd_pack.h"
#include "feedsync/unpack/zstd_whole.h"

enum { LENGTH = 1 << 20 };

static unsigned char old[LENGTH], new[LENGTH];

/* `old` has nothing that repeats; in `new` each `apart`-th octet is another one, 0: none is. */
static void fill(unsigned apart)
{
	uint64_t x = 88172645463325252ULL;
	for (unsigned i = 0; i < LENGTH; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		old[i] = (unsigned char)(x >> 32);
		new[i] = (unsigned char)(old[i] + (apart && i % apart == apart - 1));
	}
}

/* Packs and unpacks. Returns the octets of the frame. */
static size_t pack(const unsigned char *prefix, enum pack_effort effort)
{
	static unsigned char frame[2 * LENGTH], again[LENGTH];
	struct why why;
	size_t prefix_length = prefix ? LENGTH : 0;
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(zstd_pack(fileno(file), new, LENGTH, prefix, prefix_length, effort, &why), 0);
	ssize_t length = pread(fileno(file), frame, sizeof frame, 0);
	fclose(file);
	assert_in_range(length, 1, sizeof frame - 1);
	memset(again, 0, LENGTH);
	assert_int_equal(zstd_read_whole((char *)again, LENGTH, (char *)frame, (size_t)length, (const char *)prefix,
				 prefix_length, &why),
		0);
	assert_memory_equal(again, new, LENGTH);
	return (size_t)length;
}

static void each_effort(void **state)
{
	(void)state;
	static const struct {
		unsigned apart; /* the changes */
		size_t most[3]; /* octets, by the effort */
	} cases[] = {
		{0, {200, 200, 200}},
		{LENGTH, {300, 300, 300}},
		{10000, {6000, 6000, 6000}},
		{40, {2 * LENGTH, LENGTH / 2, LENGTH / 2}},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		fill(cases[i].apart);
		for (enum pack_effort effort = PACK_AT_ONCE; effort <= PACK_SMALL; effort++) {
			size_t length = pack(old, effort);
			print_message(
				"a change each %u octets, effort %u: %zu octets\n", cases[i].apart, effort, length);
			assert_in_range(length, 1, cases[i].most[effort]);
		}
	}
	assert_in_range(pack(NULL, PACK_SOON), LENGTH, LENGTH + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_effort)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
