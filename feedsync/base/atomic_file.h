/* SPDX-License-Identifier: BSD-3-Clause */
/* Replacing a file so that a reader, and whoever comes after a crash, sees the whole old or the whole new one: a
 * temporary file beside it, written, synced, renamed over it, and the directory synced. */
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
	struct owner owner; /* of the path that was asked for: root does there what he may do */
	char path[4096];
	char temporary[4096];
};

/* Begins: creates the temporary file, with this mode. Where `path` is a symbolic link, the file it leads to is the one
 * to be replaced. Returns 0 or -errno, -EINVAL where something stands there that is no regular file, -EPERM where a link
 * is another user's. After success one
 * of the two below must follow. Temporary files for this path whose run has died are removed. */
must_check int atomic_file_begin(struct atomic_file *publish, const char *path, mode_t mode, struct why *why);

/* Commits. Returns 0, or -errno: the old file still stands and the temporary one is gone, except when the last step
 * (making the rename durable) fails; then the new file stands, `why` says "durability uncertain", and the result is
 * DURABILITY_UNCERTAIN. */
#define DURABILITY_UNCERTAIN 1
must_check int atomic_file_commit(struct atomic_file *publish, struct why *why);

void atomic_file_abort(struct atomic_file *publish);

/* All of it for a small file. Returns as atomic_file_commit does. */
must_check int atomic_file_write(const char *path, mode_t mode, const char *text, size_t length, struct why *why);

/* Makes a finished file at `from` durable and puts it in the place of `to`, in the same file system. Returns as
 * atomic_file_commit does; `from` is gone in any case. atomic_file_replace_unsynced leaves the last step, making the rename itself durable,
 * to one directory_sync for many files of a directory. */
must_check int atomic_file_replace(const char *from, const char *to, struct why *why);
must_check int atomic_file_replace_unsynced(const char *from, const char *to, struct why *why);
must_check int directory_sync(const char *directory, struct why *why);
must_check int directory_sync_parent(const char *path, struct why *why); /* of the directory that holds `path` */

/* Whether two files can be read and hold the same. */
bool files_are_same(const char *a, const char *b);

/* Creates a directory for feedsync and its group, and those above it for all, as far as they are missing. Returns 0 or
 * -errno. */
must_check int directory_create(const char *path);
