/* SPDX-License-Identifier: BSD-3-Clause */
/* Replaces a directory of files as a whole. The new directory is put together beside the old one, from new files
 * and from links to old files that stay. Then it takes the place of the old one. After a crash there is the whole
 * old directory or the whole new one. No file is ever written in place, so a link to an old file keeps its
 * content. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct why;

/* Makes `next` an empty directory; what stood there is removed. Returns 0 or -errno with the reason. */
must_check int atomic_dir_begin(const char *next, struct why *why);

/* Links the file `old` of the current directory into `next` under the name `name`. Returns 0 or -errno. */
must_check int atomic_dir_link(const char *current, const char *old, const char *next, const char *name);

/* Makes `next` durable and puts it in the place of `current`, which may be missing or no directory; what stood
 * there is removed. Returns 0, DURABILITY_UNCERTAIN (atomic_file.h), or -errno with the reason: `current` is as it
 * was then. */
must_check int atomic_dir_commit(const char *next, const char *current, struct why *why);

/* Removes a directory with all that is in it, a file, or a link but not what it leads to; nothing is fine, too.
 * Does not tell that it failed: atomic_dir_begin, which does the same, does. */
void atomic_dir_remove(const char *path);
void atomic_dir_remove_at(int directory, const char *name); /* in an open directory */

/* Where directories cannot be exchanged in one step, a crash may leave an exchange half done: ends it. */
void atomic_dir_recover(const char *current);
