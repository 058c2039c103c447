/* SPDX-License-Identifier: BSD-3-Clause */
/* Judging a version of a feed: whether it can be parsed, and whether it is to be believed. See feed.h. */
#include <errno.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/feeds/feed.h"
#include "libweir/errors.h"

const struct guard *feed_guard(const struct feed *feed, const struct guard *guard)
{
	return feed->config->allows ? NULL : guard;
}

struct compile_feed feed_parse(const struct feed *feed, const char *path)
{
	const struct feed_config *config = feed->config;
	return (struct compile_feed){.format = config->format,
		.options = config->options,
		.unguarded = &config->unguarded,
		.allows = config->allows,
		.path = path,
		.document = config->name};
}

size_t feeds_list_good(const struct feed *feeds, size_t feed_count, struct compile_feed *list)
{
	size_t count = 0;
	for (size_t i = 0; i < feed_count; i++) {
		const struct feed *feed = &feeds[i];
		if (!feed_has_good(feed))
			continue;
		list[count] = feed_parse(feed, feed->good);
		list[count].counts = feed->record.parsed.counts;
		list[count].sum = feed->record.sum;
		list[count].next_sum = feed->record.next_sum;
		list[count].expired = feed->record.expired;
		list[count].since = feed->run.result == FEED_FRESH ? 0 : feed->record.changed_at;
		list[count++].source = (struct source){.feed = (uint16_t)i, .category = feed->config->category};
	}
	return count;
}

int feeds_guard_hosts(const struct feed *feeds, size_t count, struct guard *guard)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < count; i++)
		if (feeds[i].record.redirected_to[0])
			status = guard_add_host(guard, feeds[i].record.redirected_to);
	return status;
}

int feeds_check_allowing(const struct feed *feeds, size_t count, const struct table *published, struct why *why)
{
	for (size_t i = 0; i < count; i++)
		if (feeds[i].config->allows && !feed_has_good(&feeds[i]) &&
			!compile_allows_in(published, feeds[i].config->name))
			return why_set(why, -ENODATA, "feed %s lets names pass, and has no good version: %.150s",
				feeds[i].config->name,
				feeds[i].record.error[0] ? feeds[i].record.error : "not asked for yet");
	return 0;
}

int feed_check(const struct feed *feed, const char *path, const struct guard *guard, struct parse_report *report,
	struct why *why)
{
	struct compile_feed parse = feed_parse(feed, path);
	parse.samples = &report->samples;
	int status = compile_check(&parse, feed_guard(feed, guard), why);
	report->counts = parse.counts;
	return status;
}

/* How many entries of the last good version have expired since it was last read into a table. */
static uint64_t count_expired(const struct feed *feed, const struct parse_counts *old)
{
	uint64_t before = feed->record.parsed.counts.rejected[REJECT_EXPIRED], now = old->rejected[REJECT_EXPIRED];
	return now > before ? now - before : 0;
}

/* Compares a new version with the last good one. Where entries expire, fewer and fewer of the last good version are in
 * force, as was to be expected. So a shrink is measured by what is in force of both versions now. A growth is measured
 * by what there was when the last one came. What the new version says about the ends of its own entries is no
 * excuse. */
static enum alarm judge_by_last_good(
	struct feed *feed, const struct parse_counts *counts, const struct guard *guard, struct why *why)
{
	const struct feed_config *config = feed->config;
	uint64_t before = feed_has_good(feed) ? feed->record.reference : 0;
	enum alarm alarm = alarm_counts(&config->limits, counts, before, why);
	bool sized = alarm == ALARM_SHRINK || alarm == ALARM_GROWTH || counts->entries + ALARM_MIN_CHANGE <= before;
	struct compile_feed good = feed_parse(feed, feed->good);
	const struct parse_counts *old = &good.counts;
	struct why reason;
	feed->run.new_expired = 0;
	if (!sized || !format_expires(config->format, &config->options) ||
		compile_check(&good, feed_guard(feed, guard), &reason) != 0 || old->damaged > 0)
		return alarm;
	feed->run.new_expired = count_expired(feed, old);
	if (alarm != ALARM_SHRINK && alarm != ALARM_GROWTH)
		return alarm;
	if (alarm == ALARM_SHRINK || old->entries > before)
		before = old->entries;
	return alarm_counts(&config->limits, counts, before, why);
}

