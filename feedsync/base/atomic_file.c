/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/whole_write.h"
#include "libweir/errors.h"

/* The temporary name of /dir/name is /dir/.name.weir-XXXXXX. */
static const char mark[] = ".weir-";

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void directory_of(const char *path, char directory[4096])
{
	size_t length = (size_t)(base_of(path) - path);
	if (length == 0)
		snprintf(directory, 4096, ".");
	else
		snprintf(directory, 4096, "%.*s", (int)length, path);
}

/* Whether a file of the directory is a temporary file of ours for this base name; NULL: for any. */
static bool is_leftover(const char *file, const char *base)
{
	size_t length = strlen(file), tail = sizeof mark - 1 + 6;
	if (file[0] != '.' || length <= 1 + tail || strncmp(file + length - tail, mark, sizeof mark - 1) != 0)
		return false;
	return !base || (length == 1 + strlen(base) + tail && strncmp(file + 1, base, strlen(base)) == 0);
}

/* Removes the temporary file of a run that has died. A run holds a lock on its file, so a file that can be locked has
 * no run any more. Where files cannot be locked, only age tells. */
static void remove_abandoned(int directory, const char *file)
{
	struct stat st;
	int fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	bool abandoned = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!abandoned && errno != EWOULDBLOCK)
		abandoned = fstat(fd, &st) == 0 && st.st_mtime < time(NULL) - ONE_DAY_S;
	if (abandoned)
		unlinkat(directory, file, 0); /* while it is locked: create_locked sees it gone */
	close(fd);
}

static void remove_all_abandoned(const char *directory, const char *base)
{
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (is_leftover(entry->d_name, base))
			remove_abandoned(dirfd(dir), entry->d_name);
	closedir(dir);
}

void atomic_file_sweep(const char *directory)
{
	remove_all_abandoned(directory, NULL);
}

/* Creates the temporary file and locks it. Between the two another run may have taken the file for a leftover. */
static int create_locked(char *temporary)
{
	size_t length = strlen(temporary);
	for (;;) {
		struct stat st;
		memcpy(temporary + length - 6, "XXXXXX", 6);
		int fd = mkostemp(temporary, O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0 || st.st_nlink > 0)
			return fd;
		close(fd);
	}
}

/* Where the file is, or will be: at the end of symbolic links. */
static int find_target(struct atomic_file *publish, const char *path, struct why *why)
{
	struct stat st;
	char target[PATH_MAX];
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && st.st_uid != 0 && st.st_uid != owner_acting())
		return why_set(why, -EPERM, "%s: a symbolic link of another user, %u: not followed", path, st.st_uid);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s: not a regular file", path);
	const char *found = realpath(path, target);
	if (!found && lstat(path, &st) == 0)
		return why_set(why, -errno, "%s: a symbolic link to nothing", path);
	int length = snprintf(publish->path, sizeof publish->path, "%s", found ? found : path);
	return (size_t)length < sizeof publish->path ? 0 : why_set(why, -ENAMETOOLONG, "%s: path too long", path);
}

static int begin_as_owner(struct atomic_file *publish, const char *path, mode_t mode, struct why *why)
{
	int status = find_target(publish, path, why);
	if (status != 0)
		return status;
	int prefix = (int)(base_of(publish->path) - publish->path);
	int length = snprintf(publish->temporary, sizeof publish->temporary, "%.*s.%s%sXXXXXX", prefix, publish->path,
		base_of(publish->path), mark);
	if ((size_t)length >= sizeof publish->temporary)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", path);
	char directory[4096];
	directory_of(publish->path, directory);
	remove_all_abandoned(directory, base_of(publish->path));
	publish->fd = create_locked(publish->temporary);
	if (publish->fd < 0)
		return why_set(why, -errno, "cannot create %s: %s", publish->temporary, error_text(-errno));
	if (fchmod(publish->fd, mode) != 0) {
		status = -errno;
		atomic_file_abort(publish);
		return why_set(why, status, "cannot set the mode of %s: %s", publish->temporary, error_text(status));
	}
	return 0;
}

int atomic_file_begin(struct atomic_file *publish, const char *path, mode_t mode, struct why *why)
{
	struct owner_visit visit;
	publish->exclusive = false;
	int status = owner_of(path, &publish->owner, why);
	if (status == 0)
		status = owner_enter(&visit, &publish->owner, why);
	if (status != 0)
		return status;
	status = begin_as_owner(publish, path, mode, why);
	owner_leave(&visit);
	return status;
}

int directory_sync(const char *directory, struct why *why)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = fd < 0 || fsync(fd) != 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return status == 0 ? 0 : why_set(why, status, "cannot sync %s: %s", directory, error_text(status));
}

