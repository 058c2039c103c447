/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/maxima.h"

/* Rounds to the nearest: 999.5 gives 1000. */
static uint64_t rounded(uint64_t octets, uint64_t divisor)
{
	return octets / divisor + (octets % divisor >= divisor / 2);
}

const char *size_text(uint64_t octets, char text[UNITS_TEXT])
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	if (octets < 1000) {
		snprintf(text, UNITS_TEXT, "%" PRIu64 " %s", octets, octets == 1 ? "octet" : "octets");
		return text;
	}
	unsigned unit = 0;
	uint64_t divisor = 1000;
	while (rounded(octets, divisor) >= 1000) {
		divisor *= 1000;
		unit++;
	}
	if (rounded(octets, divisor / 10) < 100)
		snprintf(text, UNITS_TEXT, "%.1f %s", (double)octets / (double)divisor, units[unit]);
	else
		snprintf(text, UNITS_TEXT, "%" PRIu64 " %s", rounded(octets, divisor), units[unit]);
	return text;
}

const char *span_text(uint64_t seconds, char text[UNITS_TEXT])
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} units[] = {{ONE_DAY_S, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	unsigned unit = 0;
	while (units[unit].seconds > 1 && seconds < 2 * units[unit].seconds)
		unit++;
	snprintf(text, UNITS_TEXT, "%" PRIu64 " %s", seconds / units[unit].seconds, units[unit].text);
	return text;
}

const char *milliseconds_text(uint64_t ms, char text[UNITS_TEXT])
{
	if (ms >= 10000)
		return span_text(ms / 1000, text);
	if (ms < 1000)
		snprintf(text, UNITS_TEXT, "%" PRIu64 " ms", ms);
	else
		snprintf(text, UNITS_TEXT, "%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms % 1000 / 100);
	return text;
}

bool is_ahead(uint64_t now, uint64_t then)
{
	return then > now + MAX_CLOCK_STEP_S;
}

const char *ago_text(uint64_t now, uint64_t then, char text[UNITS_TEXT])
{
	if (then == 0)
		return "never";
	bool ahead = is_ahead(now, then);
	span_text(ahead ? then - now : now > then ? now - then : 0, text);
	size_t length = strlen(text);
	snprintf(text + length, UNITS_TEXT - length, "%s", ahead ? " in the future" : " ago");
	return text;
}