/* ---- versions without an entry ---- */

/* Whether a version without an entry says that nothing is left. A server that suddenly lists nothing is more likely to
 * be broken than to have withdrawn everything. Two things show that it has withdrawn everything: a format in which a
 * document is seen to be whole and empty; or entries that were understood, and say that they are not to be used. A file
 * of this machine may be emptied, or have all of its lines commented out, by whoever keeps it. */
static bool says_nothing_is_left(const struct feed *feed, const struct parse_counts *counts)
{
	uint64_t rejected = counts_rejected(counts);
	if (rejected > 0) /* in a first version that is more likely to be a mistake in the feed's settings */
		return rejected == counts_withdrawn(counts) && feed_has_good(feed);
	return feed->config->own || feed->config->format->empty_means_withdrawn;
}

/* Whether it is no version at all, so that nobody can accept it. */
static bool is_nothing(const struct feed *feed, const struct parse_counts *counts)
{
	uint64_t rejected = counts_rejected(counts);
	bool blank = counts->blank && (!feed->config->own || feed->config->allows);
	return blank || counts->damaged > 0 || (rejected > 0 && rejected == counts_malformed(counts));
}

/* Returns what alarm_counts returns, or -EBADMSG. */
static int judge_empty(const struct feed *feed, const struct parse_counts *counts, struct why *why)
{
	char reasons[COUNTS_REASONS];
	if (counts->blank && is_nothing(feed, counts))
		return why_set(why, -EBADMSG, "an empty document");
	if (counts->damaged > 0)
		return why_set(why, -EBADMSG, "not one usable entry, and %llu documents that cannot be read",
			(unsigned long long)counts->damaged);
	if (is_nothing(feed, counts))
		return why_set(why, -EBADMSG, "not one usable entry, as if it were not %s (%s)",
			feed->config->format->name, counts_reasons(counts, reasons));
	if (says_nothing_is_left(feed, counts))
		return ALARM_NONE;
	why_set(why, 0, "not one usable entry (%.150s)",
		counts_rejected(counts) > 0 ? counts_reasons(counts, reasons) : "nothing but comments");
	return ALARM_EMPTY;
}

/* ---- */

/* A feed without any version has nothing else to tell. */
static void note_refused(struct feed *feed, const struct parse_report *report)
{
	compile_log_rejects(feed->config->name, &report->counts, &report->samples);
	if (feed_has_good(feed))
		return;
	feed->record.parsed = *report;
	feed->record.parsed.counts.entries = 0;
}

int feed_check_alarms(struct feed *feed, const struct parse_report *report, const struct guard *guard, struct why *why)
{
	const struct parse_counts *counts = &report->counts;
	const char *name = feed->config->name;
	struct why reason;
	int alarm = counts->entries == 0 ? judge_empty(feed, counts, &reason) : ALARM_NONE;
	if (alarm == ALARM_NONE)
		alarm = (int)alarm_not_freed(counts, &reason);
	if (alarm == ALARM_NONE)
		alarm = (int)judge_by_last_good(feed, counts, guard, &reason);
	if (alarm == ALARM_NONE)
		return 0;
	if (feed->run.accept && alarm > 0) {
		feed->run.accepted = true;
		log_warning("feed %s: accepted: %s", name, reason.text);
		return 0;
	}
	note_refused(feed, report);
	if (alarm < 0)
		return why_set(why, alarm, "%s", reason.text);
	feed->record.alarm = (enum alarm)alarm;
	return why_set(why, -EBADMSG, "ALARM: %.*s; if that is right: feedsync sync --accept %s",
		(int)(sizeof why->text - sizeof "ALARM: ; if that is right: feedsync sync --accept " - strlen(name)),
		reason.text, name);
}

bool feed_may_be_empty(const struct feed *feed, const struct parse_counts *counts)
{
	return feed->config->own || feed->record.reference == 0 || counts->rejected[REJECT_EXPIRED] > 0;
}