/* Gives the temporary file its name. A file system without links says EPERM (link(2)), or that it does not know the call. */
static int name_temporary(const struct atomic_file *publish)
{
	if (!publish->exclusive)
		return rename(publish->temporary, publish->path) == 0 ? 0 : -errno;
	if (link(publish->temporary, publish->path) == 0)
		return 0;
	return errno == EPERM || errno == ENOSYS ? -ENOTSUP : -errno;
}

/* Syncs the temporary file and renames it. The file stays open, and so locked, until it has its name. The sync has
 * reported what closing could report. */
static int commit_file(struct atomic_file *publish, struct why *why)
{
	if (fsync(publish->fd) != 0) {
		int status = -errno;
		atomic_file_abort(publish);
		return why_set(why, status, "%s not committed: cannot sync: %s", publish->path, error_text(status));
	}
	int status = name_temporary(publish);
	if (status != 0 || publish->exclusive)
		unlink(publish->temporary);
	close(publish->fd);
	publish->fd = -1;
	return status == 0 ? 0 : why_set(why, status, "%s not committed: %s", publish->path, error_text(status));
}

int directory_sync_parent(const char *path, struct why *why)
{
	char directory[4096];
	directory_of(path, directory);
	return directory_sync(directory, why);
}

static int commit_as_owner(struct atomic_file *publish, struct why *why)
{
	struct why reason;
	int status = commit_file(publish, why);
	if (status != 0)
		return status;
	if (directory_sync_parent(publish->path, &reason) != 0)
		return why_set(why, DURABILITY_UNCERTAIN, "%s committed, durability uncertain: %s", publish->path,
			reason.text);
	return 0;
}

int atomic_file_commit(struct atomic_file *publish, struct why *why)
{
	struct owner_visit visit;
	int status = owner_enter(&visit, &publish->owner, why);
	if (status != 0) {
		atomic_file_abort(publish);
		return status;
	}
	status = commit_as_owner(publish, why);
	owner_leave(&visit);
	return status;
}

void atomic_file_abort(struct atomic_file *publish)
{
	struct owner_visit visit;
	struct why why;
	if (publish->fd >= 0)
		close(publish->fd);
	publish->fd = -1;
	if (owner_enter(&visit, &publish->owner, &why) != 0)
		return; /* the next run removes what is left */
	unlink(publish->temporary);
	owner_leave(&visit);
}

static int open_finished(struct atomic_file *publish, const char *from, const char *to, struct why *why)
{
	publish->exclusive = false;
	publish->owner = (struct owner){0}; /* these are files of the state directory, used as its owner anyway */
	publish->fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (publish->fd < 0)
		return why_set(why, -errno, "cannot open %s: %s", from, error_text(-errno));
	snprintf(publish->path, sizeof publish->path, "%s", to);
	snprintf(publish->temporary, sizeof publish->temporary, "%s", from);
	return 0;
}

int atomic_file_replace(const char *from, const char *to, struct why *why)
{
	struct atomic_file publish;
	int status = open_finished(&publish, from, to, why);
	return status == 0 ? atomic_file_commit(&publish, why) : status;
}

int atomic_file_replace_unsynced(const char *from, const char *to, struct why *why)
{
	struct atomic_file publish;
	int status = open_finished(&publish, from, to, why);
	return status == 0 ? commit_file(&publish, why) : status;
}

static int write_and_commit(
	const char *path, mode_t mode, const char *text, size_t length, bool exclusive, struct why *why)
{
	struct atomic_file publish;
	int status = atomic_file_begin(&publish, path, mode, why);
	if (status != 0)
		return status;
	publish.exclusive = exclusive;
	status = whole_write(publish.fd, text, length);
	if (status != 0) {
		atomic_file_abort(&publish);
		return why_set(why, status, "cannot write %s: %s", path, error_text(status));
	}
	return atomic_file_commit(&publish, why);
}

int atomic_file_write(const char *path, mode_t mode, const char *text, size_t length, struct why *why)
{
	return write_and_commit(path, mode, text, length, false, why);
}

int atomic_file_create(const char *path, mode_t mode, const char *text, size_t length, struct why *why)
{
	return write_and_commit(path, mode, text, length, true, why);
}

int directory_create(const char *path)
{
	char part[4096];
	if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part)
		return -ENAMETOOLONG;
	for (char *at = part + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char end = *at;
		*at = '\0';
		if (mkdir(part, end ? 0755 : MODE_DIRECTORY) != 0 && errno != EEXIST)
			return -errno;
		*at = end;
		if (end == '\0')
			return 0;
	}
}

bool files_are_same(const char *a, const char *b)
{
	static char x[65536], y[65536];
	FILE *first, *second = NULL;
	bool same = regular_file_open(&first, a, NULL) == 0 && regular_file_open(&second, b, NULL) == 0;
	for (size_t n = 1; same && n > 0;) {
		n = fread(x, 1, sizeof x, first);
		same = fread(y, 1, sizeof y, second) == n && memcmp(x, y, n) == 0;
	}
	if (first)
		fclose(first);
	if (second)
		fclose(second);
	return same;
}
