/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/path_sum.h"

#include <stdio.h>

#include "libweir/hash.h"

uint64_t stat_sum(const struct stat *st)
{
	const uint64_t what[] = {st->st_dev, st->st_ino, st->st_mode, (uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec};
	return XXH3_64bits(what, sizeof what);
}

uint64_t path_sum(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? stat_sum(&st) : 0;
}

uint64_t path_sum_in(const char *directory, const char *name)
{
	char path[4096];
	int length = snprintf(path, sizeof path, "%s/%s", directory, name);
	return (size_t)length < sizeof path ? path_sum(path) : 0;
}
