/* SPDX-License-Identifier: BSD-3-Clause */
/* A piece of work in a process of its own: what takes long, or may, never keeps the program from what else it has to do,
 * and can be cut off at any time. The worker has all that the program had in memory when it began, and hands back what
 * it has found out in memory that both share.
 *
 * A worker ends with the program, however that ends, and is the first that the kernel ends where memory gets short. It
 * takes the signals that end a program as any program does, and SIGHUP not at all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libweir/attributes.h"

struct why;

struct worker {
	pid_t pid;         /* 0: there is none */
	void *result;      /* that memory, of zeros at first, ... */
	size_t size;       /* ... and its octets */
	uint64_t begun_ms; /* clock_ms() */
	int status;        /* as waitpid tells, once it has ended */
};

/* Begins: the worker calls `work`, which writes to `result`, of `size` octets, and ends. Returns 0, or -errno with the
 * reason. */
must_check int worker_begin(
	struct worker *worker, void (*work)(void *context, void *result), void *context, size_t size, struct why *why);

/* Asks it to end, unless it holds that off just now (worker_hold); `at_once`: it has no choice. */
void worker_stop(const struct worker *worker, bool at_once);

/* Waits for its end and forgets it. */
void worker_forget(struct worker *worker);

/* Asks it to end, gives it a second, and forgets it. */
void worker_end(struct worker *worker);

/* Says how one has ended that handed back nothing: "ended by signal 9 (Killed)". */
const char *worker_end_text(int status, char text[64]);

/* In a worker: from now on, until it ends or lets go again, worker_stop waits for it. */
void worker_hold(void);
void worker_let_go(void);
