/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a table that the canaries enforce may be promoted, by what they answer. A *trial* begins when all canaries that answer
 * enforce the table that their channel has, its *candidate*. It ends well when they have been healthy for the whole time since:
 * each look found them so. Newer tables may come to the canaries meanwhile: they have to be healthy with these as well.
 *
 * Healthy:
 *   - at least two canaries answer, and no fewer than before the table;
 *   - each that answers enforces the candidate, or a newer table;
 *   - no probed name is blocked that was not before;
 *   - the share of probed names without an address (SERVFAIL, no answer, an answer without one) has risen by no more than a
 *     bound; where nothing is known of before, that is not judged.
 *
 * Where the first two do not hold nothing is known of the table: the trial waits, and its time begins anew. Where one of the
 * others does not hold with a new table in force, in STRIKES looks one after the other, the table is to be halted.
 *
 * Time is counted from look to look, by a clock that nobody sets, and no gap counts for more than `gap_ms`: so neither a
 * clock that leaps, nor a time in which nobody looked, promotes anything.
 *
 * Pure: reads no clock and no file. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/fleet/base_tables.h"

enum { MIN_CANARIES = 2, STRIKES = 2 };

/* What a canary answered. */
struct canary_look {
	const char *name;    /* of the resolver */
	bool answers;        /* to the question for the self-test's name */
	bool enforces;       /* a table: */
	uint32_t generation; /* its last 32 bits */
	uint32_t asked;      /* for so many names ... */
	uint32_t failed;     /* ... of which so many came without an address */
	const char *blocked; /* the first name that is blocked and was not before; NULL = there is none */
};

/* Of the canaries with the promoted table in force. */
struct health_before {
	bool known;
	uint32_t answering, asked, failed;
};

struct promotion_question {
	const struct canary_look *canary;
	size_t count;
	struct base_table offered;  /* what their channel has */
	uint64_t promoted, amended; /* generations that are promoted; 0 = there is none */
	struct health_before before;
	uint64_t now_ms; /* of a clock that nobody sets */
	uint64_t after_ms, gap_ms;
	uint32_t rise_percent;
};

/* How far a trial has come. A zeroed one has not begun. */
struct trial {
	struct base_table candidate; /* generation 0 = there is none */
	uint64_t healthy_ms;         /* for so long the canaries have been healthy */
	uint64_t looked_ms;          /* the last look, which was healthy; 0 = it was not */
	uint32_t strikes;            /* unhealthy looks one after the other, up to the last */
};

enum promotion_state {
	PROMOTION_RESTS,     /* the canaries enforce what is promoted */
	PROMOTION_WAITS,     /* they are not healthy, or do not enforce the table yet */
	PROMOTION_PROVES,    /* they are healthy, and not for long enough */
	PROMOTION_READY,     /* the candidate may be promoted */
	PROMOTION_UNHEALTHY, /* the table is to be halted */
};

enum { PROMOTION_REASON = 256 };

/* What was found. */
struct promotion_finding {
	enum promotion_state state;
	char reason[PROMOTION_REASON]; /* of WAITS and UNHEALTHY: what was seen, and where */
	uint32_t answering, enforcing; /* canaries; those that enforce what is not promoted */
	uint32_t asked, failed;        /* of the latter; where there are none, of all */
};

/* Judges a look, and notes in the trial how far it has come. */
void promotion_judge(const struct promotion_question *question, struct trial *trial, struct promotion_finding *finding);
