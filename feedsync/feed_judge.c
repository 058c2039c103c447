/* Judging a version of a feed: whether it can be parsed, and whether it is to be believed. See feed.h. */
#include <errno.h>

#include "errors.h"
#include "feed.h"
#include "log.h"
#include "maxima.h"

const struct guard *feed_guard(const struct feed *feed, const struct guard *guard)
{
	return feed->config->allows ? NULL : guard;
}

struct compile_feed feed_parse(const struct feed *feed, const char *path)
{
	const struct feed_config *config = feed->config;
	return (struct compile_feed){
		.format = config->format, .options = config->options, .path = path, .document = config->name};
}

int feed_check(
	const struct feed *feed, const char *path, const struct guard *guard, struct tally *tally, struct why *why)
{
	struct compile_feed parse = feed_parse(feed, path);
	int status = compile_check(&parse, feed_guard(feed, guard), why);
	*tally = parse.tally;
	return status;
}

/* How many entries of the last good version have expired since it was last read into a table. */
static uint64_t count_expired(const struct feed *feed, const struct tally *old)
{
	uint64_t before = feed->tally.rejected[REJECT_EXPIRED], now = old->rejected[REJECT_EXPIRED];
	return now > before ? now - before : 0;
}

/* Judges a new version by the last good one. Where entries expire, fewer and fewer of that one are in force, as was to be
 * expected: so it shrinks by what is in force of both now, and grows by what there was when the last one came. What the
 * new version says itself of its entries' ends is no excuse. */
static enum alarm judge(struct feed *feed, const struct tally *tally, const struct guard *guard, struct why *why)
{
	const struct feed_config *config = feed->config;
	uint64_t before = feed_has_good(feed) ? feed->reference : 0;
	enum alarm alarm = alarm_tally(&config->limits, tally, before, why);
	bool sized = alarm == ALARM_SHRINK || alarm == ALARM_GROWTH || tally->entries + ALARM_MIN_CHANGE <= before;
	struct tally old;
	struct why reason;
	feed->new_expired = 0;
	if (!sized || !format_expires(config->format, &config->options) ||
		feed_check(feed, feed->good, guard, &old, &reason) != 0 || old.damaged > 0)
		return alarm;
	feed->new_expired = count_expired(feed, &old);
	if (alarm != ALARM_SHRINK && alarm != ALARM_GROWTH)
		return alarm;
	if (alarm == ALARM_SHRINK || old.entries > before)
		before = old.entries;
	return alarm_tally(&config->limits, tally, before, why);
}

int feed_believe(struct feed *feed, const struct tally *tally, const struct guard *guard, struct why *why)
{
	const char *name = feed->config->name;
	struct why reason;
	enum alarm alarm = judge(feed, tally, guard, &reason);
	if (alarm == ALARM_NONE)
		return 0;
	if (feed->accept) {
		feed->accepted = true;
		log_warning("feed %s: accepted: %s", name, reason.text);
		return 0;
	}
	feed->alarm = alarm;
	return why_set(why, -EBADMSG, "ALARM: %s; if that is right: feedsync sync --accept %s", reason.text, name);
}
