/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/commands.h"

#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/nearest.h"

#define POINT_TO_COMMAND(word) &command_##word,
const struct command *const commands[] = {COMMANDS(POINT_TO_COMMAND) NULL};
#define COUNT_COMMAND(word) +1
enum { COMMAND_COUNT = COMMANDS(COUNT_COMMAND) };

const struct command *command_find(const char *word)
{
	const char *words[COMMAND_COUNT];
	for (unsigned i = 0; i < COMMAND_COUNT; i++) {
		words[i] = commands[i]->word;
		if (strcmp(word, words[i]) == 0)
			return commands[i];
	}
	const char *nearest = nearest_word(word, words, COMMAND_COUNT);
	if (nearest)
		log_error("unknown command \"%.100s\", did you mean `feedsync %s`? (`feedsync help` lists all)", word,
			nearest);
	else
		log_error("unknown command \"%.100s\"; `feedsync help` lists all", word);
	return NULL;
}
