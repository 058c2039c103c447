/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_window.h"

#include <stdio.h>
#include <unistd.h>

#include "libweir/hash.h"

uint64_t pull_window_ms(const char *state, uint64_t serial, uint32_t window_s)
{
	char host[256] = "", id[4096];
	gethostname(host, sizeof host - 1);
	int length = snprintf(id, sizeof id, "%s %s", host, state);
	uint64_t hash = XXH3_64bits_withSeed(id, (size_t)length < sizeof id ? (size_t)length : sizeof id - 1, serial);
	return ((hash >> 32) * window_s * 1000) >> 32;
}
