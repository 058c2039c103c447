/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/status/conditions.h"

#define CONDITION_ROW(constant, key, word, impact, meaning, next) [constant] = {key, word, impact, meaning, next},
static const struct condition_row rows[CONDITION_COUNT] = {
	[CONDITION_WELL] = {"well", "well", IMPACT_NONE, "", ""}, CONDITIONS(CONDITION_ROW)};

const struct condition_row *condition_row(enum condition condition)
{
	return &rows[condition];
}

const char *impact_text(enum impact impact)
{
	static const char *const texts[] = {
		[IMPACT_NONE] = "none",
		[IMPACT_UNKNOWN] = "unknown",
		[IMPACT_DEGRADED] = "degraded",
		[IMPACT_UNPROTECTED] = "unprotected",
	};
	return texts[impact];
}
