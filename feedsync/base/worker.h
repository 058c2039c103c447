/* SPDX-License-Identifier: BSD-3-Clause */
/* A piece of work in a process of its own. Work that may take long never keeps the program from its other duties,
 * and can be cut off at any time. The worker begins with a copy of all that the program has in memory. It hands
 * its results back in memory that both share.
 *
 * A worker ends when the program ends, however that happens. It is the first process that the kernel ends where
 * memory gets short. Signals that end a program end it; it ignores SIGHUP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libweir/attributes.h"

struct why;

struct worker {
	pid_t pid;         /* 0: there is none */
	void *result;      /* the shared memory; zeros at first */
	size_t size;       /* of `result`, octets */
	uint64_t begun_ms; /* clock_ms() */
	int status;        /* as waitpid tells, once it has ended */
};

/* Begins a worker, which calls `work` and ends. `work` writes to `result`, which has `size` octets. Returns 0, or
 * -errno with the reason. */
must_check int worker_begin(
	struct worker *worker, void (*work)(void *context, void *result), void *context, size_t size, struct why *why);

/* Asks the worker to end; a worker that holds that off (worker_hold) ends later. `at_once`: ends it in any case. */
void worker_stop(const struct worker *worker, bool at_once);

/* Whether it has ended: then worker_forget does not wait. */
bool worker_has_ended(const struct worker *worker);

/* The same, of a worker that may take so long and no longer: one that has taken longer is ended, which a later call tells. */
bool worker_ends_within(const struct worker *worker, uint32_t seconds);

/* Waits until the worker has ended, and frees what it had. */
void worker_forget(struct worker *worker);

/* Asks the worker to end, ends it after so many milliseconds, and frees what it had. worker_end: after a second. */
void worker_end_after(struct worker *worker, unsigned patience_ms);
void worker_end(struct worker *worker);

/* How a worker has ended that handed back nothing: "ended by signal 9 (Killed)". Returns `text`. */
const char *worker_end_text(int status, char text[64]);

/* For a worker: after worker_hold, worker_stop has no effect until worker_let_go, or until the worker ends. */
void worker_hold(void);
void worker_let_go(void);
