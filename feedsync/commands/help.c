/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/help.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/commands/commands.h"

void help_print_overview(void)
{
	printf("feedsync fetches lists of malicious domains, compiles them into one table, and publishes it to "
	       "Unbound.\n"
	       "\n"
	       "Usage: feedsync [-c FILE] COMMAND [OPTION]... [ARGUMENT]...\n"
	       "       feedsync --help | --version\n"
	       "\n"
	       "Commands:\n");
	for (unsigned i = 0; commands[i]; i++)
		printf("  %-12s%s\n", commands[i]->word, commands[i]->summary);
	printf("\n"
	       "  -c FILE    the configuration (default " CONFIG_PATH ")\n"
	       "\n"
	       "`feedsync COMMAND --help` tells more. First steps: `feedsync check`, `feedsync sync`, `feedsync "
	       "status`.\n");
}

/* Prints a text whose lines go into the second column. */
static void print_column(const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		printf("%.*s\n%23s", (int)(end - text), text, "");
	printf("%s\n", text);
}

static void print_options(const struct command *command)
{
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++) {
		char word[64];
		snprintf(word, sizeof word, "%s%s%s", option->word, option->value ? " " : "",
			option->value ? option->value : "");
		printf(strlen(word) > 20 ? "  %s\n%23s" : "  %-20s %s", word, "");
		print_column(option->text);
		if (option_choices(option))
			printf("%23sone of: %s\n", "", option_choices(option));
	}
	printf("  %-20s this text\n", "-h, --help");
}

void help_print_command(const struct command *command)
{
	bool configured = command->configuration != CONFIGURATION_NONE;
	printf("feedsync %s: %s\n\nUsage: feedsync %s%s%s%s\n\n", command->word, command->summary,
		configured ? "[-c FILE] " : "", command->word, command->usage[0] ? " " : "", command->usage);
	print_options(command);
	printf("\n%s\nExit codes:\n", command->text);
	for (unsigned i = 0; i < MAX_EXIT_CODES && command->exits[i].text; i++)
		printf("  %-3d%s\n", command->exits[i].code, command->exits[i].text);
	if (command->print_more)
		command->print_more();
}

static int cmd_help(struct invocation *invocation)
{
	if (invocation->argument_count == 0) {
		help_print_overview();
		return EXIT_WELL;
	}
	const struct command *command = command_find(invocation->arguments[0]);
	if (!command)
		return EXIT_TROUBLE;
	help_print_command(command);
	return EXIT_WELL;
}

const struct command command_help = {
	.word = "help",
	.usage = "[COMMAND]",
	.summary = "list the commands, or tell more of one",
	.text = "`feedsync help COMMAND` and `feedsync COMMAND --help` say the same.\n",
	.arguments = "COMMAND",
	.max_arguments = 1,
	.exits = {{EXIT_WELL, "the help was printed"}, {EXIT_TROUBLE, "there is no such command"}},
	.run = cmd_help,
};
