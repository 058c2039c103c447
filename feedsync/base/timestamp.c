/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/timestamp.h"

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

/* Days from 1970-01-01 to a day of the Gregorian calendar: of years that begin in March leap days are the last. Month 13
 * is the next January. */
static int64_t days_from(unsigned year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool read_date(struct cursor *c, int64_t *time)
{
	unsigned year, month, day;
	if (!read_digits(c, 4, 9999, &year) || !next_is(c, "-") || !read_digits(c, 2, 12, &month) || !next_is(c, "-") ||
		!read_digits(c, 2, 31, &day) || year < 1970 || month == 0 || day == 0)
		return false;
	int64_t days = days_from(year, month, day);
	*time = days * 86400;
	return days < days_from(year, month + 1, 1); /* else the month has no such day */
}

static bool read_clock(struct cursor *c, int64_t *time)
{
	unsigned hour, minute, second = 0;
	if (!read_digits(c, 2, 23, &hour) || !next_is(c, ":") || !read_digits(c, 2, 59, &minute))
		return false;
	if (next_is(c, ":") && !read_digits(c, 2, 60, &second)) /* 60: a leap second */
		return false;
	if (next_is(c, ".,")) {
		while (next_is(c, "0123456789"))
			continue;
	}
	*time += hour * 3600 + minute * 60 + second;
	return true;
}

/* "Z", "+01:00", "-0130", "+01", or nothing. */
static bool read_offset(struct cursor *c, int64_t *time)
{
	unsigned hours, minutes = 0;
	bool west = c->at < c->end && *c->at == '-';
	if (next_is(c, "Zz") || !next_is(c, "+-"))
		return true;
	if (!read_digits(c, 2, 23, &hours))
		return false;
	next_is(c, ":");
	if (c->at < c->end && *c->at != ' ' && !read_digits(c, 2, 59, &minutes))
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
	struct cursor c = {text, text + length}, whole;
	int64_t seconds;
	while (next_is(&c, " \t"))
		continue;
	whole = c;
	if (!read_date(&c, &seconds)) {
		c = whole;
		if (!read_seconds(&c, &seconds))
			return false;
	} else if (c.end - c.at >= 2 && strchr("Tt ", *c.at) && c.at[1] != ' ') {
		c.at++;
		if (!read_clock(&c, &seconds) || !read_offset(&c, &seconds))
			return false;
	}
	while (next_is(&c, " \t"))
		continue;
	*time = (uint64_t)seconds;
	return c.at == c.end && seconds >= 0 && seconds <= LAST;
}

const char *timestamp_text(uint64_t time, char text[TIMESTAMP_ROOM])
{
	struct tm parts;
	time_t seconds = (time_t)time;
	if (!gmtime_r(&seconds, &parts) || strftime(text, TIMESTAMP_ROOM, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		snprintf(text, TIMESTAMP_ROOM, "%llu", (unsigned long long)time);
	return text;
}
