/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/options.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/duration.h"

const struct option *section_option(const struct section *section, size_t index)
{
	const struct options *table = &section->options;
	for (; table && index >= table->count; table = table->more)
		index -= table->count;
	return table ? &table->option[index] : NULL;
}

const struct option *option_find(const struct section *section, const char *key)
{
	const struct option *option;
	for (size_t i = 0; (option = section_option(section, i)); i++)
		if (strcmp(option->key, key) == 0)
			return option;
	return NULL;
}

unsigned option_most_octets(const struct option *option)
{
	enum { MOST_OCTETS = 4000 };
	if (option->type == OPTION_TEXTS)
		return option->most_octets;
	return option->most > 0 ? (unsigned)option->most : MOST_OCTETS;
}

static void list_words(const struct option *option, char text[EXPECTED_ROOM])
{
	size_t length = (size_t)snprintf(text, EXPECTED_ROOM, "one of ");
	for (unsigned i = 0; option->word(i) && length < EXPECTED_ROOM; i++)
		length += (size_t)snprintf(
			text + length, EXPECTED_ROOM - length, "%s%s", i > 0 ? ", " : "", option->word(i));
}

const char *option_expected(const struct option *option, char text[EXPECTED_ROOM])
{
	char least[DURATION_TEXT], most[DURATION_TEXT];
	switch (option->type) {
	case OPTION_TEXT:
	case OPTION_URL:
		snprintf(text, EXPECTED_ROOM, "%s", option->expected ? option->expected : "a text");
		if (option->type == OPTION_TEXT && option->most > 0)
			snprintf(text + strlen(text), EXPECTED_ROOM - strlen(text), ", at most %u characters",
				(unsigned)option->most);
		break;
	case OPTION_WORD: list_words(option, text); break;
	case OPTION_YES_NO: snprintf(text, EXPECTED_ROOM, "yes or no"); break;
	case OPTION_NUMBER:
	case OPTION_PERCENT:
		snprintf(text, EXPECTED_ROOM, "a number%s, %u to %u",
			option->type == OPTION_PERCENT ? " of per cent" : "", (unsigned)option->least,
			(unsigned)option->most);
		break;
	case OPTION_DURATION:
		snprintf(text, EXPECTED_ROOM, "a number and a unit (s, m, h, d, w), %s to %s",
			duration_text((uint32_t)option->least, least), duration_text((uint32_t)option->most, most));
		break;
	case OPTION_TEXTS:
		snprintf(text, EXPECTED_ROOM, "a list of %s, %s%u items%s", option->expected,
			option->least > 0 ? "1 to " : "at most ", (unsigned)option->most, "");
		break;
	case OPTION_SECTION:
		snprintf(text, EXPECTED_ROOM, "%s",
			option->expected ? option->expected : "options below it (\"key: value\")");
		break;
	case OPTION_ITEMS:
		snprintf(text, EXPECTED_ROOM, "a list of %s, %s%u items", "items (\"- key: value\")",
			option->least > 0 ? "1 to " : "at most ", (unsigned)option->most);
		break;
	}
	return text;
}
