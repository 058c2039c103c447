/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/client_key.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "libweir/little_endian.h"
#include "libweir/live/blake2b.h"

enum { DAY_S = 86400, DAY_KEY = 16 /* octets */ };

/* ---- of a shared secret ---- */

uint64_t client_secret_number(const uint8_t secret[CLIENT_SECRET])
{
	static const char text[] = "weir clients";
	uint8_t number[8];
	blake2b_keyed(number, sizeof number, secret, CLIENT_SECRET, text, sizeof text - 1);
	return get_u64(number);
}

static void derive_day_key(const uint8_t secret[CLIENT_SECRET], uint64_t day, uint64_t part[CLIENT_KEY_PARTS])
{
	const time_t time = (time_t)(day * DAY_S);
	char text[64] = "";
	uint8_t key[DAY_KEY];
	struct tm date;
	if (gmtime_r(&time, &date))
		(void)strftime(text, sizeof text, "weir clients %Y-%m-%d", &date);
	blake2b_keyed(key, sizeof key, secret, CLIENT_SECRET, text, strlen(text));
	part[0] = get_u64(key);
	part[1] = get_u64(key + 8);
	part[2] = part[3] = 0;
	explicit_bzero(key, sizeof key);
}

static uint64_t rotate_left(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* A round. Each blocked query may pay for it: without a call the words stay in registers. */
static inline __attribute__((always_inline)) void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

static inline __attribute__((always_inline)) void mix_sip(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

uint64_t client_siphash(uint64_t first, uint64_t second, uint64_t client)
{
	uint64_t v[4] = {first ^ UINT64_C(0x736f6d6570736575), second ^ UINT64_C(0x646f72616e646f6d),
		first ^ UINT64_C(0x6c7967656e657261), second ^ UINT64_C(0x7465646279746573)};
	mix_sip(v, client);
	mix_sip(v, (uint64_t)sizeof client << 56); /* its length stands behind the message */
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- the key of the day ---- */

struct client_key *client_key_new(const uint8_t *secret)
{
	struct client_key *key = mmap(NULL, sizeof *key, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (key == MAP_FAILED)
		return NULL;
	madvise(key, sizeof *key, MADV_DONTDUMP);
	key->shared = secret != NULL;
	if (secret)
		memcpy(key->secret, secret, sizeof key->secret);
	client_key_draw(key, (uint64_t)time(NULL) / DAY_S);
	if (atomic_load(&key->state) % 2 != 0)
		client_key_free(&key);
	return key;
}

void client_key_free(struct client_key **key)
{
	if (*key)
		munmap(*key, sizeof **key);
	*key = NULL;
}

void client_key_draw(struct client_key *key, uint64_t day)
{
	uint64_t state = atomic_load_explicit(&key->state, memory_order_relaxed), drawn[CLIENT_KEY_PARTS];
	if (state - 2 * day <= 3 || !atomic_compare_exchange_strong(&key->state, &state, 2 * day + 1))
		return;
	/* Without random numbers the state stays odd, and no client is hashed on this day. */
	if (key->shared)
		derive_day_key(key->secret, day, drawn);
	else if (getrandom(drawn, sizeof drawn, GRND_NONBLOCK) != sizeof drawn)
		return;
	for (unsigned i = 0; i < CLIENT_KEY_PARTS; i++)
		atomic_store_explicit(&key->part[i], drawn[i], memory_order_release);
	explicit_bzero(drawn, sizeof drawn);
	atomic_store_explicit(&key->state, 2 * day, memory_order_release);
}
