/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/timestamp.h"

enum { DAY_S = 86400, DAYS_OF_WEEK = 7 };

/* 1970-01-01 was a Thursday. */
struct period period_of_week(uint64_t day)
{
	uint64_t weekday = (day + 3) % DAYS_OF_WEEK;
	uint64_t monday = day > weekday ? day - weekday : 0;
	return (struct period){.first = monday, .last = monday + DAYS_OF_WEEK - 1};
}

struct period period_before(struct period period)
{
	uint64_t days = period.last - period.first + 1;
	return period.first < days ? (struct period){0, 0}
				   : (struct period){.first = period.first - days, .last = period.first - 1};
}

static unsigned year_of_day(uint64_t day)
{
	char time[TIMESTAMP_ROOM];
	return (unsigned)strtoul(timestamp_text(day * DAY_S, time), NULL, 10);
}

static uint64_t day_of_date(const char *date)
{
	uint64_t time = 0;
	return timestamp_read(date, strlen(date), &time) ? time / DAY_S : 0;
}

/* A week belongs to the year that its Thursday lies in. */
const char *period_text(struct period period, char text[PERIOD_TEXT])
{
	char time[TIMESTAMP_ROOM], date[TIMESTAMP_ROOM];
	if (!period_is_week(period)) {
		snprintf(text, PERIOD_TEXT, "%.10s", timestamp_text(period.first * DAY_S, time));
		return text;
	}
	uint64_t thursday = period.first + 3;
	unsigned year = year_of_day(thursday);
	snprintf(date, sizeof date, "%04u-01-01", year);
	snprintf(text, PERIOD_TEXT, "%04u-W%02u", year % 10000,
		(unsigned)((thursday - day_of_date(date)) / DAYS_OF_WEEK + 1) % 100);
	return text;
}

/* Whether a text consists of what a pattern says: 0 is a digit. */
static bool looks_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++)
		if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern)
			return false;
	return *text == '\0';
}

bool period_read(const char *text, struct period *period)
{
	char again[PERIOD_TEXT], fourth[TIMESTAMP_ROOM];
	if (looks_like(text, "0000-00-00")) {
		period->first = period->last = day_of_date(text);
	} else if (looks_like(text, "0000-W00")) {
		snprintf(fourth, sizeof fourth, "%.4s-01-04", text); /* the 4th of January is in week 1 */
		unsigned long week = strtoul(text + strlen("0000-W"), NULL, 10);
		*period = period_of_week(day_of_date(fourth) + (week > 0 ? week - 1 : 0) * DAYS_OF_WEEK);
	} else {
		return false;
	}
	return strcmp(period_text(*period, again), text) == 0;
}
