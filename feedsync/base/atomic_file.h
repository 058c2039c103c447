/* SPDX-License-Identifier: BSD-3-Clause */
/* Replaces a file so that a reader sees the whole old file or the whole new one, also after a crash. The new file is
 * written beside the old one under a temporary name, synced, and renamed over it; then the directory is synced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "feedsync/base/act_as_owner.h"
#include "libweir/attributes.h"

/* Modes: a file for everybody to read; one for feedsync and its group, since it may hold what only they should know;
 * one for feedsync alone; a directory for feedsync and its group. */
enum { MODE_PUBLIC = 0644, MODE_PRIVATE = 0640, MODE_SECRET = 0600, MODE_DIRECTORY = 0750 };

struct why;

struct atomic_file {
	int fd;             /* of the temporary file, for writing */
	struct owner owner; /* of the path that was asked for: root writes there as this user */
	char path[4096];
	char temporary[4096];
	bool exclusive; /* the commit fails where something stands */
};

/* Creates the temporary file, with this mode. Where `path` is a symbolic link, the file that it leads to will be
 * replaced. Temporary files for this path that a dead process left are removed. After success atomic_file_commit
 * or atomic_file_abort must follow. Returns 0; -EINVAL where something other than a regular file stands there;
 * -EPERM where a link belongs to another user; or another -errno; with the reason. */
must_check int atomic_file_begin(struct atomic_file *publish, const char *path, mode_t mode, struct why *why);

/* Puts the new file in the place of the old one. Returns 0; -errno with the reason: the old file still stands, and
 * the temporary one is gone; or DURABILITY_UNCERTAIN with the reason: the new file stands, but a crash may bring
 * back the old one, since the directory could not be synced. */
#define DURABILITY_UNCERTAIN 1
must_check int atomic_file_commit(struct atomic_file *publish, struct why *why);

void atomic_file_abort(struct atomic_file *publish);

/* All of it for a small file. Returns as atomic_file_commit does. */
must_check int atomic_file_write(const char *path, mode_t mode, const char *text, size_t length, struct why *why);

/* The same where nothing must stand yet: -EEXIST where something does; -ENOTSUP where the file system has no hard links. Of two
 * processes that do so one succeeds, also of two machines that share the file system. */
must_check int atomic_file_create(const char *path, mode_t mode, const char *text, size_t length, struct why *why);

/* Removes all temporary files in a directory that dead processes left. */
void atomic_file_sweep(const char *directory);

/* Syncs the finished file `from` and puts it in the place of `to`, in the same file system. Returns as
 * atomic_file_commit does; `from` is gone in any case. atomic_file_replace_unsynced does not sync the directory:
 * one directory_sync does that for many files. */
must_check int atomic_file_replace(const char *from, const char *to, struct why *why);
must_check int atomic_file_replace_unsynced(const char *from, const char *to, struct why *why);
must_check int directory_sync(const char *directory, struct why *why);
must_check int directory_sync_parent(const char *path, struct why *why); /* of the directory that holds `path` */

/* Whether two files can be read and hold the same. */
bool files_are_same(const char *a, const char *b);

/* Creates a directory for feedsync and its group, if it is missing, and missing directories above it for all users.
 * Returns 0 or -errno. */
must_check int directory_create(const char *path);
