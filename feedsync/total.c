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

int total_believe(const struct config *config, const struct compile *compile, const struct table *published,
	uint64_t rules, bool accept, struct why *why)
{
	struct why reason;
	const struct policy *policy = table_policy(published);
	enum alarm alarm =
		alarm_size(&config->table_limits, "rules", "table-", table_header(published)->rules, rules, &reason);
	if (alarm == ALARM_NONE)
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
