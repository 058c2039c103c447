/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/guess.h"

#include <stdio.h>

#include "feedsync/base/text.h"

struct parse_options guess_options(const struct guess *guess)
{
	return (struct parse_options){.scope = guess->format->scope,
		.below = guess->format->below,
		.field = guess->field[0] ? guess->field : NULL,
		.items = guess->items[0] ? guess->items : NULL,
		.separator = guess->separator,
		.urls = guess->urls,
		.refang = guess->refang,
		.ports = guess->ports};
}

static const char *separator_name(char separator)
{
	return separator == ';' ? "semicolon" : separator == '\t' ? "tab" : separator == '|' ? "bar" : "comma";
}

bool guess_setting(const struct guess *guess, unsigned number, const char **key, char value[GUESS_VALUE])
{
	const struct {
		const char *key, *text;
		bool quoted;
	} settings[] = {{"format", guess->format->name, false}, {"field", guess->field, true},
		{"items", guess->items, true},
		{"separator", guess->separator ? separator_name(guess->separator) : "", false},
		{"values", guess->urls ? "urls" : "", false}, {"refang", guess->refang ? "yes" : "", false},
		{"ports", guess->ports ? "yes" : "", false}};
	for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (!settings[i].text[0] || number-- > 0)
			continue;
		*key = settings[i].key;
		if (settings[i].quoted)
			text_quote(settings[i].text, value, GUESS_VALUE);
		else
			snprintf(value, GUESS_VALUE, "%s", settings[i].text);
		return true;
	}
	return false;
}

const char *guess_words(const struct guess *guess, char text[GUESS_WORDS])
{
	const char *key;
	char value[GUESS_VALUE];
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; used < GUESS_WORDS && guess_setting(guess, i, &key, value); i++)
		used += (size_t)snprintf(text + used, GUESS_WORDS - used, "%s%s: %s", i > 0 ? ", " : "", key, value);
	return text;
}
