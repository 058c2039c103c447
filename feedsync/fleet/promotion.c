/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/promotion.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/channel_record.h"
#include "feedsync/fleet/health_look.h"
#include "feedsync/fleet/promoted_table.h"
#include "feedsync/fleet/promotion_record.h"
#include "feedsync/fleet/table_source.h"
#include "libweir/errors.h"

/* What is known of a channel while its promotion is decided: the lock is held. */
struct promotion {
	const struct config *config;
	const struct channel *channel;
	int lock;
	uint64_t decided; /* path_sum of the record */
	struct promotion_record record;
	struct promotion_health health;
	struct base_table offered; /* what the canaries' channel has */
};

static void read_offered(struct promotion *p)
{
	struct channel_record from;
	channel_record_read(&from, p->config->state, p->channel->promote_from);
	p->offered.generation = from.generation;
	snprintf(p->offered.sha256, sizeof p->offered.sha256, "%s", from.sha256);
}

static int promotion_begin(
	struct promotion *p, const struct config *config, const struct channel *channel, struct why *why)
{
	char folder[FOLDER_TEXT];
	*p = (struct promotion){.config = config, .channel = channel};
	p->lock = promotion_lock(config->state, channel, why);
	if (p->lock < 0)
		return p->lock;
	promotion_health_read(&p->health, config->state, channel);
	read_offered(p);
	p->decided = path_sum_in(promotion_folder(config->state, channel, folder), PROMOTION_RECORD);
	return promotion_record_read(&p->record, config->state, channel, why);
}

static void promotion_end(struct promotion *p)
{
	if (p->lock >= 0)
		close(p->lock);
}

static int write_decision(struct promotion *p, struct why *why)
{
	int status = promotion_record_write(&p->record, p->config->state, p->channel, why);
	if (status != 0)
		return status;
	p->health.trial = (struct trial){0};
	promotion_health_write(&p->health, p->config->state, p->channel);
	return 0;
}

/* ---- decisions ---- */

static int decide_promote(struct promotion *p, const struct base_table *table, const char *by, struct why *why)
{
	p->record = (struct promotion_record){.promoted = *table, .promoted_at = wall_now()};
	snprintf(p->record.promoted_by, sizeof p->record.promoted_by, "%s", by);
	return write_decision(p, why);
}

static int decide_halt(struct promotion *p, const char *by, const char *reason, struct why *why)
{
	p->record.halted_at = wall_now();
	p->record.halted = p->offered;
	snprintf(p->record.halted_by, sizeof p->record.halted_by, "%s", by);
	snprintf(p->record.reason, sizeof p->record.reason, "%s", reason);
	return write_decision(p, why);
}

static void log_halt(const struct promotion *p)
{
	const char *name = p->channel->name, *from = p->channel->promote_from->name;
	char back[120] = "there is no promoted table to go back to";
	if (p->record.promoted.generation > 0)
		snprintf(back, sizeof back, "channel %s goes back to generation %llu", from,
			(unsigned long long)p->record.promoted.generation);
	log_error(
		"channel %s: HALTED at generation %llu of channel %s: %s; %s, and channel %s keeps what it has; next: "
		"mend it (`feedsync why NAME`, `feedsync allow NAME`), then `feedsync resume %s`",
		name, (unsigned long long)p->offered.generation, from, p->record.reason, back, name, name);
}

/* ---- a look ---- */

static struct promotion_question question_of_look(const struct promotion *p, const struct health_look *look)
{
	enum { GAPS = 3 /* a look may take long, and be late */ };
	const struct channel *channel = p->channel;
	return (struct promotion_question){.canary = look->canary,
		.count = look->count,
		.offered = p->offered,
		.promoted = p->record.promoted.generation,
		.amended = p->record.amended.generation,
		.before = p->health.before,
		.now_ms = clock_ms(),
		.after_ms = channel->promote_after_s * UINT64_C(1000),
		.gap_ms = GAPS * channel->probe_interval_s * UINT64_C(1000),
		.rise_percent = channel->servfail_rise};
}

