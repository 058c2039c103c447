/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_judge.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"

static int judge_floor(const struct pull_question *q, const struct pull_floor *floor, struct why *why)
{
	const struct manifest *m = q->manifest;
	const struct pull_record *r = q->record;
	bool other = r->manifest[0] && strcmp(r->channel, m->channel) == 0 && strcmp(r->key, q->key) != 0;
	if (m->serial < floor->serial)
		return why_set(why, -ESTALE, "serial %" PRIu64 " is older than %" PRIu64 ", which was taken before",
			m->serial, floor->serial);
	if (m->serial == floor->serial)
		return why_set(why, -ESTALE, "serial %" PRIu64 " was taken before, %s", m->serial,
			other ? "and another key has replaced its key" : "and it is another manifest now");
	if (other && m->serial <= r->serial)
		return why_set(why, -ESTALE,
			"serial %" PRIu64 " of key %s is older than %" PRIu64 " of key %s, which has replaced that key",
			m->serial, q->key, r->serial, r->key);
	uint64_t passed = m->created > floor->created ? m->created - floor->created : 0;
	if (m->serial - floor->serial > PULL_SERIAL_LEAP + passed)
		return why_set(why, -ERANGE,
			"its serial leaps from %" PRIu64 " to %" PRIu64
			", further than a compiler can come in that time",
			floor->serial, m->serial);
	return 0;
}

static int judge_time(const struct pull_question *q, struct why *why)
{
	const struct manifest *m = q->manifest;
	char made[TIMESTAMP_ROOM], clock[TIMESTAMP_ROOM];
	uint64_t latest = q->now > q->server_time ? q->now : q->server_time;
	if (m->created > latest + MAX_CLOCK_STEP_S)
		return why_set(why, -EILSEQ,
			"it was made in the future, at %s, and it is %s here: the clock of the compiler or of this "
			"host is "
			"wrong",
			timestamp_text(m->created, made), timestamp_text(q->now, clock));
	if (m->expires <= q->now)
		return why_set(why, -ETIME,
			"it expired at %s: the compiler has stopped signing, or somebody holds back what is newer",
			timestamp_text(m->expires, made));
	return PULL_MAY_COME;
}

int pull_judge(const struct pull_question *q, struct why *why)
{
	const struct pull_floor *floor = pull_record_floor(q->record, q->key, q->manifest->channel);
	bool in_force = q->record->manifest[0] && strcmp(q->record->manifest, q->digest) == 0;
	int status = floor && !in_force ? judge_floor(q, floor, why) : 0;
	if (status == 0)
		status = judge_time(q, why);
	return status == 0 && in_force ? PULL_IN_FORCE : status;
}
