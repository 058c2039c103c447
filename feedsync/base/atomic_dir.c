/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/atomic_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "libweir/errors.h"

enum { MAX_DEPTH = 16 }; /* of nested directories; each takes a descriptor */

static int remove_at(int parent, const char *name, unsigned depth);

/* Removes what a directory holds, even if its mode shuts out its owner. */
static int empty(int parent, const char *name, unsigned depth)
{
	int opened_up = fchmodat(parent, name, S_IRWXU, AT_SYMLINK_NOFOLLOW);
	(void)opened_up; /* if it failed and was needed, the next step says why */
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	int status = dir ? 0 : -errno;
	for (struct dirent *entry; dir && status == 0 && (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = remove_at(fd, entry->d_name, depth + 1);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return status;
}

/* Removes by descriptors, so that no link that somebody puts there meanwhile leads elsewhere. */
static int remove_at(int parent, const char *name, unsigned depth)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -errno;
	int status = depth < MAX_DEPTH ? empty(parent, name, depth) : 0;
	if (status == 0 && unlinkat(parent, name, AT_REMOVEDIR) != 0)
		return -errno;
	return status;
}

void atomic_dir_remove_at(int directory, const char *name)
{
	remove_at(directory, name, 0);
}

void atomic_dir_remove(const char *path)
{
	atomic_dir_remove_at(AT_FDCWD, path);
}

int atomic_dir_begin(const char *next, struct why *why)
{
	int status = remove_at(AT_FDCWD, next, 0);
	if (status != 0)
		return why_set(why, status, "cannot remove %s: %s", next, error_text(status));
	if (mkdir(next, MODE_DIRECTORY) != 0)
		return why_set(why, -errno, "cannot create %s: %s", next, error_text(-errno));
	return 0;
}

int atomic_dir_link(const char *current, const char *old, const char *next, const char *name)
{
	char from[4096], to[4096];
	snprintf(from, sizeof from, "%s/%s", current, old);
	snprintf(to, sizeof to, "%s/%s", next, name);
	return link(from, to) == 0 ? 0 : -errno;
}

/* The name under which the old directory waits for its removal. */
static void aside_path(const char *current, char path[4096])
{
	snprintf(path, 4096, "%s.old", current);
}

/* Some file systems cannot exchange two names. Then `current` is missing for a moment; atomic_dir_recover mends
 * that. */
static int rename_both(const char *next, const char *current)
{
	char aside[4096];
	aside_path(current, aside);
	atomic_dir_remove(aside);
	if (rename(current, aside) != 0)
		return -errno;
	if (rename(next, current) != 0) {
		int error = errno;
		if (rename(aside, current) != 0)
			return -errno;
		return -error;
	}
	atomic_dir_remove(aside);
	return 0;
}

static int exchange_dirs(const char *next, const char *current)
{
	struct stat st;
	if (lstat(current, &st) != 0)
		return rename(next, current) == 0 ? 0 : -errno;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, current, RENAME_EXCHANGE) == 0) {
		atomic_dir_remove(next);
		return 0;
	}
	return errno == EINVAL || errno == ENOSYS ? rename_both(next, current) : -errno;
}

int atomic_dir_commit(const char *next, const char *current, struct why *why)
{
	int status = directory_sync(next, why);
	if (status != 0)
		return status;
	status = exchange_dirs(next, current);
	if (status != 0)
		return why_set(why, status, "cannot put %s in its place: %s", next, error_text(status));
	/* Only the change of the name is not durable yet: a crash would bring back the old directory, whole. */
	return directory_sync_parent(current, why) == 0 ? 0 : DURABILITY_UNCERTAIN;
}

void atomic_dir_recover(const char *current)
{
	char aside[4096];
	aside_path(current, aside);
	if (access(current, F_OK) == 0)
		atomic_dir_remove(aside);
	else
		rename(aside, current); /* if that fails it is tried again the next time */
}
