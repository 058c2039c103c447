/* SPDX-License-Identifier: BSD-3-Clause */
/* The time of day, as far as the clock is to be believed.
 *
 * Entries, signatures and the operator's items end by it; so a clock that is set wrong (by a dead battery, a wrong time
 * server, a hand) would end them all at once, or bring back what has ended. What it says is believed where it agrees with
 * what it said in the run before and the time that has passed since, by a count that nobody sets, or where most of the
 * feeds' servers say the same. Else time goes on here from where it was believed last: nothing ends that could not have
 * ended by then. A clock that is right again is believed by itself.
 *
 * One thread. Until wall_begin the clock is believed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct node;

/* Seconds since 1970. */
uint64_t wall_now(void);

/* How many seconds ago this was, by the clock or by what is believed, whichever is longer: for what may be done too often
 * without harm. What is yet to come by either may have been at any time: UINT64_MAX. */
uint64_t wall_ago(uint64_t then);

/* What one run leaves for the next one. */
struct wall_record {
	uint64_t clock;    /* what the clock said, seconds since 1970; 0 = there was no run */
	uint64_t believed; /* what time it was then */
	uint64_t uptime;   /* of the machine, seconds; standing still counts */
	char boot[40];     /* which start of the machine that is since, "" = not known */
};

/* The time now, by what was believed before and what stands in `now` (whose `believed` does not count). */
uint64_t wall_judge(const struct wall_record *before, const struct wall_record *now);

/* Begins with what the run before left; where there was none, with the time at which the published table was made (0 =
 * there is none). Says nothing. */
void wall_begin(const struct wall_record *before, uint64_t made);

/* What the clock of a server that has answered says. */
struct wall_voice {
	const char *url; /* a server has one voice, however many URLs */
	int64_t ahead;   /* seconds that our clock is ahead of it */
};

/* Looks at what they say. Where nobody says anything, what was believed on trust is believed from now on. */
void wall_hear(const struct wall_voice *voices, size_t count);

/* Whether most of so many servers agree with the clock; `ahead` is by how many seconds it is ahead of each. */
bool wall_is_confirmed(const int64_t *ahead, size_t count);

/* Takes the clock for right, as the operator says so. */
void wall_accept(void);

/* What to leave for the next run. */
void wall_record(struct wall_record *record);

enum { WALL_DOUBT = 160 };
/* Why the clock is not believed: "the clock says 2027-03-09T10:00:00Z, 100 days ahead of the time by which ...". Returns
 * whether that is so; else the text is "". */
bool wall_doubt(char text[WALL_DOUBT]);

/* A record as members of a JSON object, and from them. */
void wall_put(struct node *object, const struct wall_record *record);
void wall_get(const struct node *object, struct wall_record *record);
