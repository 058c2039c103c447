/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/status/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/units.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/in_use.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/status/report_private.h"
#include "feedsync/trends/collector.h"
#include "feedsync/trends/trends_store.h"

/* ---- gathering ---- */

/* Whether a run, or a pull, has come to its end with what is published, and so must have written it into the history. */
static bool is_to_be_logged(const struct report *r, uint64_t generation)
{
	if (r->config->pull.url)
		return r->pull.taken_at > 0 && r->pull.generation == generation;
	return r->record.at > 0 && (r->record.ended || !r->running);
}

/* Checks that the published generation is in the history. */
static void check_history(struct report *r)
{
	struct history *history = NULL;
	uint64_t generation = r->table ? table_header(r->table)->generation : 0;
	if (generation == 0 || !is_to_be_logged(r, generation))
		return;
	int status = history_open(&history, r->config->state, false, &r->history);
	if (status == 0)
		status = history_has(history, generation, &r->history);
	if (status == 0)
		why_set(&r->history, 0, "generation %llu is not in it; the last run's messages say why",
			(unsigned long long)generation);
	history_close(&history);
}

/* Checks that a `run` that is at work keeps what is hit. */
static void check_trends_store(struct report *r)
{
	struct trends *trends = NULL;
	char when[TIMESTAMP_ROOM];
	uint64_t at = 0;
	if (!r->config->trends.wanted || !r->config->run || !r->running ||
		(!r->record.resident && r->config->feed_count > 0))
		return;
	int status = trends_open(&trends, r->config->state, false, &r->trends);
	if (status == 0)
		status = collector_written_at(trends, &at, &r->trends);
	uint64_t now = wall_now();
	if (status == 0 && (at + TRENDS_OLD_S < now || at > now + TRENDS_OLD_S))
		why_set(&r->trends, 0, "nothing since %s", timestamp_text(at, when));
	trends_close(&trends);
}

/* Reads the state directory and the table. */
static void gather_state(struct report *r, const struct config *config)
{
	if (config->pull.url) {
		pull_record_read(&r->pull, config->state);
		pull_record_begin_clock(&r->pull, config);
	} else {
		last_run_begin_clock(config);
	}
	r->now = wall_now();
	wall_doubt(r->doubt);
	r->feeds = xcalloc(config->feed_count, sizeof *r->feeds);
	for (size_t i = 0; i < config->feed_count; i++)
		feed_begin(&r->feeds[i], &config->feeds[i], config->state);
	int status = table_open(&r->table, config->table, &r->why);
	if (status != 0)
		r->table = NULL;
	r->table_error = error_class_from_code(status);
	/* Where the table is pulled, what was left of runs of before says nothing. */
	if (!config->pull.url)
		last_run_read(&r->record, config->state);
	r->running = state_dir_is_locked(config->state);
	r->edited = config->copied_at == 0 && !config_is_in_use(config);
	r->outdated = r->edited && r->running && (r->record.resident || r->pull.resident);
	r->taken_at = config_taken_at(config->state);
	hold_read(&r->hold, config->state);
	if (overrides_read(&r->overrides, config, &r->overrides_why) == 0)
		r->overrides_why.text[0] = '\0';
	r->guard_trouble_count = list_record_read(config->state, &r->guard_troubles);
	report_gather_outputs(r);
	check_history(r);
	check_trends_store(r);
}

/* ---- judging ---- */

/* `run` asks for each feed in its interval. Someone who runs `sync` by a timer may do so once a day. */
static bool is_stale(const struct report *r, const struct feed *feed)
{
	uint64_t old = (uint64_t)feed->config->interval_s * 3 + FETCH_TIMEOUT_S;
	if (!r->record.resident && old < ONE_DAY_S + ONE_DAY_S / 12)
		old = ONE_DAY_S + ONE_DAY_S / 12;
	return feed->record.current_at + old < r->now;
}

