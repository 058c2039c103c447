/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST INT64_C(253402300799) /* the end of 9999 */

/* What is left to read. */
struct cursor {
	const char *at, *end;
};

static bool next_is(struct cursor *c, const char *set)
{
	if (c->at == c->end || !strchr(set, *c->at) || *c->at == '\0')
		return false;
	c->at++;
	return true;
}

/* Exactly so many digits. */
static bool read_digits(struct cursor *c, unsigned digits, unsigned max, unsigned *number)
{
	*number = 0;
	for (; digits > 0; digits--, c->at++) {
		if (c->at == c->end || *c->at < '0' || *c->at > '9')
			return false;
		*number = *number * 10 + (unsigned)(*c->at - '0');
	}
	return *number <= max;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. It counts years that begin in March, so that a leap day is
 * the last day of its year. It adds 400 years and takes their days off again, so that year 0 has a year before it.
 * Month 13 is the next January. */
static int64_t days_from(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year + 400 - (month <= 2), m = month <= 2 ? month + 9 : month - 3;
	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468 - 146097;
}

static bool read_date(struct cursor *c, int64_t *time)
{
	unsigned year, month, day;
	if (!read_digits(c, 4, 9999, &year) || !next_is(c, "-") || !read_digits(c, 2, 12, &month) || !next_is(c, "-") ||
		!read_digits(c, 2, 31, &day) || month == 0 || day == 0)
		return false;
	int64_t days = days_from(year, month, day);
	*time = days * 86400;
	return days < days_from(year, month + 1, 1); /* else the month has no such day */
}

/* Reads "11:00:00"; "11:00" too, unless `seconds_too`. */
static bool read_clock(struct cursor *c, bool seconds_too, int64_t *time)
{
	unsigned hour, minute, second = 0;
	if (!read_digits(c, 2, 23, &hour) || !next_is(c, ":") || !read_digits(c, 2, 59, &minute))
		return false;
	if (next_is(c, ":") ? !read_digits(c, 2, 60, &second) : seconds_too) /* 60: a leap second */
		return false;
	*time += hour * 3600 + minute * 60 + second;
	return true;
}

/* Reads the digits behind the point as microseconds and drops finer ones. Returns how many digits there are. */
static unsigned read_fraction(struct cursor *c, uint64_t *us)
{
	enum { DIGITS = 6 };
	unsigned count = 0;
	*us = 0;
	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, count++)
		if (count < DIGITS)
			*us = *us * 10 + (uint64_t)(*c->at - '0');
	for (unsigned i = count; i < DIGITS; i++)
		*us *= 10;
	return count;
}

/* Reads "Z" or "+01:00"; unless `exact` also "-0130", "+01", or nothing. */
static bool read_offset(struct cursor *c, bool exact, int64_t *time)
{
	unsigned hours, minutes = 0;
	bool west = c->at < c->end && *c->at == '-';
	if (next_is(c, "Zz"))
		return true;
	if (!next_is(c, "+-"))
		return !exact;
	if (!read_digits(c, 2, 23, &hours))
		return false;
	bool colon = next_is(c, ":");
	bool more = exact || (c->at < c->end && *c->at != ' ');
	if ((exact && !colon) || (more && !read_digits(c, 2, 59, &minutes)))
		return false;
	int64_t offset = hours * 3600 + minutes * 60;
	*time += west ? offset : -offset;
	return true;
}

static bool read_seconds(struct cursor *c, int64_t *time)
{
	static const int64_t first = 100000000;
	for (*time = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9' && *time <= LAST; c->at++)
		*time = *time * 10 + (*c->at - '0');
	return *time >= first;
}

bool timestamp_read(const char *text, size_t length, uint64_t *time)
{
	struct cursor c = {text, text + length}, start;
	int64_t seconds;
	uint64_t fraction;
	while (next_is(&c, " \t"))
		continue;
	start = c;
	if (!read_date(&c, &seconds) || seconds < 0) {
		c = start;
		if (!read_seconds(&c, &seconds))
			return false;
	} else if (c.end - c.at >= 2 && strchr("Tt ", *c.at) && c.at[1] != ' ') {
		c.at++;
		if (!read_clock(&c, false, &seconds))
			return false;
		if (next_is(&c, ".,"))
			read_fraction(&c, &fraction);
		if (!read_offset(&c, false, &seconds))
			return false;
	}
	while (next_is(&c, " \t"))
		continue;
	*time = (uint64_t)seconds;
	return c.at == c.end && seconds >= 0 && seconds <= LAST;
}

bool timestamp_read_rfc3339(const char *text, uint64_t *us)
{
	struct cursor c = {text, text ? text + strlen(text) : text};
	int64_t seconds;
	uint64_t fraction = 0;
	if (!text || !read_date(&c, &seconds) || !next_is(&c, "Tt ") || !read_clock(&c, true, &seconds))
		return false;
	if (next_is(&c, ".") && read_fraction(&c, &fraction) == 0)
		return false;
	if (!read_offset(&c, true, &seconds) || c.at != c.end)
		return false;
	*us = seconds < 0 ? 0 : (uint64_t)seconds * 1000000 + fraction;
	return true;
}

const char *timestamp_text(uint64_t time, char text[TIMESTAMP_ROOM])
{
	struct tm parts;
	time_t seconds = (time_t)time;
	if (!gmtime_r(&seconds, &parts) || strftime(text, TIMESTAMP_ROOM, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		snprintf(text, TIMESTAMP_ROOM, "%" PRIu64, time);
	return text;
}
