/* SPDX-License-Identifier: BSD-3-Clause */
/* Resolvers of this machine that do not show themselves. One that has the module has live counters (local_resolvers.h). One
 * that runs as unbound.service and has none is found here, by its process: so it is also told where the guard of its start
 * (conf/unbound-guard) was killed, or is gone. That guard's note tells why it has no module.
 *
 * An Unbound that is started in another way is not found: nobody has said that it should be protected. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libweir/live/counters.h"

#define UNPROTECTED_PROC "/proc"
#define UNPROTECTED_NOTE "/run/weir-unbound.trouble" /* as conf/unbound-guard has it */

enum { UNPROTECTED_MAX = 16, UNPROTECTED_TEXT = 256 };

struct unprotected {
	pid_t pid;
	bool certain;                  /* it has no module; else it may have one that cannot show itself */
	char reason[UNPROTECTED_TEXT]; /* clean (clean.h) */
	char next[UNPROTECTED_TEXT];   /* the next command, clean; "": nobody has said one */
};

/* Finds them among the processes of this pid namespace. `proc` and `note` are paths; `shown` are `count` resolvers that have
 * live counters. A worker that is a child of one of these is one of these. Whether a process has loaded the module can only
 * root see, and without root the note decides. Returns how many there are, at most UNPROTECTED_MAX. Source: proc(5). */
size_t unprotected_find(struct unprotected list[UNPROTECTED_MAX], const char *proc, const char *note,
	const struct counters_snapshot *shown, size_t count);
