/* SPDX-License-Identifier: BSD-3-Clause */
/* Damaged tables: every truncation and every flipped bit of a small one is refused; what a liar with right checksums
 * can write is refused, or answered without harm. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/bytes.h"
#include "libweir/dump.h"
#include "libweir/hash.h"

static const struct rule_spec rules[] = {
	{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}},
	{"bank.evil.example", SCOPE_EXACT, RULE_BLOCK, {1, 1}},
	{"good.evil.example", SCOPE_SUBTREE, RULE_ALLOW, {1, 0}},
	{"other.test", SCOPE_EXACT, RULE_BLOCK, {2, 2}},
};

static uint8_t *small_table(size_t *length)
{
	return table_bytes_of(rules, 4, NULL, length);
}

static void refused(const uint8_t *bytes, size_t length, int status)
{
	struct table *table = NULL;
	struct why why;
	int got = open_bytes(&table, bytes, length, &why);
	if (got == 0)
		fail_msg("accepted");
	if (status != 0)
		assert_int_equal(got, status);
	assert_null(table);
	assert_string_not_equal(why.text, "");
}

static void truncated_and_longer(void **state)
{
	(void)state;
	size_t length;
	uint8_t *bytes = small_table(&length);
	for (size_t l = 0; l < length; l++)
		refused(bytes, l, WEIR_EFORMAT);
	bytes = realloc(bytes, length + 1);
	bytes[length] = 0;
	refused(bytes, length + 1, WEIR_EFORMAT);
	free(bytes);
}

static void every_bit_flipped(void **state)
{
	(void)state;
	size_t length;
	uint8_t *bytes = small_table(&length);
	for (size_t bit = 0; bit < length * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		bool version = bit / 8 >= 8 && bit / 8 < 12;
		refused(bytes, length, version ? WEIR_EVERSION : WEIR_EFORMAT);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
}

/* Uses a table in every way there is. */
static void use(const struct table *table)
{
	struct why why;
	FILE *out = fopen("/dev/null", "w");
	int status = table_verify(table, &why) | table_dump(table, out, &why);
	(void)status;
	fclose(out);
	static const char *const names[] = {"evil.example", "bank.evil.example", "a.good.evil.example", "other.test",
		"x.other.test", "a.b.c.d.e.example"};
	for (unsigned i = 0; i < 6; i++) {
		name_storage wire;
		struct match match;
		if (table_lookup(table, wire, wire_of(names[i], wire), &match))
			assert_true(match.verdict > 0 && match.verdict < table_policy(table)->verdict_count);
	}
}

static void lies_with_right_checksums(void **state)
{
	(void)state;
	size_t length;
	uint8_t *bytes = small_table(&length), *lie = malloc(length);
	unsigned accepted = 0;
	for (size_t bit = 0; bit < length * 8; bit++) {
		memcpy(lie, bytes, length);
		lie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		reseal(lie, length);
		struct table *table;
		struct why why;
		if (open_bytes(&table, lie, length, &why) == 0) {
			accepted++;
			use(table);
			table_close(&table);
		}
	}
	/* Wholly random numbers too. */
	uint64_t seed = 77;
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(lie, bytes, length);
		for (unsigned n = 1 + random_below(&seed, 6); n > 0; n--)
			lie[random_below(&seed, (unsigned)length)] = (uint8_t)random_next(&seed);
		reseal(lie, length);
		struct table *table;
		struct why why;
		if (open_bytes(&table, lie, length, &why) == 0) {
			use(table);
			table_close(&table);
		}
	}
	/* Most bits of the names and tags, the generation, the key ... can be anything and still be read. */
	assert_in_range(accepted, 100, length * 8);
	free(bytes);
	free(lie);
}

/* Open takes it; verify says this. */
static void check_verify(uint8_t *bytes, size_t length, int status)
{
	struct table *table;
	struct why why;
	reseal(bytes, length);
	assert_int_equal(open_bytes(&table, bytes, length, &why), 0);
	assert_int_equal(table_verify(table, &why), status);
	table_close(&table);
}