/* The canaries enforce what is promoted: this is how they are without a new table. */
static void note_before(struct promotion *p, const struct health_look *look)
{
	const struct promotion_finding *f = &p->health.finding;
	p->health.before = (struct health_before){true, f->answering, f->asked, f->failed};
	p->health.blocked_count = 0;
	for (size_t i = 0; i < look->blocked_count && i < KNOWN_BLOCKED; i++)
		snprintf(p->health.blocked[p->health.blocked_count++], KNOWN_NAME, "%s", look->blocked[i]);
}

/* A candidate must be at hand when it is promoted. */
static int hold_candidate(const struct promotion *p, struct why *why)
{
	struct table_source from;
	struct base_table added;
	char path[PATH_MAX];
	const struct base_table *candidate = &p->health.trial.candidate;
	char folder[FOLDER_TEXT];
	promotion_folder(p->config->state, p->channel, folder);
	if (candidate->generation == 0 || access(base_table_path(folder, candidate, path), F_OK) == 0)
		return 0;
	int status = table_source_find(&from, p->config, p->channel->promote_from, why);
	if (status == 0)
		status = promoted_table_add(
			&added, p->config, p->channel, base_table_path(from.folder, candidate, path), why);
	return status;
}

static void take_finding(struct promotion *p, const struct promotion_finding *finding, size_t canaries)
{
	struct promotion_health *h = &p->health;
	bool news = h->looked_at == 0 || h->finding.state != finding->state ||
		    strcmp(h->finding.reason, finding->reason) != 0;
	h->looked_at = wall_now();
	h->canaries = (uint32_t)canaries;
	if (h->since == 0 || h->finding.state != finding->state)
		h->since = h->looked_at;
	h->finding = *finding;
	if (news && finding->state == PROMOTION_WAITS)
		log_warning("channel %s: nothing is promoted: %s", p->channel->name, finding->reason);
	else if (news && finding->state == PROMOTION_PROVES)
		log_info("channel %s: generation %llu is on trial: the canaries are healthy", p->channel->name,
			(unsigned long long)h->trial.candidate.generation);
}

static int act_upon_finding(struct promotion *p, const struct health_look *look, struct why *why)
{
	struct promotion_health *h = &p->health;
	const struct base_table candidate = h->trial.candidate;
	if (h->finding.state == PROMOTION_RESTS)
		note_before(p, look);
	if (h->finding.state == PROMOTION_UNHEALTHY) {
		int status = decide_halt(p, "", h->finding.reason, why);
		if (status == 0)
			log_halt(p);
		return status;
	}
	int status = hold_candidate(p, why);
	if (status != 0 || h->finding.state != PROMOTION_READY)
		return status;
	note_before(p, look);
	const uint64_t healthy_ms = h->trial.healthy_ms;
	status = decide_promote(p, &candidate, "", why);
	if (status == 0)
		log_info("channel %s: generation %llu is promoted: the canaries have been healthy for %llu s",
			p->channel->name, (unsigned long long)candidate.generation,
			(unsigned long long)healthy_ms / 1000);
	return status;
}

/* Logs what keeps a look from its end, once as long as it stays. NULL: nothing does. */
static void note_look_fault(const struct channel *channel, const struct why *why)
{
	static char said[sizeof why->text]; /* a process looks at one channel */
	if (why && strcmp(said, why->text) != 0)
		log_error("channel %s: nothing is promoted: %s", channel->name, why->text);
	snprintf(said, sizeof said, "%s", why ? why->text : "");
}

