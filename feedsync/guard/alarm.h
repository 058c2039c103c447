/* SPDX-License-Identifier: BSD-3-Clause */
/* Alarms. A new version can be read, but it differs so much from what was expected that it is more likely a mistake
 * than news: the wrong document, half of one, or one from a source that was taken over. The last good version stays
 * until the operator has looked and accepted the new one (accept.h). */
#pragma once

#include <stdint.h>

#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct why;

enum alarm {
	ALARM_NONE,
	ALARM_REJECTED,  /* most of it is unusable: another syntax */
	ALARM_MINIMUM,   /* fewer entries than there must be */
	ALARM_SHRINK,    /* far fewer than before */
	ALARM_GROWTH,    /* far more */
	ALARM_CHURN,     /* as many, but others */
	ALARM_ROOM,      /* more than a table has room for */
	ALARM_EMPTY,     /* nothing, and nothing that says that this is meant */
	ALARM_NOT_FREED, /* what should free a name is not understood */
	ALARM_COUNT
};

#define PERCENT_NEVER UINT32_MAX /* as a limit: there is none */

struct alarm_limits {
	uint32_t min_entries;
	uint32_t max_shrink, max_growth; /* per cent of what was there before */
	uint32_t max_churn;              /* per cent of what was there before that may go at once, whatever comes */
	uint32_t max_rejected;           /* per cent of all entries that may be malformed */
};

/* One word, for JSON; "" for none. */
const char *alarm_key(enum alarm alarm);

/* Judges a size by the one before; 0 = there was none. Small numbers may change as they like: a difference of fewer
 * than ALARM_MIN_CHANGE is no alarm. Fills in the figures: `what` is counted, and the limits' settings begin with
 * `prefix`. */
enum alarm alarm_size(const struct alarm_limits *limits, const char *what, const char *prefix, uint64_t before,
	uint64_t now, struct why *why);

/* Judges how many of those that were there `before` are `gone`. Likewise. */
enum alarm alarm_churn(const struct alarm_limits *limits, uint64_t before, uint64_t gone, struct why *why);

/* Judges how many nodes of a table the names of now need, by what as many needed before. Likewise. */
enum alarm alarm_depth(const struct alarm_limits *limits, uint64_t before, uint64_t nodes_before, uint64_t now,
	uint64_t nodes_now, struct why *why);

/* Judges whether all is understood that frees names. Fills in the reason. */
enum alarm alarm_not_freed(const struct parse_counts *counts, struct why *why);

/* Judges what a parse gave, by all limits. */
enum alarm alarm_counts(
	const struct alarm_limits *limits, const struct parse_counts *counts, uint64_t before, struct why *why);
