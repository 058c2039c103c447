/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/duration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *spelling; /* all that are understood, each between blanks */
	uint32_t seconds;
} units[] = {
	{" s sec second seconds ", 1},
	{" m min minute minutes ", 60},
	{" h hour hours ", 3600},
	{" d day days ", 86400},
	{" w week weeks ", 7 * 86400},
};

/* The seconds of a unit, 1 for none at all; 0 = there is no such unit. */
static uint32_t find_unit(const char *unit)
{
	enum { LONGEST = 7 };
	char word[LONGEST + 3];
	size_t length = strlen(unit);
	if (length == 0)
		return 1;
	if (length > LONGEST || strchr(unit, ' '))
		return 0;
	snprintf(word, sizeof word, " %s ", unit);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcasestr(units[i].spelling, word))
			return units[i].seconds;
	return 0;
}

bool duration_read(const char *text, uint32_t most, uint32_t *seconds)
{
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	uint64_t number = strtoull(text, &end, 10);
	end += *end == ' ' && end[1] != '\0';
	uint32_t unit = find_unit(end);
	if (errno != 0 || unit == 0 || number > most / unit)
		return false;
	*seconds = (uint32_t)(number * unit);
	return true;
}

const char *duration_text(uint32_t seconds, char text[DURATION_TEXT])
{
	static const struct {
		char letter;
		uint32_t seconds;
	} letters[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
	for (unsigned i = 0; i < sizeof letters / sizeof *letters; i++) {
		if (seconds == 0 || seconds % letters[i].seconds != 0)
			continue;
		snprintf(text, DURATION_TEXT, "%u%c", seconds / letters[i].seconds, letters[i].letter);
		return text;
	}
	snprintf(text, DURATION_TEXT, "%us", seconds);
	return text;
}