static int judge_look(struct promotion *p, const struct health_look *look, struct why *why)
{
	struct promotion_finding finding;
	const struct promotion_question question = question_of_look(p, look);
	promotion_judge(&question, &p->health.trial, &finding);
	if (p->record.halted_at > 0) {
		p->health.trial = (struct trial){0};
		if (finding.state != PROMOTION_RESTS) {
			finding.state = PROMOTION_WAITS;
			if (!finding.reason[0])
				snprintf(finding.reason, sizeof finding.reason, "it is halted");
		}
	}
	take_finding(p, &finding, look->count);
	int status = act_upon_finding(p, look, why);
	if (status != 0)
		p->health.trial = (struct trial){0};
	promotion_health_write(&p->health, p->config->state, p->channel);
	return status;
}

/* Whether somebody has decided otherwise, or the canaries' channel got another table, while the canaries were asked. */
static bool is_overtaken(const struct promotion *before, const struct promotion *now)
{
	return before->decided != now->decided || before->offered.generation != now->offered.generation ||
	       strcmp(before->offered.sha256, now->offered.sha256) != 0;
}

static int read_before(struct promotion *p, const struct config *config, const struct channel *channel, struct why *why)
{
	int status = promotion_begin(p, config, channel, why);
	promotion_end(p);
	return status;
}

void promotion_look(const struct config *config, const struct channel *channel, const struct health_names *names)
{
	static struct promotion before, now;
	struct health_look look;
	struct why why;
	int status = read_before(&before, config, channel, &why);
	if (status == 0) {
		health_look_begin(&look, config, channel, names, &before.health);
		status = promotion_begin(&now, config, channel, &why);
		if (status == 0 && !is_overtaken(&before, &now))
			status = judge_look(&now, &look, &why);
		promotion_end(&now);
		health_look_end(&look);
	}
	note_look_fault(channel, status != 0 ? &why : NULL);
}

/* ---- by hand ---- */

int promotion_promote(const struct config *config, const struct channel *channel, const char *by, struct why *why)
{
	static struct promotion p;
	struct base_table table;
	int status = promotion_begin(&p, config, channel, why);
	if (status == 0)
		status = promoted_table_add(&table, config, channel, config->table, why);
	if (status == 0 && p.record.halted_at == 0 && table.generation == p.record.promoted.generation)
		status = why_set(
			why, -EALREADY, "generation %llu is promoted already", (unsigned long long)table.generation);
	if (status == 0)
		status = decide_promote(&p, &table, by, why);
	promotion_end(&p);
	if (status == 0)
		log_info("channel %s: generation %llu is promoted by hand", channel->name,
			(unsigned long long)table.generation);
	return status;
}

void promotion_promote_all(const struct config *config, const char *by)
{
	struct why why;
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct channel *channel = &config->channels[i];
		int status = channel->promote_from ? promotion_promote(config, channel, by, &why) : 0;
		if (status != 0 && status != -EALREADY)
			log_error("channel %s: not promoted, it keeps what it has: %s", channel->name, why.text);
	}
}

int promotion_halt(
	const struct config *config, const struct channel *channel, const char *by, const char *reason, struct why *why)
{
	static struct promotion p;
	int status = promotion_begin(&p, config, channel, why);
	if (status == 0 && p.record.halted_at > 0)
		status = why_set(why, -EALREADY, "it is halted already: %.200s", p.record.reason);
	if (status == 0)
		status = decide_halt(&p, by, reason, why);
	if (status == 0)
		log_halt(&p);
	promotion_end(&p);
	return status;
}

int promotion_resume(const struct config *config, const struct channel *channel, struct why *why)
{
	static struct promotion p;
	int status = promotion_begin(&p, config, channel, why);
	if (status == 0 && p.record.halted_at == 0)
		status = why_set(why, -EALREADY, "it is not halted");
	if (status == 0) {
		p.record.halted_at = 0;
		p.record.halted = (struct base_table){0};
		p.record.halted_by[0] = p.record.reason[0] = '\0';
		status = write_decision(&p, why);
	}
	promotion_end(&p);
	if (status == 0)
		log_info("channel %s: resumed: channel %s gets the published table again", channel->name,
			channel->promote_from->name);
	return status;
}
