/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/table_alarm.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "libweir/table.h"

/* ---- what was to be expected ---- */

/* How many entries of a feed have expired since the published table was made. The result is negative if that was by a
 * wrong clock.
 *
 * If the feed's good version came later than the table, the entries count that were in force when it came and was
 * judged. Such a version may be in no table: it made the same table, or none that was published. A version that has
 * just come says nothing about itself, since that may be a mistake: of it only those entries count that the versions
 * before told of. To find out, the version is parsed twice. That is done only where there is an alarm. */
static int64_t expired_since(const struct compile *compile, const char *name, uint64_t created)
{
	struct why why;
	for (size_t i = 0; i < compile->feed_count; i++) {
		struct compile_feed then = compile->feeds[i], now = compile->feeds[i];
		int64_t former = (int64_t)then.expired;
		if (strcmp(compile->policy.feeds[then.source.feed].name, name) != 0)
			continue;
		if (then.unread || !format_expires(then.format, &then.options))
			return 0;
		if (then.since == 0)
			return former;
		then.samples = now.samples = NULL;
		then.options.now = then.since > created ? then.since : created;
		if (compile_check(&then, compile->guard, &why) != 0 || compile_check(&now, compile->guard, &why) != 0)
			return former;
		return former + (int64_t)then.counts.entries - (int64_t)now.counts.entries;
	}
	return 0;
}

static int64_t expiry_of(const struct table_alarm *t, struct feed_share *s)
{
	if (!s->expired_known)
		s->expired = expired_since(t->compile, s->name, table_header(t->published)->created);
	s->expired_known = true;
	return s->expired;
}

/* How many of the names that are gone had expired, as the feed's published version says. */
static uint64_t expired_of(const struct table_alarm *t, struct feed_share *s)
{
	int64_t expired = s->gone > 0 ? expiry_of(t, s) : 0;
	return expired <= 0 ? 0 : (uint64_t)expired < s->gone ? (uint64_t)expired : s->gone;
}

/* How many of a feed's additional names had expired in the published table. */
static uint64_t regained_of(const struct table_alarm *t, struct feed_share *s)
{
	int64_t expired = expiry_of(t, s);
	return s->lapsed + (expired < 0 ? (uint64_t)-expired : 0);
}

/* ---- one feed ---- */

/* Judges what one feed does to the table by itself. It may have lost much of what it held, even if it holds as much of
 * something else now. Or it may free much of what other feeds hold. `expired` of the names that are gone were to be
 * expected. */
static enum alarm judge_share(
	const struct table_alarm *t, const struct feed_share *s, uint64_t expired, struct why *why)
{
	uint64_t all = table_header(t->published)->rules;
	uint64_t now = s->now + s->overruled + expired;
	if (!s->limits)
		return ALARM_NONE;
	enum alarm alarm = alarm_size(s->limits, "rules", "", s->before, now < s->before ? now : s->before, why);
	if (alarm == ALARM_NONE)
		alarm = alarm_churn(s->limits, s->before, s->gone - expired, why);
	if (alarm == ALARM_NONE)
		alarm = alarm_depth(s->limits, s->before, s->nodes_before, s->now, s->nodes_now, why);
	if (alarm == ALARM_NONE && s->freed > 0) {
		alarm = alarm_size(s->limits, "rules", "", all, all > s->freed ? all - s->freed : 0, why);
		if (alarm != ALARM_NONE)
			why_set(why, 0, "it would allow %llu of the %llu names that are blocked (max-shrink %u)",
				(unsigned long long)s->freed, (unsigned long long)all, s->limits->max_shrink);
	}
	return alarm;
}

static void withhold(struct feed_share *s, enum alarm alarm, const struct why *reason)
{
	s->withheld = true;
	s->alarm = alarm;
	if (s->limits)
		why_set(&s->why, 0, "ALARM: %.150s; if that is right: feedsync sync --accept %s", reason->text,
			s->name);
	else
		why_set(&s->why, 0, "ALARM: %.150s; if that is right: feedsync sync --accept-table", reason->text);
}

