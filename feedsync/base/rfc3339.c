/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/rfc3339.h"

#include <time.h>

/* Takes `count` digits off the text. Returns their value, or -1. */
static int parse_digits(const char **text, unsigned count)
{
	int value = 0;
	for (unsigned i = 0; i < count; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool take_one_of(const char **text, const char *one_of)
{
	for (; *one_of; one_of++) {
		if (**text == *one_of) {
			(*text)++;
			return true;
		}
	}
	return false;
}

/* What follows the point: microseconds. */
static bool take_fraction(const char **text, uint64_t *us)
{
	*us = 0;
	if (!take_one_of(text, "."))
		return true;
	unsigned count = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++, count++)
		if (count < 6)
			*us = *us * 10 + (uint64_t)(**text - '0');
	for (unsigned i = count; i < 6; i++)
		*us *= 10;
	return count > 0;
}

/* "Z", or "+02:00": seconds that local time is ahead. */
static bool take_zone(const char **text, long *ahead)
{
	*ahead = 0;
	if (take_one_of(text, "Zz"))
		return true;
	bool behind = **text == '-';
	if (!take_one_of(text, "+-"))
		return false;
	int hours = parse_digits(text, 2);
	int minutes = hours >= 0 && take_one_of(text, ":") ? parse_digits(text, 2) : -1;
	*ahead = (hours * 3600L + minutes * 60L) * (behind ? -1 : 1);
	return hours <= 23 && minutes >= 0 && minutes <= 59;
}

bool rfc3339_read(const char *text, uint64_t *us)
{
	static const struct {
		unsigned count;
		int least, most;
		const char *end; /* one of these follows; "" = nothing that is looked at here */
	} parts[] = {{4, 0, 9999, "-"}, {2, 1, 12, "-"}, {2, 1, 31, "Tt "}, {2, 0, 23, ":"}, {2, 0, 59, ":"},
		{2, 0, 60, ""}};
	int value[6];
	uint64_t fraction;
	long ahead;
	for (unsigned i = 0; i < 6; i++) {
		value[i] = text ? parse_digits(&text, parts[i].count) : -1;
		if (value[i] < parts[i].least || value[i] > parts[i].most ||
			(parts[i].end[0] && !take_one_of(&text, parts[i].end)))
			return false;
	}
	if (!take_fraction(&text, &fraction) || !take_zone(&text, &ahead) || *text)
		return false;
	struct tm date = {.tm_year = value[0] - 1900, .tm_mon = value[1] - 1, .tm_mday = value[2]};
	time_t seconds = timegm(&date) + value[3] * 3600L + value[4] * 60L + value[5] - ahead;
	if (date.tm_mday != value[2])
		return false; /* the month has no such day: it was taken for one of the next */
	*us = seconds < 0 ? 0 : (uint64_t)seconds * 1000000 + fraction;
	return true;
}