static enum condition judge_feed(const struct report *r, const struct feed *feed)
{
	if (feed->unread)
		return FEED_UNKNOWN;
	if (feed->record.alarm != ALARM_NONE)
		return FEED_ALARM;
	if (feed->record.withheld[0])
		return FEED_WITHHELD;
	if (feed->record.failures > 0)
		return FEED_FAILING;
	if (feed->record.current_at == 0) /* an attempt leaves this or a failure */
		return FEED_NOT_ASKED;
	if (is_ahead(r->now, feed->record.current_at))
		return FEED_AHEAD;
	if (is_stale(r, feed))
		return FEED_STALE;
	if (signature_is_old(feed->record.signed_at, feed->config->trust.max_age_s, r->now))
		return FEED_OLD_SIGNATURE;
	if (feed->config->max_unchanged_s > 0 && feed->record.changed_at + feed->config->max_unchanged_s < r->now)
		return FEED_UNCHANGED_LONG;
	if (feed->record.parsed.counts.entries == 0 && !feed_may_be_empty(feed, &feed->record.parsed.counts))
		return FEED_EMPTY;
	if (feed->record.missing > 0)
		return FEED_INCOMPLETE;
	return CONDITION_WELL;
}

/* Whether a resolver has the published table. A resolver may read its table under another name (a chroot, a copy); only
 * one that reads the same path can be compared. */
static bool has_published_table(const struct report *r, const struct counters_state *s)
{
	return !r->table || strcmp(s->table, r->config->table) != 0 ||
	       s->generation == table_header(r->table)->generation;
}

static enum condition judge_resolver(const struct report *r, const struct counters_snapshot *resolver)
{
	const struct counters_state *s = &resolver->state;
	if (!resolver->alive)
		return RESOLVER_DEAD;
	if (resolver->newer)
		return RESOLVER_NEWER;
	if (s->bypass_until > 0)
		return RESOLVER_BYPASSED;
	if (!s->active)
		return RESOLVER_INACTIVE;
	/* Workers that are processes do not tell whether they follow. */
	if (r->bypass.in_force && !s->processes && local_resolver_reads(resolver, r->config->table))
		return RESOLVER_STILL_BLOCKS;
	if (s->misplaced)
		return RESOLVER_NOT_FIRST;
	if (s->trouble[0])
		return RESOLVER_FILE;
	return has_published_table(r, s) ? CONDITION_WELL : RESOLVER_OUTDATED;
}

static enum condition judge_run(const struct report *r)
{
	if (r->record.at == 0 && r->record.error[0])
		return RUN_UNKNOWN;
	if (is_ahead(r->now, r->record.at))
		return RUN_AHEAD;
	/* A run that has not ended is under way, or it has died. */
	bool under_way = !r->record.ended && r->running;
	if (r->record.error[0] == '\0' || under_way)
		return CONDITION_WELL;
	return r->record.error_class == ERROR_ALARM ? RUN_ALARM : RUN_FAILED;
}

struct finding *report_add_finding(struct report *r, enum condition condition, const char *subject, const char *detail)
{
	if (condition == CONDITION_WELL)
		return NULL;
	struct finding *finding = &r->findings[r->finding_count++];
	*finding = (struct finding){.condition = condition, .detail = detail, .pulls = r->config->pull.url};
	snprintf(finding->subject, sizeof finding->subject, "%s", subject);
	return finding;
}

