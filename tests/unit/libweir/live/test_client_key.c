/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash of clients, and the life of its key. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "libweir/little_endian.h"
#include "libweir/live/client_key_file.h"

/* ---- what the system gives, and what becomes of it ---- */

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);
time_t __real_time(time_t *now);
time_t __wrap_time(time_t *now);
void __real_explicit_bzero(void *octets, size_t length);
void __wrap_explicit_bzero(void *octets, size_t length);
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room);

static enum { REAL, NO_RANDOM, KNOWN_RANDOM } randomness;
static time_t set_time;            /* 0: the clock's own */
static struct client_key *watched; /* its state while it is drawn is noted */
static uint64_t state_while_drawn;
static const void *drawn_at; /* where the drawn octets were, and whether they were wiped there */
static bool wiped;
static const uint8_t *sought; /* 16 octets, and whether they were wiped somewhere */
static bool sought_wiped;

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	if (watched)
		state_while_drawn = atomic_load(&watched->state);
	drawn_at = buffer;
	wiped = false;
	if (randomness == REAL)
		return __real_getrandom(buffer, length, flags);
	errno = EAGAIN;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)buffer)[i] = (uint8_t)(i + 1);
	return randomness == NO_RANDOM ? -1 : (ssize_t)length;
}

time_t __wrap_time(time_t *now)
{
	return set_time ? set_time : __real_time(now);
}

void __wrap_explicit_bzero(void *octets, size_t length)
{
	sought_wiped |= sought && length == 16 && memcmp(octets, sought, 16) == 0;
	wiped = octets == drawn_at && length == CLIENT_KEY_PARTS * sizeof(uint64_t);
	__real_explicit_bzero(octets, length);
}

/* What compilers with -D_FORTIFY_SOURCE make of it. */
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room)
{
	assert_true(length <= room);
	__wrap_explicit_bzero(octets, length);
}

static int reset(void **state)
{
	(void)state;
	randomness = REAL;
	set_time = 0;
	watched = NULL;
	return 0;
}

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

/* The key of a day is the same for all who have the secret: octets by Python's hashlib; SipHash as its authors' test vectors
 * have it. Nothing else gets into the page, and nothing of the key is left behind. */
static void keys_of_a_secret(void **state)
{
	(void)state;
	static const struct {
		uint64_t day, client, part[2], hash;
	} cases[] = {{0, 0, {UINT64_C(0x5c40da045867b8b6), UINT64_C(0x0c720ba4a7f44492)}, UINT64_C(0x66e7b18af71ec0ac)},
		{20000, 1, {UINT64_C(0xaee9eb2eabee8d20), UINT64_C(0x57c82fc0da4c790b)}, UINT64_C(0x210c1038ee6d2048)},
		{20785, UINT64_C(0xffff7f000001), {UINT64_C(0xb13179dc4b4d3202), UINT64_C(0x7df8a3b27451c617)},
			UINT64_C(0x4dbc61e1e7e8ea6a)},
		{25000, UINT64_MAX, {UINT64_C(0xc56e18b85ec51899), UINT64_C(0xc2ce5a433cc24984)},
			UINT64_C(0x3ab206f75c4215ee)}};
	uint8_t secret[CLIENT_SECRET];
	for (unsigned i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)i;
	assert_true(client_siphash(UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908),
			    UINT64_C(0x0706050403020100)) == UINT64_C(0x93f5f5799a932462));
	assert_true(client_secret_number(secret) == UINT64_C(0x347cc6984f897378));
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t octets[16];
		uint64_t hash;
		set_time = 86400 * (time_t)(cases[i].day + 10);
		struct client_key *key = client_key_new(secret);
		put_u64(octets, cases[i].part[0]);
		put_u64(octets + 8, cases[i].part[1]);
		sought = octets;
		sought_wiped = false;
		assert_true(client_key_hash(key, cases[i].day, cases[i].client, &hash));
		assert_true(sought_wiped);
		for (unsigned p = 0; p < CLIENT_KEY_PARTS; p++)
			assert_true(atomic_load(&key->part[p]) == (p < 2 ? cases[i].part[p] : 0));
		assert_true(hash == cases[i].hash);
		sought = NULL;
		client_key_free(&key);
	}
}

static void shared_secret(void **state)
{
	(void)state;
	const uint8_t secret[CLIENT_SECRET] = {2}, other[CLIENT_SECRET] = {1};
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
	assert_int_equal(
		mkfifo(in_directory("fifo"), 0600), 0); /* nobody writes to it: to wait for that would be for ever */
	assert_int_equal(client_secret_read(secret, in_directory("fifo"), &why), -EBADMSG);
	assert_int_equal(client_secret_read(secret, "/nonexistent/key", &why), -ENOENT);
}

