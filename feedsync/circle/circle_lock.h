/* SPDX-License-Identifier: BSD-3-Clause */
/* One feedsync at a time shares, and one tells sightings: each has a directory in the state directory, with its lock. */
#pragma once

#include "libweir/attributes.h"

struct why;

/* Makes the directory where it is missing, and takes its lock; waits for another feedsync that has it, LOCK_WAIT_S at
 * most, and says so: `doing` is what that one does. Returns a descriptor that holds the lock until it is closed, or -errno with the reason. */
must_check int circle_lock(const char *state, const char *directory, const char *doing, struct why *why);
