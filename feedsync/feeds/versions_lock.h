/* SPDX-License-Identifier: BSD-3-Clause */
/* The lock between processes that put new versions of feeds in their places and the one process that makes a table of
 * all versions. What the table is made of, and what is known of it, must not change meanwhile. A process that puts a
 * version in its place takes the lock shared before, and keeps it until it ends: by then it has told what is known of
 * the new version. The lock is held exclusively while a table is made. It is a lock on the file
 * <state>/versions.lock. */
#pragma once

#include "libweir/attributes.h"

struct why;

/* Takes the lock shared, waiting LOCK_WAIT_S for it, until this process ends. A second call does nothing. Returns 0, or
 * -errno with the reason. `feed_directory` is <state>/feeds/<name>. */
must_check int versions_lock_shared(const char *feed_directory, struct why *why);

/* Takes the lock exclusively, without waiting. Returns a descriptor that holds it until that and its copies in other
 * processes are closed; -EWOULDBLOCK while somebody holds it shared; or another -errno with the reason. */
must_check int versions_lock_exclusive(const char *state, struct why *why);
