/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/disk_budget.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

/* Where a file system does not tell blocks, the file's length counts. */
static uint64_t size_of(const struct stat *st)
{
	uint64_t blocks = (uint64_t)st->st_blocks * 512, octets = (uint64_t)st->st_size;
	return blocks > octets ? blocks : octets;
}

void disk_budget_begin(struct disk_budget *room, const char *directory, const char *kept)
{
	*room = (struct disk_budget){.directory = directory};
	DIR *dir = kept ? opendir(kept) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		struct stat st;
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			room->own += size_of(&st);
	}
	if (dir)
		closedir(dir);
}

int disk_budget_take(struct disk_budget *room, uint64_t octets, struct why *why)
{
	struct statvfs fs;
	uint64_t used = room->used + octets, all = room->own + used;
	if (all > MAX_FEED_DISK)
		return why_set(why, -ENOSPC, "more than %llu MB of one feed in all",
			(unsigned long long)(MAX_FEED_DISK >> 20));
	if (statvfs(room->directory, &fs) == 0) {
		uint64_t free = (uint64_t)fs.f_bavail * fs.f_frsize, share = (uint64_t)fs.f_blocks * fs.f_frsize / 16;
		uint64_t most = free > share ? free : share;
		if (used > free || (room->own > 0 && all > most))
			return why_set(why, -ENOSPC,
				"it would leave too little of the disk: %llu MB have come, %llu were there, %llu are "
				"free",
				(unsigned long long)(used >> 20), (unsigned long long)(room->own >> 20),
				(unsigned long long)(free >> 20));
	}
	room->used = used;
	return 0;
}

void disk_budget_give(struct disk_budget *room, uint64_t octets)
{
	room->used -= octets < room->used ? octets : room->used;
}