/* The first key is that of the day on which the process starts. */
static void first_day(void **state)
{
	(void)state;
	static const struct {
		time_t now;
		uint64_t day;
	} cases[] = {{86400, 1}, {86400 * 100 - 1, 99}, {86400 * 100, 100}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_time = cases[i].now;
		struct client_key *key = client_key_new(NULL);
		assert_int_equal(atomic_load(&key->state), 2 * cases[i].day);
		void *page = key;
		client_key_free(&key);
		assert_null(key);
		assert_int_equal(msync(page, 1, MS_ASYNC), -1); /* it is no memory any more */
		client_key_free(&key);
	}
}

/* A key is drawn for a day whose key is neither there nor the one before: nobody's clock is right to the second. All of it
 * is new, and what was drawn is nowhere else. */
static void when_it_is_drawn(void **state)
{
	(void)state;
	enum { DAY = 1000 };
	static const struct {
		uint64_t state;
		bool drawn;
	} cases[] = {{2 * DAY, false}, {2 * DAY + 1, false}, {2 * DAY + 2, false}, {2 * DAY + 3, false},
		{2 * DAY + 4, true}, {2 * DAY - 1, true}, {2 * DAY - 2, true}, {0, true}, {4 * DAY, true}};
	struct client_key *key = client_key_new(NULL);
	randomness = KNOWN_RANDOM;
	watched = key;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t expected[CLIENT_KEY_PARTS] = {0};
		uint8_t *octets = (uint8_t *)expected;
		for (size_t o = 0; cases[i].drawn && o < sizeof expected; o++)
			octets[o] = (uint8_t)(o + 1);
		for (unsigned p = 0; p < CLIENT_KEY_PARTS; p++)
			atomic_store(&key->part[p], 0);
		atomic_store(&key->state, cases[i].state);
		state_while_drawn = 0;
		client_key_draw(key, DAY);
		for (unsigned p = 0; p < CLIENT_KEY_PARTS; p++)
			assert_int_equal(atomic_load(&key->part[p]), expected[p]);
		assert_int_equal(atomic_load(&key->state), cases[i].drawn ? 2 * DAY : cases[i].state);
		assert_int_equal(state_while_drawn, cases[i].drawn ? 2 * DAY + 1 : 0);
		assert_true(!cases[i].drawn || wiped);
	}
	client_key_free(&key);
}

/* Without random numbers there is no first key, and none on a later day: clients are not hashed then. */
static void without_random_numbers(void **state)
{
	(void)state;
	enum { DAY = 100 }; /* its state while it is drawn is a multiple of 3 */
	uint64_t hash = 0;
	set_time = DAY * 86400;
	struct client_key *key = client_key_new(NULL);
	randomness = NO_RANDOM;
	assert_null(client_key_new(NULL));
	assert_false(client_key_hash(key, DAY + 1, 1, &hash));
	assert_int_equal(atomic_load(&key->state), 2 * (DAY + 1) + 1);
	randomness = REAL;
	assert_false(client_key_hash(key, DAY + 1, 1, &hash));
	assert_true(client_key_hash(key, DAY + 2, 1, &hash));
	client_key_free(&key);
}

/* A core dump does not have the key. */
static void in_no_core_dump(void **state)
{
	(void)state;
	char line[512], begins[40];
	bool inside = false, left_out = false;
	struct client_key *key = client_key_new(NULL);
	snprintf(begins, sizeof begins, "%lx-", (unsigned long)(uintptr_t)key);
	FILE *maps = fopen("/proc/self/smaps", "r");
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		if (strncmp(line, begins, strlen(begins)) == 0)
			inside = true;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			left_out = strstr(line, " dd") != NULL;
			break;
		}
	}
	fclose(maps);
	assert_true(left_out);
	client_key_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(spread, reset),
		cmocka_unit_test_setup(first_day, reset),
		cmocka_unit_test_setup(when_it_is_drawn, reset),
		cmocka_unit_test_setup(days, reset),
		cmocka_unit_test_setup(drawing, reset),
		cmocka_unit_test_setup(keys_of_a_secret, reset),
		cmocka_unit_test_setup(shared_secret, reset),
		cmocka_unit_test_setup(without_random_numbers, reset),
		cmocka_unit_test_setup(in_no_core_dump, reset),
		cmocka_unit_test_setup_teardown(secret_of_a_file, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
