/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that waits for a change of the table: a signal, something in the table's directory (inotify), or a second
 * gone by, whatever comes first. It blocks all signals, so that Unbound's own find the threads they expect.
 *
 * SIGUSR1 means "look now". Its handler only wakes the thread. It is installed while a watcher runs; with its end the
 * previous disposition comes back if that was to ignore it or a handler of the program's own; otherwise it is ignored.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct watcher;

/* Starts watching the directory of `path`. `look` is called in the thread, `signalled` tells whether SIGUSR1 asked for
 * it; it returns whether it has more to do at once. Returns 0 and a watcher for watcher_free, or -errno. One watcher at a time
 * in a process: -EBUSY. */
must_check int watcher_new(struct watcher **watcher, const char *path,
	bool (*look)(void *context, const struct watcher *watcher, bool signalled), void *context);

/* For `look`: whether the thread has been told to end, so that a long look should come back soon. */
bool watcher_is_stopping(const struct watcher *watcher);

/* Ends and joins the thread. NULL is fine. */
void watcher_free(struct watcher **watcher);