/* Changes that verify must find though open does not. */
static void verify_finds(void **state)
{
	(void)state;
	size_t length;
	uint8_t *bytes = small_table(&length);
	size_t index = WEIR_HEADER + (size_t)get_u64(bytes + 64) + (size_t)get_u64(bytes + 72);
	/* Another hash key: no name lies where it belongs. */
	put_u64(bytes + 32, 12345);
	check_verify(bytes, length, WEIR_EFORMAT);
	put_u64(bytes + 32, BUILD_PUBLIC_KEY);
	/* A bit of the filter taken off: some node would never be found. */
	size_t filter = index + get_u32(bytes + 60) * (size_t)WEIR_LINE;
	for (size_t bit = 0; bit < (size_t)get_u32(bytes + 56) * WEIR_FILTER_WORDS * 64; bit++) {
		uint8_t *octet = bytes + filter + bit / 8, set = (uint8_t)(1 << bit % 8);
		if ((*octet & set) == 0)
			continue;
		*octet ^= set;
		check_verify(bytes, length, WEIR_EFORMAT);
		*octet ^= set;
	}
	/* An ancestor's mark taken off. */
	bool done = false;
	for (size_t at = index + 6; at < index + WEIR_LINE && !done; at += 2) {
		uint16_t tag = get_u16(bytes + at);
		if ((tag & (WEIR_TAG_RULE | WEIR_TAG_MORE)) == (WEIR_TAG_RULE | WEIR_TAG_MORE)) {
			put_u16(bytes + at, tag & ~WEIR_TAG_MORE);
			check_verify(bytes, length, WEIR_EFORMAT);
			put_u16(bytes + at, tag);
			done = true;
		}
	}
	assert_true(done);
	/* A mark too many. */
	for (size_t at = index + 6; at < index + WEIR_LINE; at += 2) {
		uint16_t tag = get_u16(bytes + at);
		if ((tag & (WEIR_TAG_RULE | WEIR_TAG_MORE)) != WEIR_TAG_RULE)
			continue;
		put_u16(bytes + at, tag | WEIR_TAG_MORE);
		check_verify(bytes, length, WEIR_EFORMAT);
		put_u16(bytes + at, tag);
	}
	check_verify(bytes, length, 0);
	free(bytes);
}

static void no_regular_files(void **state)
{
	(void)state;
	struct table *table = NULL;
	struct why why;
	char directory[] = "/tmp/weir-unit-XXXXXX", path[64];
	assert_non_null(mkdtemp(directory));
	assert_int_equal(table_open(&table, directory, &why), WEIR_EFORMAT);
	snprintf(path, sizeof path, "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(table_open(&table, path, &why), WEIR_EFORMAT);
	unlink(path);
	assert_int_equal(table_open(&table, path, &why), -ENOENT);
	assert_string_equal(why.text, "cannot open: No such file or directory");
	assert_int_equal(table_open(&table, "/dev/zero", &why), WEIR_EFORMAT);
	assert_null(table);
	rmdir(directory);
}

/* Whoever writes to the file once it is open changes nothing. */
static void written_to_afterwards(void **state)
{
	(void)state;
	size_t length;
	uint8_t *bytes = small_table(&length);
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, bytes, length), length);
	struct table *table;
	struct why why;
	assert_int_equal(table_open(&table, path, &why), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	name_storage wire;
	struct match match;
	assert_true(table_lookup(table, wire, wire_of("x.evil.example", wire), &match));
	assert_int_equal(table_verify(table, &why), 0);
	table_close(&table);
	close(fd);
	unlink(path);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated_and_longer),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(lies_with_right_checksums),
		cmocka_unit_test(verify_finds),
		cmocka_unit_test(no_regular_files),
		cmocka_unit_test(written_to_afterwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
