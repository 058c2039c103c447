/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/log.h"
#include "feedsync/base/nearest.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/in_use.h"
#include "libweir/errors.h"

int usage_error(const struct command *command, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_error("%s: %s; see `feedsync %s --help`", command->word, text, command->word);
	return EXIT_TROUBLE;
}

/* ---- options, as getopt_long wants them ---- */

static const struct command_option help_option = {.word = "--help"};

/* getopt_long returns an option's number in the row, and the number behind them for the help. */
enum { FIRST_VALUE = 256, HELP_VALUE = FIRST_VALUE + MAX_ALL_OPTIONS };

struct option_reader {
	struct option list[MAX_ALL_OPTIONS + 2];
	char letters[2 * MAX_ALL_OPTIONS + 4];
};

const char *option_choices(const struct command_option *option)
{
	return option->choices ? option->choices(option) : NULL;
}

const struct command_option *command_option_at(const struct command *command, unsigned index)
{
	unsigned own = 0;
	while (own < MAX_OPTIONS && command->options[own].word)
		own++;
	if (index < own)
		return &command->options[index];
	const struct command_option *more = command->more_options ? command->more_options() : NULL;
	for (; more && more->word && index > own; more++)
		index--;
	return more && more->word ? more : NULL;
}

static bool is_long(const struct command_option *option)
{
	return option->word[1] == '-';
}

static unsigned count_options(const struct command *command)
{
	unsigned count = 0;
	while (count < MAX_ALL_OPTIONS && command_option_at(command, count))
		count++;
	return count;
}

static void make_reader(struct option_reader *reader, const struct command *command)
{
	unsigned count = count_options(command), used = 0, n = 0;
	*reader = (struct option_reader){0};
	if (command->options_first)
		reader->letters[used++] = '+';
	reader->letters[used++] = ':'; /* tells a missing value from an unknown option */
	for (unsigned i = 0; i < count; i++) {
		const struct command_option *option = command_option_at(command, i);
		if (is_long(option)) {
			reader->list[n++] = (struct option){.name = option->word + 2,
				.has_arg = option->value ? required_argument : no_argument,
				.val = FIRST_VALUE + (int)i};
			continue;
		}
		reader->letters[used++] = option->word[1];
		if (option->value)
			reader->letters[used++] = ':';
	}
	reader->letters[used] = 'h';
	reader->list[n] = (struct option){.name = help_option.word + 2, .has_arg = no_argument, .val = HELP_VALUE};
}

/* The option that getopt_long has found; NULL for the help. */
static const struct command_option *found_option(const struct command *command, int found)
{
	if (found >= FIRST_VALUE)
		return found == HELP_VALUE ? NULL : command_option_at(command, (unsigned)(found - FIRST_VALUE));
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++)
		if (!is_long(option) && option->word[1] == found)
			return option;
	return NULL;
}

/* `word` is the last one that getopt_long has looked at. */
static int refuse_option(const struct command *command, int found, const char *word)
{
	const char *known[MAX_ALL_OPTIONS + 1] = {help_option.word};
	size_t count = count_options(command), length = strcspn(word, "=");
	char name[64], letter[] = {'-', (char)optopt, '\0'};
	for (unsigned i = 0; i < count; i++)
		known[i + 1] = command_option_at(command, i)->word;
	snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word);
	if (found == ':')
		return usage_error(command, "%s wants a value", name);
	/* getopt_long gives the number of an option that is known but takes no value. */
	if (optopt >= FIRST_VALUE)
		return usage_error(command, "%s takes no value", name);
	if (optopt != 0)
		return usage_error(command, "unknown option %s", letter);
	const char *nearest = nearest_word(name, known, count + 1);
	return nearest ? usage_error(command, "unknown option %s (did you mean %s?)", name, nearest)
		       : usage_error(command, "unknown option %s", name);
}