/* Withholds each feed that raises an alarm by itself. Returns whether there was one. */
static bool judge_feeds(struct table_alarm *t)
{
	bool found = false;
	for (size_t i = 0; i < t->shares.count; i++) {
		struct feed_share *s = &t->shares.share[i];
		struct why reason, rest;
		enum alarm alarm = s->withheld ? ALARM_NONE : judge_share(t, s, 0, &reason);
		if (alarm == ALARM_NONE)
			continue;
		alarm = judge_share(t, s, expired_of(t, s), &rest);
		if (alarm == ALARM_NONE) {
			log_info("feed %s: %s, because entries expired", s->name, reason.text);
		} else if (t->accept || s->accepted) {
			log_warning("feed %s: accepted: %s", s->name, rest.text);
		} else {
			withhold(s, alarm, &rest);
			found = true;
		}
	}
	return found;
}

/* ---- all of them ---- */

/* How many names, beyond those expected, a feed makes the table smaller or larger by. */
static uint64_t blame_of(const struct table_alarm *t, struct feed_share *s, enum alarm alarm)
{
	uint64_t now = s->now + s->overruled;
	uint64_t less = now < s->before ? s->before - now : 0, more = s->now > s->before ? s->now - s->before : 0;
	if (alarm == ALARM_GROWTH) {
		uint64_t regained = more > 0 ? regained_of(t, s) : 0;
		return s->before > 0 && more > regained ? more - regained : 0; /* a new feed was wanted */
	}
	less = less > s->gone ? less : s->gone;
	return less - expired_of(t, s) + s->freed;
}

static enum alarm judge_rules(const struct table_alarm *t, const struct alarm_limits *limits, uint64_t excused,
	enum alarm alarm, struct why *why)
{
	uint64_t before = table_header(t->published)->rules, now = t->rules;
	if (alarm == ALARM_SHRINK)
		now = now + excused < before ? now + excused : before;
	else
		now = now > excused + before ? now - excused : before;
	return alarm_size(limits, "rules", "table-", before, now, why);
}

/* Withholds the feeds that make the table so much smaller or larger, the worst first, until what the others do is no
 * alarm. Returns whether it withheld one. */
static bool withhold_worst(struct table_alarm *t, const struct alarm_limits *limits, uint64_t excused, enum alarm alarm,
	const struct why *reason)
{
	bool found = false;
	struct why rest;
	while (judge_rules(t, limits, excused, alarm, &rest) == alarm) {
		struct feed_share *worst = NULL;
		uint64_t most = 0;
		for (size_t i = 0; i < t->shares.count; i++) {
			struct feed_share *s = &t->shares.share[i];
			uint64_t blame = s->withheld || s->accepted ? 0 : blame_of(t, s, alarm);
			if (blame > most) {
				most = blame;
				worst = s;
			}
		}
		if (!worst)
			break;
		struct why why;
		why_set(&why, 0, "%s%.130s", worst->limits ? "" : "taken out of the configuration: ", reason->text);
		withhold(worst, alarm, &why);
		excused += most;
		found = true;
	}
	return found;
}

/* How many names the table changes by through no fault of a feed, or as the operator has accepted. */
static uint64_t sum_excused(const struct table_alarm *t, enum alarm alarm)
{
	uint64_t before = t->shares.operator_before, now = t->shares.operator_now;
	uint64_t excused = alarm == ALARM_SHRINK ? t->shares.taken : now > before ? now - before : 0;
	for (size_t i = 0; i < t->shares.count; i++) {
		struct feed_share *s = &t->shares.share[i];
		uint64_t blame = blame_of(t, s, alarm);
		if (alarm == ALARM_GROWTH && s->now > s->before)
			excused += s->now - s->before - (s->accepted ? 0 : blame);
		else if (alarm == ALARM_SHRINK)
			excused += (s->accepted ? blame : 0) + expired_of(t, s);
	}
	return excused;
}

