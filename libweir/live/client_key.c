/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/client_key.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

enum { DAY_S = 86400 };

struct client_key *client_key_new(void)
{
	struct client_key *key = mmap(NULL, sizeof *key, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (key == MAP_FAILED)
		return NULL;
	madvise(key, sizeof *key, MADV_DONTDUMP);
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
	if (getrandom(drawn, sizeof drawn, GRND_NONBLOCK) != sizeof drawn)
		return;
	for (unsigned i = 0; i < CLIENT_KEY_PARTS; i++)
		atomic_store_explicit(&key->part[i], drawn[i], memory_order_release);
	explicit_bzero(drawn, sizeof drawn);
	atomic_store_explicit(&key->state, 2 * day, memory_order_release);
}
