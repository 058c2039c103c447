/* SPDX-License-Identifier: BSD-3-Clause */
/* What a client gets. Each action is one row of this table, weakest first: of several the last one wins. A row's place is
 * its number in tables and counters, so it stays. How the module gives it is the row of the same name in plugin/blocked_answer.c. */
#pragma once

#include "libweir/attributes.h"

/* What an action needs that its category may not have. */
enum action_need { NEEDS_NOTHING, NEEDS_REDIRECT, NEEDS_ADDRESSES };

/* name, word in configuration and output, what it needs. `allow` is the action of categories whose rules are allow rules;
 * for a group it means that the category does not concern it. */
#define ACTIONS(X)                                                                                                     \
	X(ALLOW, "allow", NEEDS_NOTHING)                                                                               \
	X(LOG, "log", NEEDS_NOTHING)             /* the true answer, counted */                                        \
	X(REDIRECT, "redirect", NEEDS_REDIRECT)  /* a CNAME to the category's target, and what that leads to */        \
	X(SINKHOLE, "sinkhole", NEEDS_ADDRESSES) /* the category's addresses; NODATA for other types */                \
	X(TRUNCATE, "truncate", NEEDS_NOTHING)   /* UDP: an empty answer, "ask over TCP"; there the true one */        \
	X(NODATA, "nodata", NEEDS_NOTHING)                                                                             \
	X(NXDOMAIN, "nxdomain", NEEDS_NOTHING)                                                                         \
	X(REFUSED, "refused", NEEDS_NOTHING)                                                                           \
	X(DROP, "drop", NEEDS_NOTHING) /* UDP: no answer; streams, whose other queries would get none: refused */

enum action {
#define X(name, word, needs) ACTION_##name,
	ACTIONS(X)
#undef X
		ACTION_COUNT
};

/* The word; NULL for a number that is no action. */
const char *action_text(enum action action);

/* The action of a word. Returns 0, or -1 if it is none. */
must_check int action_from_text(const char *text, enum action *action);

enum action_need action_need(enum action action);
