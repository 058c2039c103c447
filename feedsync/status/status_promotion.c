/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/status/status_promotion.h"

#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/units.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/status/report.h"
#include "feedsync/status/status_private.h"

void promotions_gather(struct report *r)
{
	const struct config *config = r->config;
	r->promotions = xcalloc(config->channel_count, sizeof *r->promotions);
	for (size_t i = 0; i < config->channel_count; i++) {
		struct channel_promotion *p = &r->promotions[i];
		if (!config->channels[i].promote_from)
			continue;
		if (promotion_record_read(&p->record, config->state, &config->channels[i], &p->unread) == 0)
			p->unread.text[0] = '\0';
		promotion_health_read(&p->health, config->state, &config->channels[i]);
	}
}

/* Nobody has looked for four of the intervals, and a minute. */
static bool is_unwatched(const struct report *r, size_t channel)
{
	uint64_t patience = UINT64_C(4) * r->config->channels[channel].probe_interval_s + 60;
	return r->promotions[channel].health.looked_at + patience < r->now;
}

enum condition promotion_condition(const struct report *r, size_t channel, const char **detail)
{
	const struct channel_promotion *p = &r->promotions[channel];
	*detail = "";
	if (!r->config->channels[channel].promote_from)
		return CONDITION_WELL;
	*detail = p->unread.text;
	if (p->unread.text[0])
		return CHANNEL_NOT_PROMOTED;
	*detail = p->record.reason;
	if (p->record.halted_at > 0)
		return CHANNEL_HALTED;
	const bool unwatched = is_unwatched(r, channel);
	*detail = unwatched ? "nobody looks at the canaries" : p->health.finding.reason;
	if (unwatched)
		return CHANNEL_NOT_PROMOTED;
	bool waits = p->health.finding.state == PROMOTION_WAITS && p->health.since + BEHIND_CHANNEL_S < r->now;
	return waits ? CHANNEL_NOT_PROMOTED : CONDITION_WELL;
}

/* ---- words ---- */

static void print_promoted(const struct report *r, const struct channel *channel, const struct promotion_record *record)
{
	char when[UNITS_TEXT];
	printf("  promoted from %s: ", channel->promote_from->name);
	if (record->promoted.generation == 0) {
		printf("nothing yet\n");
		return;
	}
	printf("generation %llu, %s", (unsigned long long)record->promoted.generation,
		status_ago(r, record->promoted_at, when));
	if (record->promoted_by[0])
		printf(", by %s", record->promoted_by);
	if (record->amended.generation > 0)
		printf("; with what is allowed by command: generation %llu",
			(unsigned long long)record->amended.generation);
	putchar('\n');
}

static void print_trial(const struct report *r, const struct channel *channel, const struct promotion_health *health)
{
	const struct promotion_finding *finding = &health->finding;
	char when[UNITS_TEXT];
	if (health->looked_at == 0)
		return;
	if (finding->state == PROMOTION_PROVES)
		printf("  on trial: generation %llu, healthy for %llu of %u s",
			(unsigned long long)health->trial.candidate.generation,
			(unsigned long long)health->trial.healthy_ms / 1000, channel->promote_after_s);
	else if (finding->state == PROMOTION_WAITS)
		printf("  not promoted since %s%s%s", status_ago(r, health->since, when),
			finding->reason[0] ? ": " : "", finding->reason);
	else
		printf("  canaries: nothing new");
	printf("; %u of %u canaries answer, %u of %u answers without an address; seen %s\n", finding->answering,
		health->canaries, finding->failed, finding->asked, status_ago(r, health->looked_at, when));
}

void promotion_words(const struct report *r, size_t number)
{
	const struct channel *channel = &r->config->channels[number];
	const struct channel_promotion *p = &r->promotions[number];
	char when[UNITS_TEXT];
	if (!channel->promote_from)
		return;
	if (p->unread.text[0]) {
		printf("  %s\n", p->unread.text);
		return;
	}
	print_promoted(r, channel, &p->record);
	if (p->record.halted_at > 0)
		printf("  HALTED %s at generation %llu of %s%s%s: %s\n", status_ago(r, p->record.halted_at, when),
			(unsigned long long)p->record.halted.generation, channel->promote_from->name,
			p->record.halted_by[0] ? ", by " : "", p->record.halted_by, p->record.reason);
	print_trial(r, channel, &p->health);
}

/* ---- JSON ---- */

static void put_base_table(struct node *node, const char *key, const struct base_table *table)
{
	struct node *member = node_object();
	node_put(member, "generation", node_from_number(table->generation));
	node_put(member, "sha256", node_from_text(table->sha256));
	node_put(node, key, member);
}

struct node *promotion_json(const struct report *r, size_t number)
{
	const struct channel *channel = &r->config->channels[number];
	const struct promotion_record *record = &r->promotions[number].record;
	const struct promotion_health *health = &r->promotions[number].health;
	if (!channel->promote_from)
		return node_from_text(NULL);
	struct node *node = node_object();
	node_put(node, "from", node_from_text(channel->promote_from->name));
	put_base_table(node, "promoted", &record->promoted);
	node_put(node, "promoted_at", node_from_number(record->promoted_at));
	node_put(node, "promoted_by", node_from_text(record->promoted_by));
	put_base_table(node, "amended", &record->amended);
	node_put(node, "halted_at", node_from_number(record->halted_at));
	put_base_table(node, "halted", &record->halted);
	node_put(node, "halted_by", node_from_text(record->halted_by));
	node_put(node, "halted_reason", node_from_text(record->reason));
	node_put(node, "state", node_from_text(promotion_state_word(health->finding.state)));
	node_put(node, "since", node_from_number(health->since));
	node_put(node, "reason", node_from_text(health->finding.reason));
	put_base_table(node, "candidate", &health->trial.candidate);
	node_put(node, "healthy_s", node_from_number(health->trial.healthy_ms / 1000));
	node_put(node, "promote_after_s", node_from_number(channel->promote_after_s));
	node_put(node, "looked_at", node_from_number(health->looked_at));
	node_put(node, "canaries", node_from_number(health->canaries));
	node_put(node, "answering", node_from_number(health->finding.answering));
	node_put(node, "enforcing", node_from_number(health->finding.enforcing));
	node_put(node, "asked", node_from_number(health->finding.asked));
	node_put(node, "failed", node_from_number(health->finding.failed));
	return node;
}
