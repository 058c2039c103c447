/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/watch_judge.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/net/dns_probe.h"

/* ---- noting ---- */

static enum watch_answer answer_kind(const struct dns_answer *answer)
{
	if (dns_answer_is_enforced(answer))
		return WATCH_ENFORCES;
	return dns_answer_is_failure(answer) ? WATCH_FAILS : WATCH_PASSES;
}

static bool is_answer_known(const struct watch_record *record, const struct dns_answer *answer)
{
	enum watch_answer kind = answer_kind(answer);
	return record->answered_at > 0 && record->answer == kind &&
	       (kind == WATCH_ENFORCES ? record->generation == answer->generation : record->rcode == answer->rcode);
}

void watch_note_probe(struct watch_record *record, const struct dns_probe *probe, uint64_t now)
{
	record->probed_at = now;
	snprintf(record->error, sizeof record->error, "%s", probe->answered ? "" : probe->error);
	if (!probe->answered) {
		if (record->silent_since == 0)
			record->silent_since = now;
		return;
	}
	if (!is_answer_known(record, &probe->answer)) {
		record->before = record->answered_at;
		record->since = now;
	}
	record->answer = answer_kind(&probe->answer);
	record->rcode = probe->answer.rcode;
	record->answered_at = now;
	record->silent_since = 0;
	if (record->answer == WATCH_ENFORCES) {
		record->generation = probe->answer.generation;
		record->created = probe->answer.created;
	}
}

void watch_note_told(struct watch_record *record, const struct watch_told *told, uint64_t now)
{
	if (!told->known)
		return;
	if (record->told_at == 0 || strcmp(record->conditions, told->conditions) != 0)
		record->told_since = now;
	record->told_at = now;
	record->told_generation = told->generation;
	snprintf(record->conditions, sizeof record->conditions, "%s", told->conditions);
}

void watch_note_table(struct watch_channel *channel, uint64_t generation, uint64_t at)
{
	if (channel->count > 0 && channel->tables[channel->count - 1].generation == generation)
		return;
	if (channel->count == WATCH_TABLES) {
		channel->count--;
		memmove(channel->tables, channel->tables + 1, channel->count * sizeof *channel->tables);
	}
	channel->tables[channel->count++] = (struct watch_table){generation, at};
}

/* ---- judging ---- */

/* Of what a resolver tells only 32 bits of a generation are known: they are compared as serial numbers are. */
static bool is_generation_before(uint32_t generation, uint64_t other)
{
	return (int32_t)(generation - (uint32_t)other) < 0;
}

enum table_age { TABLE_NEWEST, TABLE_OLDER, TABLE_FOREIGN };

/* Whether a table is the channel's newest, or since when it is not. One that the channel has had between two rounds is in no
 * list: then it was replaced when the first newer one came. */
static enum table_age find_table_age(const struct watch_channel *channel, uint32_t generation, uint64_t *since)
{
	size_t i = channel->count;
	while (i > 0 && (uint32_t)channel->tables[i - 1].generation != generation)
		i--;
	if (i == channel->count) /* it is the last, or there is none to compare with */
		return TABLE_NEWEST;
	if (i == 0)
		while (i < channel->count && !is_generation_before(generation, channel->tables[i].generation))
			i++;
	if (i == channel->count)
		return TABLE_FOREIGN;
	*since = channel->tables[i].at;
	return TABLE_OLDER;
}

bool watch_is_told(const struct watch_record *record)
{
	return record->told_at > 0 && record->told_at + TOLD_FLEET_S >= record->probed_at;
}

const char *watch_conditions(const struct watch_record *record)
{
	return watch_is_told(record) ? record->conditions : "";
}

static bool is_told_bypassed(const char *conditions)
{
	return strstr(conditions, "bypass_on") || strstr(conditions, "resolver_bypassed");
}

static enum watch_state judge_generation(
	const struct watch_record *record, const struct watch_channel *channel, uint64_t *since)
{
	uint64_t replaced = 0;
	enum table_age age = find_table_age(channel, record->generation, &replaced);
	*since = record->since;
	if (age == TABLE_FOREIGN)
		return WATCH_ANOTHER;
	if (age == TABLE_OLDER) {
		*since = replaced;
		if (replaced + BEHIND_FLEET_S < record->probed_at)
			return WATCH_OUTDATED;
	}
	if (watch_conditions(record)[0]) {
		*since = record->told_since;
		return WATCH_TROUBLED;
	}
	return age == TABLE_OLDER ? WATCH_COMING : WATCH_WELL;
}

enum watch_state watch_judge(const struct watch_record *record, const struct watch_channel *channel, uint64_t *since)
{
	*since = 0;
	if (record->probed_at == 0)
		return WATCH_NOT_PROBED;
	*since = record->silent_since;
	if (record->silent_since > 0)
		return WATCH_SILENT;
	if (record->answer == WATCH_ENFORCES)
		return judge_generation(record, channel, since);
	*since = record->since;
	if (record->answer == WATCH_FAILS)
		return WATCH_FAILING;
	return is_told_bypassed(watch_conditions(record)) ? WATCH_BYPASSED : WATCH_UNPROTECTED;
}

bool watch_lag(const struct watch_record *record, const struct watch_channel *channel, uint64_t *lag_s)
{
	const struct watch_table *newest = channel->count > 0 ? &channel->tables[channel->count - 1] : NULL;
	if (!newest || record->before == 0 || record->answer != WATCH_ENFORCES ||
		record->generation != (uint32_t)newest->generation)
		return false;
	*lag_s = record->since > newest->at ? record->since - newest->at : 0;
	return true;
}
