/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of the report that is about what leaves this host: outputs for others, sightings for partners, channels for resolvers
 * elsewhere. */
#include <stdio.h>
#include <stdlib.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/fleet/table_source.h"
#include "feedsync/status/report.h"
#include "feedsync/status/report_private.h"
#include "feedsync/status/status_promotion.h"

void report_gather_outputs(struct report *r)
{
	const struct config *config = r->config;
	r->outputs = xcalloc(config->output_count, sizeof *r->outputs);
	for (size_t i = 0; i < config->output_count; i++)
		output_record_read(&r->outputs[i], config->state, &config->outputs[i]);
	r->sightings = xcalloc(config->partner_count, sizeof *r->sightings);
	for (size_t i = 0; i < config->partner_count; i++)
		sighting_record_read(&r->sightings[i], config->state, &config->partners[i]);
	r->channels = xcalloc(config->channel_count, sizeof *r->channels);
	for (size_t i = 0; i < config->channel_count; i++)
		channel_record_read(&r->channels[i], config->state, &config->channels[i]);
	promotions_gather(r);
}

/* `run` looks each EXPIRY_S. Who runs `share` by hand or by a timer does so when he likes. */
static enum condition judge_output(const struct report *r, const struct output_record *record)
{
	if (record->tried_at == 0)
		return OUTPUT_NOT_TRIED;
	if (record->error_class == ERROR_ALARM)
		return OUTPUT_ALARM;
	if (record->failed_at > 0)
		return OUTPUT_FAILING;
	return r->record.resident && record->tried_at + 4 * EXPIRY_S < r->now ? OUTPUT_STALE : CONDITION_WELL;
}

static void judge_each_output(struct report *r)
{
	for (size_t i = 0; i < r->config->output_count; i++) {
		char subject[160];
		snprintf(subject, sizeof subject, "output %s", r->config->outputs[i].name);
		r->output_state[i] = judge_output(r, &r->outputs[i]);
		struct finding *finding = report_add_finding(r, r->output_state[i], subject, r->outputs[i].error);
		if (finding)
			finding->output = r->config->outputs[i].name;
	}
}

/* A day is closed within minutes where `run` is at work. Who was never told is new, unless `run` has known him for long. */
static enum condition judge_partner(
	const struct report *r, const struct partner *partner, const struct sighting_record *record)
{
	if (record->failed_at > 0)
		return SIGHTINGS_FAILING;
	uint64_t half_a_day_ago = r->now > ONE_DAY_S / 2 ? r->now - ONE_DAY_S / 2 : 0;
	bool late = record->tried_at > 0 ? sighting_due_day(partner, half_a_day_ago) > record->counts.day
					 : r->taken_at < half_a_day_ago;
	return r->record.resident && late ? SIGHTINGS_STALE : CONDITION_WELL;
}

static void judge_each_partner(struct report *r)
{
	for (size_t i = 0; i < r->config->partner_count; i++) {
		const struct partner *partner = &r->config->partners[i];
		char subject[160];
		snprintf(subject, sizeof subject, "sightings %s", partner->name);
		r->sighting_state[i] = judge_partner(r, partner, &r->sightings[i]);
		struct finding *finding = report_add_finding(r, r->sighting_state[i], subject, r->sightings[i].error);
		if (finding)
			finding->partner = partner->name;
	}
}

/* Whether the channel has had time for the table that it should have, and has another one. */
static bool is_channel_behind(const struct report *r, size_t number)
{
	const struct channel *channel = &r->config->channels[number];
	const struct weir_header *published = r->table ? table_header(r->table) : NULL;
	if (!published)
		return false;
	uint64_t wanted = table_source_generation(r->config, channel, published->generation);
	uint64_t since = channel->promote_from ? r->promotions[number].record.promoted_at : published->created;
	return wanted > 0 && r->channels[number].generation != wanted && since + BEHIND_CHANNEL_S < r->now;
}

static enum condition judge_channel(const struct report *r, size_t number, const char **detail)
{
	const struct channel_record *record = &r->channels[number];
	enum condition promotion = promotion_condition(r, number, detail);
	bool failing = record->error_class == ERROR_ALARM || record->failed_at > 0;
	if ((record->tried_at == 0 || !failing) && promotion != CONDITION_WELL)
		return promotion;
	if (record->tried_at == 0)
		return r->table && !r->config->channels[number].promote_from ? CHANNEL_NOT_TRIED : CONDITION_WELL;
	*detail = record->error;
	if (record->error_class == ERROR_ALARM)
		return CHANNEL_ANOTHER;
	if (record->failed_at > 0)
		return CHANNEL_FAILING;
	if (record->expires > 0 && record->expires <= r->now)
		return CHANNEL_EXPIRED;
	return is_channel_behind(r, number) ? CHANNEL_BEHIND : CONDITION_WELL;
}

static void judge_each_channel(struct report *r)
{
	for (size_t i = 0; i < r->config->channel_count; i++) {
		char subject[160];
		snprintf(subject, sizeof subject, "channel %s", r->config->channels[i].name);
		const char *detail;
		r->channel_state[i] = judge_channel(r, i, &detail);
		struct finding *finding = report_add_finding(r, r->channel_state[i], subject, detail);
		if (finding)
			finding->channel = r->config->channels[i].name;
	}
}

void report_judge_outputs(struct report *r)
{
	r->output_state = xcalloc(r->config->output_count, sizeof *r->output_state);
	r->sighting_state = xcalloc(r->config->partner_count, sizeof *r->sighting_state);
	r->channel_state = xcalloc(r->config->channel_count, sizeof *r->channel_state);
	judge_each_output(r);
	judge_each_partner(r);
	judge_each_channel(r);
}

void report_end_outputs(struct report *r)
{
	free(r->outputs);
	free(r->output_state);
	free(r->sightings);
	free(r->sighting_state);
	free(r->channels);
	free(r->channel_state);
	free(r->promotions);
}
