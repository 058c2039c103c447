/* SPDX-License-Identifier: BSD-3-Clause */
/* The signals of `sync` and `run`: SIGTERM and SIGINT end it, SIGHUP reloads, SIGCHLD tells that a worker has ended. They
 * only leave a note, and are blocked while a caller looks at the notes: none can slip in between looking and waiting.
 *
 * What does not end within two seconds of being told to, because it is in the midst of something long, is cut off. It may
 * end at any time without harm. */
#pragma once

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/* Notes: the handlers set them, who has acted on one clears it. */
extern volatile sig_atomic_t signal_end, signal_reload, signal_child;

/* Catches the signals of this process, for good. */
void signals_catch(void);

/* Waits for a note, or for one of the descriptors, for at most so long in milliseconds; -1 = for ever. Main thread only. */
void signals_wait(int64_t ms, struct pollfd *fds, nfds_t count);
