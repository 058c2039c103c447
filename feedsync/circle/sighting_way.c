/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_way.h"

#include <string.h>

const struct sighting_way *sighting_way_find(const char *word)
{
#define SIGHTING_WAY_ADDRESS(name, ...) &sighting_way_##name,
	static const struct sighting_way *const ways[] = {EACH_SIGHTING_WAY(SIGHTING_WAY_ADDRESS) NULL};
#undef SIGHTING_WAY_ADDRESS
	unsigned i = 0;
	while (ways[i] && strcmp(ways[i]->word, word) != 0)
		i++;
	return ways[i];
}