/* Judges what does not concern a single feed or resolver. */
static void judge_whole(struct report *r)
{
	const struct config *config = r->config;
	r->run_state = judge_run(r);
	if (r->bypass.in_force)
		report_add_finding(r, BYPASS_ON, "blocking", r->bypass_text);
	else if (r->bypass.why.text[0])
		report_add_finding(r, BYPASS_NOT_BELIEVED, "bypass", r->bypass.why.text);
	if (!r->table)
		report_add_finding(r, TABLE_NONE, "table", r->why.text);
	if (config->run && r->resolver_count == 0 && r->unprotected_count == 0)
		report_add_finding(r, RESOLVER_NONE, "resolvers", config->run);
	if (config->copied_at > 0)
		report_add_finding(r, CONFIGURATION_BROKEN, "configuration", config->path);
	if (r->outdated)
		report_add_finding(r, CONFIGURATION_OLDER, "configuration", config->path);
	if (r->doubt[0])
		report_add_finding(r, CLOCK_DOUBTED, "clock", r->doubt);
	report_add_finding(r, r->run_state, "last run", r->record.error);
	r->pull_state = report_pull_condition(r);
	report_add_finding(r, r->pull_state, "pull", r->pull.unread.text[0] ? r->pull.unread.text : r->pull.error);
	if (r->hold.held)
		report_add_finding(r, r->hold.unseen ? HOLD_UNKNOWN : HOLD_HELD, "publishing", r->hold.why.text);
	if (r->overrides_why.text[0])
		report_add_finding(r, OVERRIDES_BROKEN, "overrides", r->overrides_why.text);
	if (r->history.text[0])
		report_add_finding(r, HISTORY_INCOMPLETE, "history", r->history.text);
	if (r->trends.text[0])
		report_add_finding(r, TRENDS_BEHIND, "trends", r->trends.text);
	for (size_t i = 0; i < r->guard_trouble_count; i++)
		report_add_finding(r, GUARD_LIST, "guard", r->guard_troubles[i].why.text);
}

static void judge_each_feed(struct report *r)
{
	for (size_t i = 0; i < r->config->feed_count; i++) {
		const struct feed *feed = &r->feeds[i];
		enum condition condition = r->feed_state[i] = judge_feed(r, feed);
		char subject[160];
		snprintf(subject, sizeof subject, "feed %s", feed->config->name);
		struct finding *finding = report_add_finding(
			r, condition, subject, condition == FEED_WITHHELD ? feed->record.withheld : feed->record.error);
		if (finding)
			finding->feed = feed->config->name;
	}
}

static void judge_each_resolver(struct report *r)
{
	for (size_t i = 0; i < r->resolver_count; i++) {
		char name[LOCAL_RESOLVER_TEXT];
		r->resolver_state[i] = judge_resolver(r, &r->resolvers[i]);
		report_add_finding(r, r->resolver_state[i], local_resolver_text(&r->resolvers[i], name),
			r->resolvers[i].state.trouble);
	}
}

static void judge_each_unprotected(struct report *r)
{
	for (size_t i = 0; i < r->unprotected_count; i++) {
		const struct unprotected *u = &r->unprotected[i];
		char subject[64];
		snprintf(subject, sizeof subject, "resolver %ld", (long)u->pid);
		struct finding *finding =
			report_add_finding(r, u->certain ? RESOLVER_UNPROTECTED : RESOLVER_UNSEEN, subject, u->reason);
		if (u->next[0])
			finding->next = u->next;
	}
}

/* The worst comes first. Findings of the same impact are in the order of the conditions, and then by name. */
static int by_impact(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int x_impact = (int)condition_row(x->condition)->impact, y_impact = (int)condition_row(y->condition)->impact;
	if (x_impact != y_impact)
		return y_impact - x_impact;
	return x->condition != y->condition ? (int)x->condition - (int)y->condition : strcmp(x->subject, y->subject);
}

static void judge(struct report *r)
{
	enum { WHOLE = 12 }; /* findings of judge_whole */
	size_t feeds = r->config->feed_count;
	r->feed_state = xcalloc(feeds, sizeof *r->feed_state);
	r->resolver_state = xcalloc(r->resolver_count, sizeof *r->resolver_state);
	r->findings =
		xcalloc(WHOLE + r->guard_trouble_count + feeds + r->config->output_count + r->config->partner_count +
				r->config->channel_count + r->resolver_count + r->unprotected_count,
			sizeof *r->findings);
	judge_whole(r);
	judge_each_feed(r);
	report_judge_outputs(r);
	judge_each_resolver(r);
	judge_each_unprotected(r);
	qsort(r->findings, r->finding_count, sizeof *r->findings, by_impact);
}

