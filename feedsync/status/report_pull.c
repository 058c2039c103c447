/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/status/report_private.h"

#include "feedsync/base/maxima.h"
#include "feedsync/base/units.h"
#include "feedsync/status/report.h"

/* `run` looks each PULL_INTERVAL_S. Who pulls by a timer may do so once a day. */
static bool is_pull_stale(const struct report *r)
{
	uint64_t old = r->pull.resident ? PULL_STALE_S : ONE_DAY_S + ONE_DAY_S / 12;
	return r->pull.tried_at + old < r->now;
}

/* Whether what came was no good, or nothing came. */
static enum condition judge_pull_failure(const struct pull_record *pull)
{
	switch (pull->error_class) {
	case ERROR_NONE: return CONDITION_WELL;
	case ERROR_FORMAT:
	case ERROR_ALARM:
	case ERROR_SIGNATURE: return PULL_REFUSED;
	default: return PULL_FAILING;
	}
}

enum condition report_pull_condition(const struct report *r)
{
	const struct pull_record *pull = &r->pull;
	if (!r->config->pull.url)
		return CONDITION_WELL;
	if (pull->unread.text[0])
		return PULL_UNKNOWN;
	if (pull->tried_at == 0)
		return PULL_NOT_TRIED;
	if (is_ahead(r->now, pull->tried_at))
		return PULL_AHEAD;
	if (pull->manifest[0] && pull->expires <= r->now)
		return PULL_EXPIRED;
	if (judge_pull_failure(pull) != CONDITION_WELL)
		return judge_pull_failure(pull);
	return is_pull_stale(r) ? PULL_STALE : CONDITION_WELL;
}
