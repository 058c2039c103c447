/* SPDX-License-Identifier: BSD-3-Clause */
/* The lock on a file that keeps two feedsyncs from the same work. The kernel frees it with its holder, however that ends. A
 * holder that hangs frees nothing, so no wait is without an end. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "libweir/attributes.h"

struct why;

/* Takes the lock (flock) on an open file, and waits for it at most so long. `told` is logged once where it has to wait; NULL
 * = nothing. Returns 0; -EWOULDBLOCK where another process held it all the time; or another -errno; with the reason, which
 * names `path`. */
must_check int file_lock(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why);

/* The same beside others that take it so. */
must_check int file_lock_shared(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why);

/* Opens the file of a lock, which is created with this mode where it is missing, and takes the lock; waits LOCK_WAIT_S for it.
 * Nothing is ever read from such a file or written to it, so another user's is fine; a symbolic link is not followed. Returns a
 * descriptor that holds the lock until it is closed; or a negative code with the reason, as file_lock. */
must_check int file_lock_open(const char *path, mode_t mode, const char *told, struct why *why);
