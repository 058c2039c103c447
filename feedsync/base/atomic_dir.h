/* SPDX-License-Identifier: BSD-3-Clause */
/* Replacing a directory of files as a whole: the new one is put together beside it, from new files and from links to
 * those of the old one that stay, and then takes its place. Whoever comes after a crash finds the whole old or the
 * whole new one. Files are published, never written in place: a link to one of the old directory stays what it is. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct why;

/* Makes `next` an empty directory, whatever stands there. Returns 0 or -errno with the reason. */
must_check int atomic_dir_begin(const char *next, struct why *why);

/* Links the file `old` of the current directory into `next` under the name `name`. Returns 0 or -errno. */
must_check int atomic_dir_link(const char *current, const char *old, const char *next, const char *name);

/* Makes `next` durable and puts it in the place of `current`, which may be missing or no directory; what stood there is
 * removed. Returns 0, DURABILITY_UNCERTAIN (atomic_file.h), or -errno with the reason: `current` is as it was then. */
must_check int atomic_dir_commit(const char *next, const char *current, struct why *why);

/* Removes what stands there, if anything does: a directory with all that is in it, a link but not what it leads to. If
 * that fails, atomic_dir_begin, which does the same, says why. */
void atomic_dir_remove(const char *path);
void atomic_dir_remove_at(int directory, const char *name); /* in an open directory */

/* Ends what a crash may have left half done where directories cannot be exchanged in one step. */
void atomic_dir_recover(const char *current);
