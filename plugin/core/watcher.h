/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that waits for a change of the table: until a signal comes, something happens in the table's directory
 * (inotify), or a second has passed. It blocks all signals, so that Unbound's reach the threads that expect them.
 *
 * SIGUSR1 means "look now". Its handler only wakes the thread. It is installed while a watcher runs. Afterwards the signal
 * is ignored, unless the previous handler is the program's own: that is put back.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct watcher;

/* Starts to watch the directory of `path`. The thread calls `look`, with `signalled` if SIGUSR1 has asked for it; `look`
 * returns whether it has more to do at once. Returns 0 and a watcher for watcher_free, -EBUSY if there is a watcher in
 * this process already, or another -errno. */
must_check int watcher_new(struct watcher **watcher, const char *path,
	bool (*look)(void *context, const struct watcher *watcher, bool signalled), void *context);

/* For `look`: whether the thread has been told to end, so that a long look should come back soon. */
bool watcher_is_stopping(const struct watcher *watcher);

/* Ends and joins the thread. NULL is fine. */
void watcher_free(struct watcher **watcher);
