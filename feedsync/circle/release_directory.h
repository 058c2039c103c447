/* SPDX-License-Identifier: BSD-3-Clause */
/* Releases beside each other in a directory that others read: complete directories, <to>/r<serial>, and the link <to>/current to
 * the one that is shown. A release is put together in <to>/next, synced, and gets its name; then the link is replaced by one
 * rename. So whatever fails, or whenever the machine stops, `current` leads to the whole old release or to the whole new one. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

enum { RELEASES_KEPT = 3, RELEASE_PATH = 4096 };

/* Writes the path of a release. */
void release_directory_path(const char *to, uint32_t serial, char path[RELEASE_PATH]);

/* The serial of the release that `current` leads to; 0 = it leads to none. Returns 0 or a negative code with the reason. */
must_check int release_directory_current(const char *to, uint32_t *serial, struct why *why);

/* The serial in the name of what belongs to a release, "r7" or "r7.items"; 0 = of anything else. */
uint32_t release_directory_serial(const char *name);

/* Makes `to` where it is missing, and an empty directory in it for a release: `next` is its path. Returns 0 or a negative code with
 * the reason. */
must_check int release_directory_begin(const char *to, char next[RELEASE_PATH], struct why *why);

/* Syncs the release that is in `next`, and names it. A file that is the same in `current` is that file. Returns 0 or a negative
 * code with the reason: then the caller removes `next`. */
must_check int release_directory_settle(const char *to, uint32_t serial, struct why *why);

/* Lets others see it. Returns 0; or a negative code with the reason: then they see what they saw before. `unsynced` has a text
 * where a crash may bring that back. */
must_check int release_directory_show(const char *to, uint32_t serial, struct why *unsynced, struct why *why);

/* Removes releases that are older than the last RELEASES_KEPT. */
void release_directory_prune(const char *to, uint32_t serial);
