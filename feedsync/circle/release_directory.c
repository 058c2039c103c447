/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/release_directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/number.h"
#include "libweir/errors.h"

/* ---- names ---- */

void release_directory_path(const char *to, uint32_t serial, char path[RELEASE_PATH])
{
	snprintf(path, RELEASE_PATH, "%s/r%u", to, serial);
}

static void current_path(const char *to, char path[RELEASE_PATH])
{
	snprintf(path, RELEASE_PATH, "%s/current", to);
}

static void next_path(const char *to, char path[RELEASE_PATH])
{
	snprintf(path, RELEASE_PATH, "%s/next", to);
}

int release_directory_current(const char *to, uint32_t *serial, struct why *why)
{
	char path[RELEASE_PATH], target[32];
	uint64_t number;
	*serial = 0;
	current_path(to, path);
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length < 0 && errno == ENOENT)
		return 0;
	if (length < 0)
		return why_set(why, -errno, "%.150s: %s", path, errno == EINVAL ? "not a link" : error_text(-errno));
	if (target[0] != 'r' || !number_read(target + 1, (size_t)length - 1, &number) || number == 0 ||
		number > UINT32_MAX)
		return why_set(why, -EBADMSG, "%.150s: leads to no release", path);
	*serial = (uint32_t)number;
	return 0;
}

uint32_t release_directory_serial(const char *name)
{
	size_t digits = name[0] == 'r' ? strspn(name + 1, "0123456789") : 0;
	const char *end = name + 1 + digits;
	uint64_t number;
	if (digits == 0 || (*end && strcmp(end, ".items") != 0) || !number_read(name + 1, digits, &number) ||
		number > UINT32_MAX)
		return 0;
	return (uint32_t)number;
}

/* ---- files that stay the same ---- */

/* Puts the file of the release before in the place of a new one that is the same, and that the same people can read. Some
 * disks have no links, or no more of this file: then the new one stays. */
static void reuse_file(const char *path, const char *old)
{
	char linked[RELEASE_PATH + 8];
	struct stat new, before;
	if (!files_are_same(path, old) || stat(path, &new) != 0 || lstat(old, &before) != 0 ||
		new.st_mode != before.st_mode || new.st_uid != before.st_uid || new.st_gid != before.st_gid)
		return;
	snprintf(linked, sizeof linked, "%s.same", path);
	if (link(old, linked) == 0 && rename(linked, path) != 0)
		unlink(linked);
}

/* Reuses files, and syncs directories. `below` is the path within the release. */
static int settle_directory(const char *next, const char *current, const char *below, unsigned depth, struct why *why)
{
	char path[RELEASE_PATH], old[RELEASE_PATH], name[RELEASE_PATH];
	struct stat st;
	snprintf(path, sizeof path, "%s%s", next, below);
	DIR *dir = opendir(path);
	int status = dir ? 0 : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	for (struct dirent *entry; dir && status == 0 && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", below, entry->d_name);
		snprintf(path, sizeof path, "%s%s", next, name);
		snprintf(old, sizeof old, "%s%s", current, name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			status = depth < 8 ? settle_directory(next, current, name, depth + 1, why) : -ELOOP;
		else
			reuse_file(path, old);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof path, "%s%s", next, below);
	return status == 0 ? directory_sync(path, why) : status;
}

/* ---- releases ---- */

int release_directory_begin(const char *to, char next[RELEASE_PATH], struct why *why)
{
	int status = directory_create(to);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", to, error_text(status));
	next_path(to, next);
	return atomic_dir_begin(next, why);
}

int release_directory_settle(const char *to, uint32_t serial, struct why *why)
{
	char next[RELEASE_PATH], current[RELEASE_PATH], path[RELEASE_PATH];
	next_path(to, next);
	current_path(to, current);
	release_directory_path(to, serial, path);
	int status = settle_directory(next, current, "", 0, why);
	if (status != 0)
		return status;
	atomic_dir_remove(path); /* of an attempt that nobody saw */
	return rename(next, path) == 0 ? 0 : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
}

int release_directory_show(const char *to, uint32_t serial, struct why *unsynced, struct why *why)
{
	char target[32], link_path[RELEASE_PATH], current[RELEASE_PATH];
	snprintf(target, sizeof target, "r%u", serial);
	snprintf(link_path, sizeof link_path, "%s/current.next", to);
	current_path(to, current);
	int status = directory_sync(to, why);
	if (status != 0)
		return status;
	if ((unlink(link_path) != 0 && errno != ENOENT) || symlink(target, link_path) != 0 ||
		rename(link_path, current) != 0)
		return why_set(why, -errno, "%.150s: %s", current, error_text(-errno));
	/* Only the change of the link is not durable yet: a crash would bring back the old one. */
	if (directory_sync(to, unsynced) == 0)
		unsynced->text[0] = '\0';
	return 0;
}

void release_directory_prune(const char *to, uint32_t serial)
{
	DIR *dir = opendir(to);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		uint64_t number = release_directory_serial(entry->d_name);
		if (number > 0 && (number + RELEASES_KEPT <= serial || number > serial))
			atomic_dir_remove_at(dirfd(dir), entry->d_name);
	}
	closedir(dir);
}
