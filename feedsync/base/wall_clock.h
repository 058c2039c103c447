/* SPDX-License-Identifier: BSD-3-Clause */
/* The time of day, as far as the clock can be believed.
 *
 * Entries, signatures and the operator's items end by the time of day. A clock that is set wrong (a dead battery,
 * a wrong time server, a hand) would end them all at once, or bring back what has ended. So the clock is believed
 * only
 * - where it agrees with what it said in the run before and the time since then, by a count that nobody sets, or
 * - where most of the feeds' servers tell the same time.
 * Else time goes on from the last time that was believed: nothing ends too early. A clock that is right again is
 * believed again, without anybody's help.
 *
 * For one thread. Until wall_begin the clock is believed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct node;

/* Seconds since 1970. */
uint64_t wall_now(void);

/* How many seconds ago `then` was, by the clock or by the time that is believed, whichever is longer: for what may
 * be done too often without harm. UINT64_MAX for what lies in the future of either: it may have been at any time. */
uint64_t wall_ago(uint64_t then);

/* What one run leaves for the next one. */
struct wall_record {
	uint64_t clock;    /* what the clock said, seconds since 1970; 0 = there was no run */
	uint64_t believed; /* the time that was believed then */
	uint64_t uptime;   /* of the machine, seconds; standing still counts */
	char boot[40];     /* which start of the machine `uptime` counts from, "" = not known */
};

/* The time now, by what was believed before and what stands in `now` (whose `believed` does not count). */
uint64_t wall_judge(const struct wall_record *before, const struct wall_record *now);

/* Begins with what the run before left; where there was none, with the time at which the published table was made
 * (0 = there is none). Says nothing. */
void wall_begin(const struct wall_record *before, uint64_t made);

/* What the clock of a server that has answered says. */
struct wall_voice {
	const char *url; /* a server has one voice, however many URLs */
	int64_t ahead;   /* seconds that our clock is ahead of it */
};

/* Judges the clock by what the servers say. Where no server says anything, a time that was believed for want of a
 * better one is believed from now on. */
void wall_hear(const struct wall_voice *voices, size_t count);

/* Whether most of `count` servers agree with the clock; it is `ahead[i]` seconds ahead of each. */
bool wall_is_confirmed(const int64_t *ahead, size_t count);

/* Believes the clock, since the operator says that it is right. */
void wall_accept(void);

/* What to leave for the next run. */
void wall_record(struct wall_record *record);

enum { WALL_DOUBT = 160 };
/* Why the clock is not believed: "the clock says 2027-03-09T10:00:00Z, 100 days ahead of the time by which ...".
 * Returns whether that is so; else the text is "". */
bool wall_doubt(char text[WALL_DOUBT]);

/* A record as members of a JSON object, and from them. */
void wall_put(struct node *object, const struct wall_record *record);
void wall_get(const struct node *object, struct wall_record *record);
