/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/entries_options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/config/complaints.h"
#include "feedsync/config/feed_words.h"
#include "feedsync/config/options.h"

enum { MAX_MADE = 24, WORD_ROOM = 32, CHOICES_ROOM = 80, TEXT_ROOM = 400, COLUMN = 76 };

/* What has no meaning where there are neither categories nor a guard. */
static bool has_no_meaning(const struct option *option)
{
	return strcmp(option->key, "map") == 0 || strcmp(option->key, "unguarded") == 0;
}

static const char *value_of(const struct option *option)
{
	switch (option->type) {
	case OPTION_WORD:
	case OPTION_YES_NO: return "WORD";
	case OPTION_NUMBER:
	case OPTION_PERCENT: return "NUMBER";
	case OPTION_DURATION: return "DURATION";
	case OPTION_TEXTS:
	case OPTION_TEXT:
	case OPTION_URL:
	case OPTION_SECTION:
	case OPTION_ITEMS: break;
	}
	return "TEXT";
}

static void list_choices(const struct option *option, char choices[CHOICES_ROOM])
{
	size_t used = 0;
	const char *word;
	if (option->type == OPTION_YES_NO)
		snprintf(choices, CHOICES_ROOM, "yes, no");
	for (unsigned i = 0; option->type == OPTION_WORD && used < CHOICES_ROOM && (word = option->word(i)); i++)
		used += (size_t)snprintf(choices + used, CHOICES_ROOM - used, "%s%s", i > 0 ? ", " : "", word);
}

/* Copies a sentence, without what makes it one, in lines that fit beside the options. */
static void fold_text(const char *from, char text[TEXT_ROOM])
{
	size_t used = 0, column = 0;
	while (*from && used + 1 < TEXT_ROOM) {
		size_t word = strcspn(from, " ");
		bool fits = column == 0 || column + 1 + word <= COLUMN;
		if (column > 0)
			used += (size_t)snprintf(text + used, TEXT_ROOM - used, "%s", fits ? " " : "\n");
		column = fits && column > 0 ? column + 1 + word : word;
		if (used + word + 1 >= TEXT_ROOM)
			break;
		memcpy(text + used, from, word);
		used += word;
		from += word + (from[word] ? 1 : 0);
	}
	text[used] = '\0';
	if (used > 0 && text[used - 1] == '.')
		text[used - 1] = '\0';
	text[0] = (char)tolower((unsigned char)text[0]);
}

/* The rows that are made, and the choices of each. */
static struct command_option made[MAX_MADE + 1];
static char made_choices[MAX_MADE][CHOICES_ROOM];

static const char *choices_made(const struct command_option *option)
{
	return made_choices[option - made];
}

const struct command_option *entries_options(void)
{
	static char words[MAX_MADE][WORD_ROOM], texts[MAX_MADE][TEXT_ROOM];
	unsigned count = 0;
	if (made[0].word)
		return made;
	for (size_t i = 0; i < feed_entries_options.count && count < MAX_MADE; i++) {
		const struct option *option = &feed_entries_options.option[i];
		if (has_no_meaning(option))
			continue;
		snprintf(words[count], WORD_ROOM, "--%s", option->key);
		list_choices(option, made_choices[count]);
		fold_text(option->sentence, texts[count]);
		made[count] = (struct command_option){.word = words[count],
			.value = value_of(option),
			.choices = made_choices[count][0] ? choices_made : NULL,
			.text = texts[count]};
		count++;
	}
	return made;
}

/* Whether an option that was given is one of these. */
static bool is_entries_option(const struct command_option *option)
{
	return option >= made && option <= made + MAX_MADE;
}

int entries_read(struct config **config, const struct invocation *invocation, const char *format)
{
	struct feed_word *words = xcalloc((size_t)invocation->given_count, sizeof *words);
	struct complaints complaints;
	size_t count = 0;
	for (int i = 0; i < invocation->given_count; i++)
		if (is_entries_option(invocation->given[i].option))
			words[count++] =
				(struct feed_word){invocation->given[i].option->word + 2, invocation->given[i].value};
	int status = config_read_words(config, format, words, count, &complaints);
	free(words);
	if (status != 0) {
		const char *text = complaints.count > 0 ? complaints.list[0].text : "";
		size_t start = strncmp(text, FEED_OF_WORDS, strlen(FEED_OF_WORDS)) == 0 ? strlen(FEED_OF_WORDS) : 0;
		status = usage_error(invocation->command, "%.300s", text + start);
	}
	complaints_end(&complaints);
	return status;
}
