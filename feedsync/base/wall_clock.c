/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/wall_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/url.h"
#include "feedsync/base/xalloc.h"

/* This program did not exist before, roughly: 2025-01-01. */
#define FIRST_DAY UINT64_C(1735689600)

/* What is believed: the time, and the reading of the monotonic clock at that time. Both in milliseconds; 0 = the
 * system's clock is believed. */
static uint64_t believed_ms, since_ms;

/* The last time that was believed before the machine restarted, in seconds since 1970. It is set while the clock is
 * believed on trust: nothing speaks against it, and nothing confirms it. 0 = the clock is not on trust. */
static uint64_t last_known;

static uint64_t clock_says_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t wall_now(void)
{
	return (believed_ms > 0 ? believed_ms + (clock_ms() - since_ms) : clock_says_ms()) / 1000;
}

uint64_t wall_ago(uint64_t then)
{
	uint64_t clock = clock_says_ms() / 1000, now = wall_now(), last = clock > now ? clock : now;
	if (then > clock + MAX_CLOCK_STEP_S || then > now + MAX_CLOCK_STEP_S)
		return UINT64_MAX;
	return last > then ? last - then : 0;
}

/* ---- judging ---- */

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t wall_judge(const struct wall_record *before, const struct wall_record *now)
{
	if (before->clock == 0)
		return now->clock > FIRST_DAY ? now->clock : FIRST_DAY;
	bool same = before->boot[0] && strcmp(before->boot, now->boot) == 0 && now->uptime >= before->uptime;
	uint64_t passed = same ? now->uptime - before->uptime : 0, expected = before->believed + passed;
	/* Nobody counts how long the machine was off, and clocks go a little wrong. */
	uint64_t early = MAX_CLOCK_STEP_S + passed / 1000, late = same ? early : ONE_DAY_S;
	bool agrees = distance(now->clock, expected) <= (now->clock < expected ? early : late);
	return agrees ? now->clock : expected;
}

static void believe(uint64_t time_ms)
{
	believed_ms = time_ms;
	since_ms = clock_ms();
}

static void read_clocks(struct wall_record *record)
{
	struct sysinfo info;
	*record = (struct wall_record){.clock = clock_says_ms() / 1000};
	if (sysinfo(&info) == 0)
		record->uptime = (uint64_t)info.uptime;
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (in && !fgets(record->boot, sizeof record->boot, in))
		record->boot[0] = '\0';
	record->boot[strcspn(record->boot, "\n")] = '\0';
	if (in)
		fclose(in);
}

void wall_begin(const struct wall_record *before, uint64_t made)
{
	struct wall_record first = {.clock = made, .believed = made}, now;
	read_clocks(&now);
	if (made > now.clock) /* the clock may have been wrong when that was made */
		first.clock = 0;
	if (before->clock == 0)
		before = &first;
	uint64_t time = wall_judge(before, &now);
	believe(time == now.clock ? clock_says_ms() : time * 1000);
	bool on_trust = time > before->believed + MAX_CLOCK_STEP_S && strcmp(before->boot, now.boot) != 0;
	last_known = on_trust ? before->believed : 0;
}

bool wall_is_confirmed(const int64_t *ahead, size_t count)
{
	size_t agree = 0;
	for (size_t i = 0; i < count; i++)
		agree += ahead[i] >= -MAX_SERVER_CLOCK_S && ahead[i] <= MAX_SERVER_CLOCK_S;
	return agree * 2 > count;
}

/* Whether an earlier voice is of the same server. */
static bool is_heard(const struct wall_voice *voices, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (url_same_origin(voices[k].url, voices[i].url))
			return true;
	return false;
}

void wall_hear(const struct wall_voice *voices, size_t count)
{
	char text[WALL_DOUBT];
	if (!wall_doubt(text) && last_known == 0)
		return;
	int64_t *ahead = xcalloc(count, sizeof *ahead);
	size_t heard = 0;
	for (size_t i = 0; i < count; i++)
		if (!is_heard(voices, i))
			ahead[heard++] = voices[i].ahead;
	if (wall_is_confirmed(ahead, heard))
		wall_accept();
	else if (heard > 0 && last_known > 0)
		believe(last_known * 1000);
	last_known = 0;
	free(ahead);
}

void wall_accept(void)
{
	believe(clock_says_ms());
	last_known = 0;
}

/* ---- telling ---- */

void wall_record(struct wall_record *record)
{
	read_clocks(record);
	record->believed = last_known > 0 ? last_known : wall_now();
	if (last_known > 0)
		record->boot[0] = '\0'; /* still on trust */
}

bool wall_doubt(char text[WALL_DOUBT])
{
	char says[TIMESTAMP_ROOM];
	uint64_t clock = clock_says_ms() / 1000, now = wall_now(), off = distance(clock, now);
	text[0] = '\0';
	if (off <= MAX_CLOCK_STEP_S)
		return false;
	snprintf(text, WALL_DOUBT, "the clock says %s, %llu %s %s what is to be expected: nothing ends by it",
		timestamp_text(clock, says), (unsigned long long)(off < 2 * ONE_DAY_S ? off / 60 : off / ONE_DAY_S),
		off < 2 * ONE_DAY_S ? "minutes" : "days", clock > now ? "ahead of" : "behind");
	return true;
}

void wall_put(struct node *object, const struct wall_record *record)
{
	node_put(object, "clock", node_from_number(record->clock));
	node_put(object, "believed", node_from_number(record->believed));
	node_put(object, "uptime", node_from_number(record->uptime));
	node_put(object, "boot", node_from_text(record->boot));
}

void wall_get(const struct node *object, struct wall_record *record)
{
	record->clock = node_number_at(object, "clock");
	record->believed = node_number_at(object, "believed");
	record->uptime = node_number_at(object, "uptime");
	node_text_at(object, "boot", record->boot, sizeof record->boot);
}
