/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/alarm.h"

#include "libweir/errors.h"

const char *alarm_key(enum alarm alarm)
{
	static const char *const keys[ALARM_COUNT] = {
		[ALARM_NONE] = "",
		[ALARM_REJECTED] = "rejected",
		[ALARM_MINIMUM] = "minimum",
		[ALARM_SHRINK] = "shrink",
		[ALARM_GROWTH] = "growth",
		[ALARM_CHURN] = "churn",
		[ALARM_ROOM] = "room",
		[ALARM_EMPTY] = "empty",
		[ALARM_NOT_FREED] = "not_freed",
	};
	return keys[alarm];
}

static bool exceeds(uint64_t part, uint64_t whole, uint32_t percent)
{
	return percent != PERCENT_NEVER && part * 100 > whole * percent;
}

enum alarm alarm_size(const struct alarm_limits *limits, const char *what, const char *prefix, uint64_t before,
	uint64_t now, struct why *why)
{
	bool fewer = now < before;
	uint64_t change = fewer ? before - now : now - before;
	if (before == 0 || change < ALARM_MIN_CHANGE ||
		!exceeds(change, before, fewer ? limits->max_shrink : limits->max_growth))
		return ALARM_NONE;
	why_set(why, 0, "%llu %s, %llu %% %s than the %llu before (%s%s %u)", (unsigned long long)now, what,
		(unsigned long long)(change * 100 / before), fewer ? "fewer" : "more", (unsigned long long)before,
		prefix, fewer ? "max-shrink" : "max-growth", fewer ? limits->max_shrink : limits->max_growth);
	return fewer ? ALARM_SHRINK : ALARM_GROWTH;
}

enum alarm alarm_churn(const struct alarm_limits *limits, uint64_t before, uint64_t gone, struct why *why)
{
	if (before == 0 || gone < ALARM_MIN_CHANGE || !exceeds(gone, before, limits->max_churn))
		return ALARM_NONE;
	why_set(why, 0, "%llu of its %llu rules, %llu %%, are gone at once, and others have come (max-churn %u)",
		(unsigned long long)gone, (unsigned long long)before, (unsigned long long)(gone * 100 / before),
		limits->max_churn);
	return ALARM_CHURN;
}

enum alarm alarm_depth(const struct alarm_limits *limits, uint64_t before, uint64_t nodes_before, uint64_t now,
	uint64_t nodes_now, struct why *why)
{
	uint64_t expected = before > 0 ? nodes_before * now / before : 0;
	if (expected == 0 || nodes_now < expected + ALARM_MIN_NODES ||
		!exceeds(nodes_now - expected, expected, limits->max_growth))
		return ALARM_NONE;
	why_set(why, 0,
		"%llu names that need %llu nodes of the table, where as many needed %llu before (max-growth %u)",
		(unsigned long long)now, (unsigned long long)nodes_now, (unsigned long long)expected,
		limits->max_growth);
	return ALARM_GROWTH;
}

enum alarm alarm_not_freed(const struct parse_counts *counts, struct why *why)
{
	const struct sample *first = &counts->not_freed_first;
	if (counts->not_freed == 0)
		return ALARM_NONE;
	why_set(why, 0, "%llu %s free names and %s not understood, for example %.80s: %s",
		(unsigned long long)counts->not_freed, counts->not_freed == 1 ? "entry is to" : "entries are to",
		counts->not_freed == 1 ? "is" : "are", first->text, reject_text(first->reject));
	return ALARM_NOT_FREED;
}

enum alarm alarm_counts(
	const struct alarm_limits *limits, const struct parse_counts *counts, uint64_t before, struct why *why)
{
	uint64_t malformed = counts_malformed(counts), all = counts->entries + malformed;
	if (malformed >= ALARM_MIN_MALFORMED && exceeds(malformed, all, limits->max_rejected)) {
		why_set(why, 0,
			"%llu of %llu entries are unusable, as if it were in another format (max-rejected %u)%s%.50s",
			(unsigned long long)malformed, (unsigned long long)all, limits->max_rejected,
			counts->first.text[0] ? ", for example " : "", counts->first.text);
		return ALARM_REJECTED;
	}
	if (counts->entries < limits->min_entries) {
		why_set(why, 0, "%llu entries only (min-entries %u)", (unsigned long long)counts->entries,
			limits->min_entries);
		return ALARM_MINIMUM;
	}
	return alarm_size(limits, "entries", "", before, counts->entries, why);
}
