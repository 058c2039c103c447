#include "total.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "log.h"
#include "heap.h"
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

/* ---- what was to be expected ---- */

/* How many entries of a feed have expired since the published table was made, less than 0 if that was by a clock that was
 * wrong. Of a version that came later those count that were in force when it came and was judged: it may be in no table,
 * as it made the same one, or none that was published. What has just come tells nothing of itself, for that may be a
 * mistake; of it those count that the versions before told. To find out it is read twice, which is done only where there
 * is an alarm. */
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
		then.options.now = then.since > created ? then.since : created;
		if (compile_check(&then, compile->guard, &why) != 0 || compile_check(&now, compile->guard, &why) != 0)
			return former;
		return former + (int64_t)then.tally.entries - (int64_t)now.tally.entries;
	}
	return 0;
}

static int count_removed(void *context, const struct table_change *change)
{
	uint64_t *removed = context;
	removed[change->source.feed] += !change->added;
	return 0;
}

/* How many rules there would be if none of the published table's had expired: those there are and as many as expired. A
 * rule of two feeds, of which both let it go, counts twice among these; so there are no more than were there before
 * without what ceases to hold for another reason. Returns total->rules where that cannot be found out. */
static uint64_t count_unexpired(const struct compile *compile, const struct table *published, const struct total *total)
{
	const struct policy *policy = table_policy(published);
	uint64_t *removed = need_memory(policy->feed_count, sizeof *removed);
	uint64_t before = table_header(published)->rules, expired = 0, lost = 0;
	struct table *table = NULL;
	struct why why;
	int status = table_open_fd(&table, total->fd, &why);
	if (status == 0)
		status = table_diff(published, table, count_removed, removed, &why);
	for (uint32_t f = 0; status == 0 && f < policy->feed_count; f++) {
		if (removed[f] == 0)
			continue;
		int64_t since = expired_since(compile, policy->feeds[f].name, table_header(published)->created);
		uint64_t gone = since < 0 ? 0 : (uint64_t)since < removed[f] ? (uint64_t)since : removed[f];
		expired += gone;
		lost += removed[f] - gone;
	}
	table_close(&table);
	free(removed);
	uint64_t left = lost < before ? before - lost : 0, all = total->rules + expired;
	if (status != 0)
		return total->rules;
	return all < left ? all : left;
}

/* How many rules there may be more than the published table has, because as many had expired there. */
static uint64_t count_regained(const struct compile *compile, const struct table *published, uint64_t lapsed)
{
	const struct policy *policy = table_policy(published);
	for (uint32_t f = 0; f < policy->feed_count; f++) {
		int64_t expired = expired_since(compile, policy->feeds[f].name, table_header(published)->created);
		lapsed += expired < 0 ? (uint64_t)-expired : 0;
	}
	return lapsed;
}

/* Whether it is no alarm without what expired, or had expired. Says so. */
static bool was_expected(const struct config *config, const struct compile *compile, const struct table *published,
	const struct total *total, enum alarm alarm, const struct why *reason)
{
	uint64_t before = table_header(published)->rules, now = total->rules;
	struct why why;
	if (alarm == ALARM_GROWTH)
		before += count_regained(compile, published, total->lapsed);
	else
		now = count_unexpired(compile, published, total);
	if (alarm_size(&config->table_limits, "rules", "table-", before, now, &why) == alarm)
		return false;
	log_info("the table: %s, as entries %s", reason->text,
		alarm == ALARM_SHRINK ? "expired" : "that had expired were renewed");
	return true;
}

/* ---- */

int total_believe(const struct config *config, const struct compile *compile, const struct table *published,
	const struct total *total, struct why *why)
{
	struct why reason;
	const struct policy *policy = table_policy(published);
	enum alarm alarm = alarm_size(
		&config->table_limits, "rules", "table-", table_header(published)->rules, total->rules, &reason);
	if (alarm == ALARM_NONE || was_expected(config, compile, published, total, alarm, &reason))
		return 0;
	bool *has = contributors(policy);
	const char *feed = alarm == ALARM_SHRINK ? taken_out(config, policy, has) : added(compile, policy, has);
	int status = 0;
	if (feed)
		log_info("the table: %s, as feed %s was %s", reason.text, feed,
			alarm == ALARM_SHRINK ? "taken out" : "added");
	else if (total->accept)
		log_warning("the table: accepted: %s", reason.text);
	else
		status = why_set(why, -EBADMSG,
			"ALARM: the table would hold %s; if that is right: feedsync sync "
			"--accept-table",
			reason.text);
	free(has);
	return status;
}
