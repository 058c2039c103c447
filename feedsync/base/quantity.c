/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/quantity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *spelling; /* all that are understood, each between blanks */
	uint64_t factor;
};

static const struct unit times[] = {
	{" s sec second seconds ", 1},
	{" m min minute minutes ", 60},
	{" h hour hours ", 3600},
	{" d day days ", 86400},
	{" w week weeks ", 7 * 86400},
};

static const struct unit sizes[] = {
	{" b byte bytes ", 1},
	{" k kb ", 1000},
	{" m mb ", 1000 * 1000},
	{" g gb ", UINT64_C(1000) * 1000 * 1000},
	{" t tb ", UINT64_C(1000) * 1000 * 1000 * 1000},
	{" ki kib ", UINT64_C(1) << 10},
	{" mi mib ", UINT64_C(1) << 20},
	{" gi gib ", UINT64_C(1) << 30},
	{" ti tib ", UINT64_C(1) << 40},
};

/* The factor of a unit, 1 for none at all; 0 = there is no such unit. */
static uint64_t find_factor(const char *unit, const struct unit *units, size_t count)
{
	enum { LONGEST = 7 };
	char word[LONGEST + 3];
	size_t length = strlen(unit);
	if (length == 0)
		return 1;
	if (length > LONGEST || strchr(unit, ' '))
		return 0;
	snprintf(word, sizeof word, " %s ", unit);
	for (size_t i = 0; i < count; i++)
		if (strcasestr(units[i].spelling, word))
			return units[i].factor;
	return 0;
}

static bool read_quantity(const char *text, const struct unit *units, size_t count, uint64_t most, uint64_t *quantity)
{
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	uint64_t number = strtoull(text, &end, 10);
	end += *end == ' ' && end[1] != '\0';
	uint64_t factor = find_factor(end, units, count);
	if (errno != 0 || factor == 0 || number > most / factor)
		return false;
	*quantity = number * factor;
	return true;
}

bool duration_read(const char *text, uint32_t most, uint32_t *seconds)
{
	uint64_t quantity;
	if (!read_quantity(text, times, sizeof times / sizeof *times, most, &quantity))
		return false;
	*seconds = (uint32_t)quantity;
	return true;
}

bool size_read(const char *text, uint64_t most, uint64_t *octets)
{
	return read_quantity(text, sizes, sizeof sizes / sizeof *sizes, most, octets);
}

const char *duration_text(uint32_t seconds, char text[DURATION_TEXT])
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
	for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
		if (seconds == 0 || seconds % units[i].seconds != 0)
			continue;
		snprintf(text, DURATION_TEXT, "%u%c", seconds / units[i].seconds, units[i].letter);
		return text;
	}
	snprintf(text, DURATION_TEXT, "%us", seconds);
	return text;
}
