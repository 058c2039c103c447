#include "total.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"
#include "self_test.h"
#include "table.h"

/* Which feeds of the published table it has rules of, by their index there; to be freed. */
static bool *contributors(const struct policy *policy)
{
	bool *has = need_memory(policy->feed_count, sizeof *has);
	for (uint32_t v = 1; v < policy->verdict_count; v++)
		for (unsigned i = 0; i < policy->verdicts[v].own_count; i++)
			has[policy->verdicts[v].own[i].source.feed] = true;
	return has;
}

/* The name of a feed with rules in the published table that the configuration has no more, or NULL. */
static const char *taken_out(const struct config *config, const struct policy *policy, const bool *has)
{
	for (uint32_t f = 0; f < policy->feed_count; f++) {
		const char *name = policy->feeds[f].name;
		bool there = !has[f] || strcmp(name, OPERATOR_FEED) == 0 || strcmp(name, SELF_TEST_FEED) == 0;
		for (size_t i = 0; !there && i < config->feed_count; i++)
			there = strcmp(config->feeds[i].name, name) == 0;
		if (!there)
			return name;
	}
	return NULL;
}

/* The name of a feed with entries that had none in the published table, or NULL. */
static const char *added(const struct compile *compile, const struct policy *policy, const bool *has)
{
	for (size_t i = 0; i < compile->feed_count; i++) {
		const char *name = compile->policy.feeds[compile->feeds[i].source.feed].name;
		bool there = compile->feeds[i].tally.entries == 0;
		for (uint32_t f = 0; !there && f < policy->feed_count; f++)
			there = has[f] && strcmp(policy->feeds[f].name, name) == 0;
		if (!there)
			return name;
	}
	return NULL;
}

const char *total_taken_out(const struct config *config, const struct table *published)
{
	const struct policy *policy = table_policy(published);
	bool *has = contributors(policy);
	const char *feed = taken_out(config, policy, has);
	free(has);
	return feed;
}

/* How many entries of those feeds where they expire are in force, by the clock or at another time. */
static int count_entries(const struct compile *compile, uint64_t now, uint64_t *count, struct why *why)
{
	int status = 0;
	*count = 0;
	for (size_t i = 0; status == 0 && i < compile->feed_count; i++) {
		struct compile_feed feed = compile->feeds[i];
		if (feed.unread || !format_expires(feed.format, &feed.options))
			continue;
		feed.options.now = now;
		status = compile_check(&feed, compile->guard, why);
		*count += feed.tally.entries;
	}
	return status;
}

/* How many rules there would be in place of the published table's had time alone passed since: entries expire, or were
 * expired by a clock that was wrong; and what had `lapsed` has been renewed. To find out such feeds are read twice,
 * which is done only where there is an alarm. */
static int expected_rules(const struct compile *compile, const struct weir_header *published, enum alarm alarm,
	uint64_t lapsed, uint64_t *rules, struct why *why)
{
	uint64_t then, now;
	int status = count_entries(compile, published->created, &then, why);
	if (status == 0)
		status = count_entries(compile, 0, &now, why);
	*rules = published->rules;
	if (status == 0 && alarm == ALARM_GROWTH)
		*rules += lapsed + (now > then ? now - then : 0);
	else if (status == 0 && then > now)
		*rules -= then - now < *rules ? then - now : *rules;
	return status;
}

/* Whether the alarm is none by what was to be expected. Says so. */
static bool was_expected(const struct config *config, const struct compile *compile, const struct table *published,
	enum alarm alarm, uint64_t rules, uint64_t lapsed, const struct why *reason)
{
	uint64_t expected;
	struct why why;
	if (expected_rules(compile, table_header(published), alarm, lapsed, &expected, &why) != 0 ||
		alarm_size(&config->table_limits, "rules", "table-", expected, rules, &why) == alarm)
		return false;
	log_info("the table: %s, as entries %s", reason->text,
		alarm == ALARM_SHRINK ? "expired" : "that had expired were renewed");
	return true;
}

int total_believe(const struct config *config, const struct compile *compile, const struct table *published,
	uint64_t rules, uint64_t lapsed, bool accept, struct why *why)
{
	struct why reason;
	const struct policy *policy = table_policy(published);
	enum alarm alarm =
		alarm_size(&config->table_limits, "rules", "table-", table_header(published)->rules, rules, &reason);
	if (alarm == ALARM_NONE || was_expected(config, compile, published, alarm, rules, lapsed, &reason))
		return 0;
	bool *has = contributors(policy);
	const char *feed = alarm == ALARM_SHRINK ? taken_out(config, policy, has) : added(compile, policy, has);
	int status = 0;
	if (feed)
		log_info("the table: %s, as feed %s was %s", reason.text, feed,
			alarm == ALARM_SHRINK ? "taken out" : "added");
	else if (accept)
		log_warning("the table: accepted: %s", reason.text);
	else
		status = why_set(why, -EBADMSG,
			"ALARM: the table would hold %s; if that is right: feedsync sync "
			"--accept-table",
			reason.text);
	free(has);
	return status;
}