/* Whether a value is one of those that its option can have. If it is not, that is logged. */
static int check_choice(const struct command *command, const struct command_option *option, const char *value)
{
	enum { MAX_CHOICES = 32 };
	char list[512], *rest = list;
	const char *choices[MAX_CHOICES];
	size_t count = 0;
	if (!option_choices(option))
		return 0;
	snprintf(list, sizeof list, "%s", option_choices(option));
	for (char *choice; count < MAX_CHOICES && (choice = strsep(&rest, ", "));) {
		if (strcmp(choice, value) == 0 && choice[0])
			return 0;
		if (choice[0])
			choices[count++] = choice;
	}
	const char *nearest = nearest_word(value, choices, count);
	return nearest ? usage_error(command, "%s: unknown %s \"%.60s\" (did you mean \"%s\"?)", option->word,
				 option->value, value, nearest)
		       : usage_error(command, "%s: unknown %s \"%.60s\", known are %s", option->word, option->value,
				 value, option_choices(option));
}

/* ---- the invocation ---- */

static int check_arguments(const struct invocation *invocation)
{
	const struct command *command = invocation->command;
	if (invocation->argument_count < command->min_arguments)
		return usage_error(command, "something is missing: feedsync %s %s", command->word, command->usage);
	if (command->max_arguments >= 0 && invocation->argument_count > command->max_arguments)
		return usage_error(
			command, "\"%.100s\" is one word too many", invocation->arguments[command->max_arguments]);
	return command->check ? command->check(invocation) : 0;
}

int invocation_begin(struct invocation *invocation, const struct command *command, int count, char **words)
{
	struct option_reader reader;
	make_reader(&reader, command);
	*invocation =
		(struct invocation){.command = command, .given = xcalloc((size_t)count, sizeof(struct given_option))};
	opterr = 0; /* getopt is silent: this file says what is wrong */
	optind = 0; /* from the start of this list: options before the word were feedsync's */
	for (int found; (found = getopt_long(count, words, reader.letters, reader.list, NULL)) != -1;) {
		if (found == ':' || found == '?')
			return refuse_option(command, found, words[optind - 1]);
		const struct command_option *option = found_option(command, found);
		if (!option) {
			invocation->help = true;
			return 0;
		}
		if (option->value && check_choice(command, option, optarg) != 0)
			return EXIT_TROUBLE;
		invocation->given[invocation->given_count++] = (struct given_option){option, optarg};
	}
	invocation->arguments = words + optind;
	invocation->argument_count = count - optind;
	return check_arguments(invocation);
}

void invocation_end(struct invocation *invocation)
{
	free(invocation->given);
	*invocation = (struct invocation){0};
}

/* Reads the configuration for the command, and says why it cannot. */
static int read_configuration(struct config **config, const struct invocation *invocation)
{
	if (invocation->command->configuration == CONFIGURATION_SOUND)
		return config_load(config, invocation->config_path);
	int status = config_load_any(config, invocation->config_path);
	if (status != 0 && status != -EACCES) /* that one says what to do, and `feedsync check` nothing else */
		log_error("%s: no configuration can be used; `feedsync check` says why, -c FILE names another",
			invocation->command->word);
	return status;
}

int invocation_run(struct invocation *invocation)
{
	const struct command *command = invocation->command;
	struct config *config;
	if (command->configuration != CONFIGURATION_IN_USE && command->configuration != CONFIGURATION_SOUND)
		return command->run(invocation);
	if (read_configuration(&config, invocation) != 0)
		return EXIT_TROUBLE;
	invocation->config = config;
	struct why why;
	int code = EXIT_TROUBLE;
	if (!command->as_owner || owner_become(config->state, &why) == 0)
		code = command->run(invocation);
	else
		log_error("%s", why.text);
	invocation->config = NULL;
	config_free(&config);
	return code;
}

const char *option_value(const struct invocation *invocation, const char *word)
{
	const char *value = NULL;
	for (int i = 0; i < invocation->given_count; i++)
		if (strcmp(invocation->given[i].option->word, word) == 0)
			value = invocation->given[i].value;
	return value;
}

bool option_given(const struct invocation *invocation, const char *word)
{
	for (int i = 0; i < invocation->given_count; i++)
		if (strcmp(invocation->given[i].option->word, word) == 0)
			return true;
	return false;
}