int report_begin(struct report *r, const struct config *config, struct why *why)
{
	struct owner_visit visit;
	*r = (struct report){.config = config};
	int status = owner_enter_path(&visit, config->state, why);
	if (status != 0)
		return status;
	gather_state(r, config);
	owner_leave(&visit);
	bypass_file_read(&r->bypass, config->table);
	bypass_file_text(&r->bypass, r->bypass_text);
	/* The owner of the state directory may not be allowed to read what resolvers show. */
	r->resolvers = local_resolvers_find(config->run, &r->resolver_count);
	if (config->run)
		r->unprotected_count = unprotected_find(
			r->unprotected, UNPROTECTED_PROC, UNPROTECTED_NOTE, r->resolvers, r->resolver_count);
	judge(r);
	return 0;
}

void report_end(struct report *r)
{
	for (size_t i = 0; i < r->config->feed_count; i++)
		feed_end(&r->feeds[i]);
	free(r->feeds);
	free(r->feed_state);
	report_end_outputs(r);
	free(r->resolvers);
	free(r->resolver_state);
	free(r->findings);
	free(r->guard_troubles);
	overrides_end(&r->overrides);
	table_close(&r->table);
}

/* ---- the verdict ---- */

const char *report_next(const struct finding *finding, char text[NEXT_TEXT])
{
	const char *name = finding->output ? "OUTPUT" : finding->channel ? "CHANNEL" : "FEED";
	const char *value = finding->output ? finding->output : finding->channel ? finding->channel : finding->feed;
	const char *next = finding->next ? finding->next : condition_row(finding->condition)->next;
	if (finding->pulls && strcmp(next, "feedsync sync") == 0)
		next = "feedsync pull --once";
	const char *at = value ? strstr(next, name) : NULL;
	if (at)
		snprintf(text, NEXT_TEXT, "%.*s%s%s", (int)(at - next), next, value, at + strlen(name));
	else
		snprintf(text, NEXT_TEXT, "%s", next);
	return text;
}

/* What the table comes from. */
static const char *source_text(const struct report *r, char *text, size_t room)
{
	if (r->config->pull.url)
		snprintf(text, room, "serial %llu of channel %s", (unsigned long long)r->pull.serial, r->pull.channel);
	else
		snprintf(text, room, "%zu feed%s", r->config->feed_count, r->config->feed_count == 1 ? "" : "s");
	return text;
}

void report_verdict(const struct report *r, char text[VERDICT_TEXT])
{
	char next[NEXT_TEXT], made[UNITS_TEXT], more[64] = "";
	if (r->finding_count == 0) {
		char source[MANIFEST_CHANNEL_TEXT + 40];
		snprintf(text, VERDICT_TEXT, "well: %s, %zu resolver%s, %llu rules in generation %llu, made %s",
			source_text(r, source, sizeof source), r->resolver_count, r->resolver_count == 1 ? "" : "s",
			(unsigned long long)table_header(r->table)->rules,
			(unsigned long long)table_header(r->table)->generation,
			ago_text(r->now, table_header(r->table)->created, made));
		return;
	}
	const struct finding *worst = &r->findings[0];
	const struct condition_row *row = condition_row(worst->condition);
	if (r->finding_count > 1)
		snprintf(more, sizeof more, " (and %zu more, see below)", r->finding_count - 1);
	snprintf(text, VERDICT_TEXT, "NOT WELL: %s: %s%s%.300s%s: %s; next: `%s`%s", worst->subject, row->word,
		worst->detail[0] ? " (" : "", worst->detail, worst->detail[0] ? ")" : "", row->meaning,
		report_next(worst, next), more);
}

int report_hits(const struct report *r, const struct counters_snapshot *resolver, struct hits_reader **reader)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s.hits", r->config->run, resolver->name);
	*reader = NULL;
	return hits_open(reader, path);
}
