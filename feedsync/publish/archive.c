/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"
#include "libweir/restamp.h"

static const char ending[] = ".weir";

static void directory_path(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/tables", state);
}

void archive_path(const char *state, uint64_t generation, char path[4096])
{
	snprintf(path, 4096, "%s/tables/%llu%s", state, (unsigned long long)generation, ending);
}

int archive_copy(int from, const char *path, uint64_t generation, uint64_t created, struct why *why)
{
	struct atomic_file publish;
	int status = atomic_file_begin(&publish, path, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	status = table_restamp(from, publish.fd, generation, created, why);
	if (status == 0)
		return atomic_file_commit(&publish, why);
	atomic_file_abort(&publish);
	return status;
}

/* For where a table cannot get a second name: another file system, another user's file, a file system without links. */
static int copy_table(const char *table, const char *path, struct why *why)
{
	int from = open(table, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* as table_open does */
	if (from < 0)
		return why_set(why, -errno, "cannot open: %s", error_text(-errno));
	int status = archive_copy(from, path, 0, 0, why);
	close(from);
	return status;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int archive_add(const char *state, const char *table, uint64_t generation, struct why *why)
{
	char path[4096];
	struct why reason;
	directory_path(state, path);
	int status = directory_create(path);
	if (status != 0)
		return why_set(why, status, "cannot create %s: %s", path, error_text(status));
	archive_path(state, generation, path);
	if (is_same_file(table, path))
		return 0;
	unlink(path); /* an earlier life of this state directory may have left one */
	if (linkat(AT_FDCWD, table, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	status = copy_table(table, path, &reason);
	return status >= 0 ? 0 : why_set(why, status, "cannot archive %s as %s: %s", table, path, reason.text);
}

/* The generation in a file's name; 0 = the file is not an archived table. */
static uint64_t generation_of(const char *file)
{
	char *end, name[64];
	uint64_t generation = strtoull(file, &end, 10);
	snprintf(name, sizeof name, "%llu%s", (unsigned long long)generation, ending);
	return strcmp(name, file) == 0 ? generation : 0;
}

/* Inserts a generation into a sorted list, the newest first. The oldest falls off a full list. */
static size_t insert(uint64_t *list, size_t count, size_t room, uint64_t generation)
{
	size_t at = 0;
	while (at < count && list[at] > generation)
		at++;
	if (at == room)
		return count;
	if (count == room)
		count--;
	memmove(list + at + 1, list + at, (count - at) * sizeof *list);
	list[at] = generation;
	return count + 1;
}

size_t archive_list(const char *state, uint64_t *generations, size_t room)
{
	char path[4096];
	directory_path(state, path);
	DIR *dir = opendir(path);
	size_t count = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		uint64_t generation = generation_of(entry->d_name);
		if (generation > 0)
			count = insert(generations, count, room, generation);
	}
	if (dir)
		closedir(dir);
	return count;
}

bool archive_has_room(const char *directory, uint64_t octets)
{
	struct statvfs fs;
	return statvfs(directory, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= octets * KEPT_ROOM;
}

void archive_prune(const char *state)
{
	/* The list is longer than the archive may be. So tables that earlier runs could not remove go, too, a few at a
	 * time. */
	uint64_t generations[KEPT_TABLES * 2], octets = 0, largest = 0;
	char path[4096];
	struct stat st;
	size_t count = archive_list(state, generations, sizeof generations / sizeof *generations), keep = 0;
	for (; keep < count && keep < KEPT_TABLES; keep++) {
		archive_path(state, generations[keep], path);
		uint64_t size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
		octets += size;
		largest = size > largest ? size : largest;
		if (keep >= 2 && octets > KEPT_OCTETS)
			break;
	}
	directory_path(state, path);
	for (size_t last = count; last > 2 && (last > keep || !archive_has_room(path, largest)); last--) {
		char file[4096];
		archive_path(state, generations[last - 1], file);
		if (unlink(file) != 0)
			log_warning("cannot remove %s: %s", file, error_text(-errno));
	}
}
