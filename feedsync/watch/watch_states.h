/* SPDX-License-Identifier: BSD-3-Clause */
/* How a resolver of the fleet can be, in one table: the word for it, how bad that is, what it means, and the next command. What
 * `feedsync fleet` prints, its JSON, its help, the page and the metrics take the words from here; watch_judge.c judges. */
#pragma once

#include "feedsync/status/conditions.h"

/* clang-format off */
/* X(CONSTANT, key in JSON, word, impact, meaning, next command), the worst first. "SERVER" in the next command stands for the
 * resolver's address and port. */
#define WATCH_STATES(X) \
	X(WATCH_BYPASSED, "bypassed", "BYPASSED", IMPACT_UNPROTECTED, \
		"a bypass lets everything pass there, as its host's metrics tell", \
		"feedsync bypass off") \
	X(WATCH_UNPROTECTED, "unprotected", "NOTHING IS BLOCKED", IMPACT_UNPROTECTED, \
		"the self-test's name passes: it has no table or no module, or a bypass is on, or nothing is blocked for this host", \
		"feedsync probe SERVER") \
	X(WATCH_FAILING, "failing", "FAILS", IMPACT_UNKNOWN, \
		"it could not answer, or would not answer this host", \
		"feedsync probe SERVER") \
	X(WATCH_SILENT, "silent", "SILENT", IMPACT_UNKNOWN, \
		"it does not answer; whether it blocks cannot be seen", \
		"feedsync probe SERVER") \
	X(WATCH_OUTDATED, "outdated", "OUTDATED TABLE", IMPACT_DEGRADED, \
		"it has not taken the table that its channel has; an older one stays in force", \
		"feedsync probe SERVER") \
	X(WATCH_ANOTHER, "another", "ANOTHER TABLE", IMPACT_DEGRADED, \
		"it blocks by a table that its channel has never had: it gets its table from elsewhere", \
		"feedsync probe SERVER") \
	X(WATCH_TROUBLED, "troubled", "NOT WELL THERE", IMPACT_DEGRADED, \
		"it blocks, and its host's metrics tell that something is wrong there", \
		"feedsync status") \
	X(WATCH_NOT_PROBED, "not_probed", "NOT PROBED YET", IMPACT_UNKNOWN, \
		"nobody has asked it since it was configured", \
		"feedsync fleet") \
	X(WATCH_COMING, "coming", "coming", IMPACT_NONE, \
		"a newer table has been published just now, and it has the one before", "") \
	X(WATCH_WELL, "well", "well", IMPACT_NONE, \
		"it blocks by the table that its channel has", "")
/* clang-format on */

#define WATCH_STATE_CONSTANT(constant, ...) constant,
enum watch_state { WATCH_STATES(WATCH_STATE_CONSTANT) WATCH_STATE_COUNT };
#undef WATCH_STATE_CONSTANT

/* The row of a state. Any thread. */
const struct condition_row *watch_state_row(enum watch_state state);
