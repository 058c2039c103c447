/* SPDX-License-Identifier: BSD-3-Clause */
/* The lock on a file that keeps two feedsyncs from the same work. The kernel frees it with its holder, however that ends. A
 * holder that hangs frees nothing, so no wait is without an end. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* Takes the lock (flock) on an open file, and waits for it at most so long. `told` is logged once where it has to wait; NULL
 * = nothing. Returns 0; -EWOULDBLOCK where another process held it all the time; or another -errno; with the reason, which
 * names `path`. */
must_check int file_lock(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why);
