/* SPDX-License-Identifier: BSD-3-Clause */
/* Codes as Python's hashlib makes them, and that nothing of a key is left behind. */
#include "tests/unit/unit.h"

#include "libweir/live/blake2b.h"

void __real_explicit_bzero(void *octets, size_t length);
void __wrap_explicit_bzero(void *octets, size_t length);
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room);

static size_t wiped; /* octets */

void __wrap_explicit_bzero(void *octets, size_t length)
{
	wiped += length;
	__real_explicit_bzero(octets, length);
}

/* What compilers with -D_FORTIFY_SOURCE make of it. */
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room)
{
	assert_true(length <= room);
	__wrap_explicit_bzero(octets, length);
}

/* The octets of keys and messages differ from each other, so that each word of a block counts by its place. */
static void codes(void **state)
{
	(void)state;
	static const struct {
		size_t octets, key_length, length;
		const char *code;
	} cases[] = {
		{64, 64, 128,
			"fd5fa3a8f2f0bdd2cce251f66da3394d24735d996020adad1bf744b6d90409be"
			"164d8150f01fc6b92c5b577c47c605bd28ab3d9da1031c75a05a123710491d90"},
		{64, 32, 0,
			"c0338f381509763a8453c74034be32ca51ee73a330cd033ce0203d0399eb2b4b"
			"8eaa8868f3f660b66a83279ede50ef4155b0a323303f15b389e3589c392dcf66"},
		{64, 1, 1,
			"b2501647cbfec09a697ea752c4e6d00d12e141da4d27406d571f89ae3ab51e30"
			"09eccd85f884118172b3efd66cfca1301593418666d097a048ae0aedc124a9ae"},
		{63, 31, 127,
			"16d453e9bf595c2d5f175c683ca25fcacfeab6e6caf35ca74998fb919ceded39"
			"8839b4bb5a30eaca7fadde34c064d23075280c05d82ef0459106c003d82f01"},
		{16, 32, 64, "9e15bb7eb36fc25e0902a6287cbc4155"},
		{1, 64, 7, "db"},
		{8, 33, 100, "54ffe29d7be84439"},
		{48, 16, 128,
			"2da2646f266a2cab456379b729367c2fc969641e379e15d0"
			"963b52a4411d280ab3018dc78e72fda9a572cba6309233a5"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t key[BLAKE2B_MOST], message[BLAKE2B_BLOCK], code[BLAKE2B_MOST + 1] = {0};
		char text[2 * sizeof code] = "";
		for (size_t n = 0; n < cases[i].key_length; n++)
			key[n] = (uint8_t)(n * 167 + 13);
		for (size_t n = 0; n < cases[i].length; n++)
			message[n] = (uint8_t)(n * 59 + 101);
		uint8_t *edge_key = edge_copy(key, cases[i].key_length),
			*edge_message = edge_copy(message, cases[i].length);
		code[cases[i].octets] = 0xa5;
		blake2b_keyed(code, cases[i].octets, edge_key, cases[i].key_length, edge_message, cases[i].length);
		for (size_t n = 0; n < cases[i].octets; n++)
			snprintf(text + 2 * n, 3, "%02x", code[n]);
		assert_string_equal(text, cases[i].code);
		assert_int_equal(code[cases[i].octets], 0xa5);
		edge_free(edge_key, cases[i].key_length);
		edge_free(edge_message, cases[i].length);
	}
}

/* For each block of the key and of the message, and once for each code, what they were made of. */
static void nothing_is_left(void **state)
{
	(void)state;
	enum { EACH_BLOCK = 2 * BLAKE2B_BLOCK, EACH_CODE = BLAKE2B_BLOCK + 2 * BLAKE2B_MOST };
	uint8_t code[8];
	for (size_t length = 0; length <= 1; length++) {
		wiped = 0;
		blake2b_keyed(code, sizeof code, (const uint8_t *)"k", 1, "m", length);
		assert_int_equal(wiped, (1 + length) * EACH_BLOCK + EACH_CODE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes),
		cmocka_unit_test(nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
