/* SPDX-License-Identifier: BSD-3-Clause */
/* Between those that put new versions of feeds in their places, each in a process of its own, and the one that makes a
 * table of all versions: what that one reads, and what is known of it, must not change meanwhile. Whoever puts something
 * in its place goes through the gate before and stays inside to its end, when it has told what is known of the new
 * version. The gate is shut as long as a table is made. It is a lock on <state>/gate. */
#pragma once

#include "libweir/attributes.h"

struct why;

/* Goes in, once the gate is open, and stays until this process ends. Again it does nothing. Returns 0, or -errno with
 * the reason. `feed_directory` is <state>/feeds/<name>. */
must_check int versions_lock_shared(const char *feed_directory, struct why *why);

/* Shuts it, if nobody is inside. Returns a descriptor: it stays shut until that and its copies in other processes are
 * closed; -EWOULDBLOCK when somebody is inside; or another -errno with the reason. */
must_check int versions_lock_exclusive(const char *state, struct why *why);
