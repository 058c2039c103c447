/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash of clients, and the life of its key. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "libweir/live/blake2b.h"
#include "libweir/live/client_key_file.h"

/* Clients that stand in a row spread over all registers and ranks, under whatever key. */
static void spread(void **state)
{
	(void)state;
	uint64_t seed = 3;
	enum { CLIENTS = 64000 };
	for (unsigned round = 0; round < 20; round++) {
		unsigned in[64] = {0}, odd = 0;
		uint64_t part[CLIENT_KEY_PARTS];
		for (unsigned i = 0; i < CLIENT_KEY_PARTS; i++)
			part[i] = random_next(&seed);
		for (uint64_t client = 0; client < CLIENTS; client++) {
			uint64_t hash =
				client_hash(part[0], part[1], part[2], part[3], (UINT64_C(0xffff) << 32) + client);
			in[hash % 64]++;
			odd += hash >> 6 & 1;
		}
		for (unsigned i = 0; i < 64; i++)
			assert_in_range(in[i], 800, 1200);
		assert_in_range(odd, CLIENTS / 2 - 1000, CLIENTS / 2 + 1000);
	}
}

static uint64_t hashed(struct client_key *key, uint64_t day)
{
	uint64_t hash = 0;
	assert_true(client_key_hash(key, day, 1, &hash));
	return hash;
}

/* A key lives one day; all who share it have the same one, and a clock that goes back keeps the later. */
static void days(void **state)
{
	(void)state;
	struct client_key *key = client_key_new(NULL), *other = client_key_new(NULL);
	uint64_t today = (uint64_t)time(NULL) / 86400 + 1;
	uint64_t first = hashed(key, today);
	assert_true(hashed(key, today) == first);
	assert_true(hashed(other, today) != first);
	uint64_t second = hashed(key, today + 1);
	assert_true(second != first);
	assert_true(hashed(key, today) == second);
	pid_t child = fork();
	if (child == 0)
		_exit(hashed(key, today + 1) != second || hashed(key, today + 2) == second);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	uint64_t hash = 0;
	assert_true(client_key_hash(key, today + 2, 1, &hash) && hash != second);
	/* Nothing is left of what was. */
	assert_true(atomic_load(&key->state) == 2 * (today + 2));
	client_key_free(&key);
	client_key_free(&other);
	assert_null(key);
}

/* While a key is being drawn nobody waits. */
static void drawing(void **state)
{
	(void)state;
	uint64_t hash = 0;
	struct client_key *key = client_key_new(NULL);
	atomic_store(&key->state, 2 * 50000 + 1);
	assert_false(client_key_hash(key, 50000, 1, &hash));
	assert_true(client_key_hash(key, 50001, 1, &hash));
	client_key_free(&key);
}

/* What a secret that several processes share gives: octets by Python's hashlib; SipHash as its authors' test vectors have it. */
static void shared_secret(void **state)
{
	(void)state;
	static const struct {
		size_t octets;
		const char *message, *code;
	} codes[] = {
		{16, "weir clients 2026-11-28", "\x02\x32\x4d\x4b\xdc\x79\x31\xb1\x17\xc6\x51\x74\xb2\xa3\xf8\x7d"},
		{8, "weir clients", "\x78\x73\x89\x4f\x98\xc6\x7c\x34"},
		{1, "", "\x11"},
		{8,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			"\x83\x31\x9c\xcd\x86\x6e\x2a\x9b"},
	};
	uint8_t secret[CLIENT_SECRET], code[BLAKE2B_MOST], other[CLIENT_SECRET] = {1};
	for (unsigned i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)i;
	for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
		blake2b_keyed(code, codes[i].octets, secret, sizeof secret, codes[i].message, strlen(codes[i].message));
		assert_memory_equal(code, codes[i].code, codes[i].octets);
	}
	assert_true(client_siphash(UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908),
			    UINT64_C(0x0706050403020100)) == UINT64_C(0x93f5f5799a932462));
	struct client_key *key = client_key_new(secret), *same = client_key_new(secret),
			  *else_key = client_key_new(other);
	const uint64_t day = (uint64_t)time(NULL) / 86400 + 1;
	assert_true(hashed(key, day) == hashed(same, day) && hashed(key, day) != hashed(else_key, day));
	assert_true(hashed(key, day + 1) == hashed(same, day + 1) && hashed(key, day + 1) != hashed(else_key, day));
	assert_true(client_secret_number(secret) == client_secret_number(secret) &&
		    client_secret_number(secret) != client_secret_number(other));
	client_key_free(&key);
	client_key_free(&same);
	client_key_free(&else_key);
}

static void secret_of_a_file(void **state)
{
	(void)state;
	static const struct {
		size_t octets;
		mode_t mode;
		int status;
		const char *words;
	} files[] = {{32, 0640, 0, NULL}, {32, 0600, 0, NULL}, {31, 0640, -EBADMSG, "not a file of 32 octets"},
		{33, 0640, -EBADMSG, "32 octets"}, {0, 0640, -EBADMSG, "32 octets"},
		{32, 0644, -EACCES, "mode 0644 lets others at it"}, {32, 0641, -EACCES, "chmod 640"}};
	const char *path = in_directory("client.key"), *link = in_directory("link");
	uint8_t secret[CLIENT_SECRET];
	struct why why;
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		for (size_t o = 0; o < files[i].octets; o++)
			putc((int)o + 1, file);
		fclose(file);
		assert_int_equal(chmod(path, files[i].mode), 0);
		assert_int_equal(client_secret_read(secret, path, &why), files[i].status);
		if (files[i].status == 0)
			assert_true(secret[0] == 1 && secret[31] == 32);
		else
			assert_non_null(strstr(why.text, files[i].words));
	}
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(client_secret_read(secret, link, &why), -ELOOP);
	assert_int_equal(client_secret_read(secret, test_directory, &why), -EBADMSG);
	assert_int_equal(client_secret_read(secret, "/nonexistent/key", &why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spread),
		cmocka_unit_test(days),
		cmocka_unit_test(drawing),
		cmocka_unit_test(shared_secret),
		cmocka_unit_test_setup_teardown(secret_of_a_file, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
