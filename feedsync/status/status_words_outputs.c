/* SPDX-License-Identifier: BSD-3-Clause */
/* What leaves this host, in words: outputs for others, sightings for partners, channels for resolvers elsewhere. */
#include <stdio.h>

#include "feedsync/base/units.h"
#include "feedsync/status/report.h"
#include "feedsync/status/status_private.h"
#include "feedsync/status/status_promotion.h"
#include "feedsync/trends/period.h"

static void print_withheld_counts(const uint64_t withheld[WITHHELD_COUNT])
{
	const char *before = ", withheld: ";
	for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++) {
		if (withheld[w] > 0) {
			printf("%s%s %llu", before, withheld_word(w), (unsigned long long)withheld[w]);
			before = ", ";
		}
	}
}

static void print_output(const struct report *r, size_t number)
{
	const struct output *output = &r->config->outputs[number];
	const struct output_record *record = &r->outputs[number];
	char when[UNITS_TEXT];
	printf("output %s: %s", output->name, condition_row(r->output_state[number])->word);
	if (record->serial > 0)
		printf(", serial %llu, released %s, %llu names", (unsigned long long)record->serial,
			status_ago(r, record->at, when), (unsigned long long)record->items);
	print_withheld_counts(record->withheld);
	putchar('\n');
	if (record->error[0])
		printf("  failing since %s: %s\n", status_ago(r, record->failed_at, when), record->error);
	if (record->chain[0])
		printf("  newest chain value %s\n", record->chain);
}

static void print_partner_state(const struct report *r, size_t number)
{
	const struct sighting_record *record = &r->sightings[number];
	const struct sighting_counts *counts = &record->counts;
	char when[UNITS_TEXT], day[PERIOD_TEXT];
	printf("sightings %s: %s", r->config->partners[number].name, condition_row(r->sighting_state[number])->word);
	if (counts->day > 0)
		printf(", last day %s: %llu found", period_text((struct period){counts->day, counts->day}, day),
			(unsigned long long)counts->found);
	print_withheld_counts(counts->withheld);
	printf("; pending %llu, sent %llu, refused %llu", (unsigned long long)counts->pending,
		(unsigned long long)counts->ended[SIGHTING_SENT], (unsigned long long)counts->ended[SIGHTING_REFUSED]);
	if (counts->ended[SIGHTING_EXPIRED] > 0)
		printf(", expired %llu", (unsigned long long)counts->ended[SIGHTING_EXPIRED]);
	putchar('\n');
	if (record->error[0])
		printf("  failing since %s: %s\n", status_ago(r, record->failed_at, when), record->error);
	if (record->next_at > r->now)
		printf("  tried again in %llu min\n", (unsigned long long)(record->next_at - r->now + 59) / 60);
}

static void print_channel(const struct report *r, size_t number)
{
	const struct channel *channel = &r->config->channels[number];
	const struct channel_record *record = &r->channels[number];
	char when[UNITS_TEXT], size[UNITS_TEXT];
	printf("channel %s: %s", channel->name, condition_row(r->channel_state[number])->word);
	if (record->serial > 0) {
		printf(", serial %llu of %s, generation %llu, %s", (unsigned long long)record->serial,
			status_ago(r, record->at, when), (unsigned long long)record->generation,
			size_text(record->octets, size));
		if (record->deltas > 0)
			printf(", %llu delta%s from %s on", (unsigned long long)record->deltas,
				record->deltas == 1 ? "" : "s", size_text(record->smallest, size));
	}
	printf("; to %s\n", channel->to);
	if (record->error[0])
		printf("  failing since %s: %s\n", status_ago(r, record->failed_at, when), record->error);
	promotion_words(r, number);
}

void status_words_outputs(const struct report *r)
{
	for (size_t i = 0; i < r->config->output_count; i++)
		print_output(r, i);
	for (size_t i = 0; i < r->config->partner_count; i++)
		print_partner_state(r, i);
	for (size_t i = 0; i < r->config->channel_count; i++)
		print_channel(r, i);
}