static void log_expected(const struct table_alarm *t, enum alarm alarm, const struct why *reason)
{
	for (size_t i = 0; alarm == ALARM_GROWTH && i < t->shares.count; i++)
		if (t->shares.share[i].before == 0 && t->shares.share[i].now > 0) {
			log_info("the table: %s, because feed %s was added", reason->text, t->shares.share[i].name);
			return;
		}
	log_info("the table: %s, because %s", reason->text,
		alarm == ALARM_GROWTH ? "expired entries came back"
		: t->shares.taken > 0 ? "entries expired, or `allow` and `own` took them"
				      : "entries expired");
}

static int judge_table(struct table_alarm *t, struct why *why)
{
	struct alarm_limits limits = t->config->table_limits;
	struct why reason, rest;
	/* An operator who has only files left may still have taken a large list out by mistake. */
	if (limits.max_shrink == PERCENT_NEVER && feed_shares_taken_out(&t->shares))
		limits.max_shrink = 50;
	enum alarm alarm = alarm_size(&limits, "rules", "table-", table_header(t->published)->rules, t->rules, &reason);
	if (alarm == ALARM_NONE)
		return 0;
	uint64_t excused = sum_excused(t, alarm);
	if (judge_rules(t, &limits, excused, alarm, &rest) != alarm) {
		log_expected(t, alarm, &reason);
		return 0;
	}
	if (t->accept) {
		log_warning("the table: accepted: %s", reason.text);
		return 0;
	}
	struct why text;
	why_set(&text, 0, "the table would hold %s", reason.text);
	if (withhold_worst(t, &limits, excused, alarm, &text))
		return 1;
	return why_set(why, -EBADMSG, "ALARM: %s; if that is right: feedsync sync --accept-table", text.text);
}

/* ---- */

int table_alarm_judge(struct table_alarm *t, const struct compile *compile, int fd, uint64_t rules, struct why *why)
{
	struct table *table = NULL;
	t->compile = compile;
	t->rules = rules;
	int status = table_open_fd(&table, fd, why);
	if (status == 0)
		status = feed_shares_count(&t->shares, t->published, table, compile->guard, why);
	table_close(&table);
	if (status != 0)
		return status;
	bool found = judge_feeds(t);
	return found ? 1 : judge_table(t, why);
}

/* How many nodes a feed wants in the table beyond those that it has. If its version was not read in this run, its nodes
 * may not be known; its entries are. */
static uint64_t demand_of(const struct compile_feed *feed, const struct feed_share *share)
{
	uint64_t wanted = feed->counts.nodes > feed->counts.entries ? feed->counts.nodes : feed->counts.entries;
	return wanted > share->nodes_before ? wanted - share->nodes_before : 0;
}

bool table_alarm_withhold_grown(struct table_alarm *t, const struct compile *compile, const struct why *reason)
{
	struct feed_share *worst = NULL;
	struct why why;
	uint64_t most = 0;
	if (t->published && feed_shares_count(&t->shares, t->published, t->published, compile->guard, &why) != 0)
		return false;
	for (size_t i = 0; i < compile->feed_count; i++) {
		const struct compile_feed *feed = &compile->feeds[i];
		struct feed_share *share = &t->shares.share[feed->source.feed];
		uint64_t demand = demand_of(feed, share);
		if (feed->unread || (worst && worst->news && !share->news))
			continue;
		if (worst && worst->news == share->news && demand <= most)
			continue;
		worst = share;
		most = demand;
	}
	if (!worst)
		return false;
	why_set(&why, 0, "it needs the most room, and no table can be made with it: %.100s", reason->text);
	withhold(worst, ALARM_ROOM, &why);
	return true;
}
