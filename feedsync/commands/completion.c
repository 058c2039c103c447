/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync completion SHELL`: the script by which a shell completes a command line of feedsync. It is made from the
 * table of commands. The build installs both scripts where the shells look for them. */
#include <stdio.h>
#include <string.h>

#include "feedsync/commands/commands.h"

/* Whether a value or an argument of this name is a path. */
static bool is_path(const char *name)
{
	return name && (strcmp(name, "FILE") == 0 || strcmp(name, "TABLE") == 0);
}

/* Prints "a, b, c" as "a b c". */
static void print_choices(const char *choices)
{
	for (const char *c = choices; *c; c++)
		if (*c != ',')
			putchar(*c);
}

static void print_command_words(void)
{
	for (unsigned i = 0; commands[i]; i++)
		printf("%s%s", i > 0 ? " " : "", commands[i]->word);
}

/* ---- bash ---- */

/* The pattern of a `case` is "COMMAND:WORD BEFORE". */
static void print_bash_values(const struct command *command)
{
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++) {
		if (!option->value)
			continue;
		printf("\t%s:%s) ", command->word, option->word);
		if (option_choices(option)) {
			printf("words='");
			print_choices(option_choices(option));
			printf("' ;;\n");
		} else {
			printf("%s ;;\n", is_path(option->value) ? "files=1" : "");
		}
	}
}

static void print_bash_words(const struct command *command)
{
	printf("\t%s:*) words='", command->word);
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++)
		printf("%s ", option->word);
	printf("--help");
	if (command->arguments && !is_path(command->arguments)) {
		putchar(' ');
		if (strcmp(command->arguments, "COMMAND") == 0)
			print_command_words();
		else
			print_choices(command->arguments);
	}
	printf("'%s ;;\n", is_path(command->arguments) ? " files=1" : "");
}

static void print_bash(void)
{
	printf("# Completion of feedsync for bash, made by `feedsync completion bash`.\n"
	       "_feedsync() {\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= files= i\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n"
	       "\t\t-c) ((i++)) ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	       "\t\tesac\n"
	       "\tdone\n"
	       "\tcase $command:$before in\n"
	       "\t:-c) files=1 ;;\n"
	       "\t:*) words='-c --help --version ");
	print_command_words();
	printf("' ;;\n");
	for (unsigned i = 0; commands[i]; i++) {
		print_bash_values(commands[i]);
		print_bash_words(commands[i]);
	}
	printf("\tesac\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
	       "\t[ -z \"$files\" ] || compopt -o default\n"
	       "}\n"
	       "complete -F _feedsync feedsync\n");
}

/* ---- zsh ---- */

/* Prints the first line of a text for zsh: it stands in single quotes, and _arguments takes brackets and colons for its
 * own. */
static void print_zsh_text(const char *text)
{
	for (const char *c = text; *c && *c != '\n'; c++) {
		if (*c == '\'')
			printf("'\\'");
		else if (strchr("[]:\\", *c))
			putchar('\\');
		putchar(*c);
	}
}

static void print_zsh_option(const struct command_option *option)
{
	printf(" \\\n\t\t\t'*%s[", option->word);
	print_zsh_text(option->text);
	putchar(']');
	if (option->value)
		printf(":%s:", option->value);
	if (option_choices(option)) {
		putchar('(');
		print_choices(option_choices(option));
		putchar(')');
	} else if (option->value) {
		printf("%s", is_path(option->value) ? "_files" : "");
	}
	putchar('\'');
}

static void print_zsh_command(const struct command *command)
{
	printf("\t\t%s) _arguments", command->word);
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++)
		print_zsh_option(option);
	printf(" \\\n\t\t\t'--help[this command'\\''s help]'");
	if (is_path(command->arguments)) {
		printf(" \\\n\t\t\t'*:file:_files'");
	} else if (command->arguments) {
		printf(" \\\n\t\t\t'1:argument:(");
		if (strcmp(command->arguments, "COMMAND") == 0)
			print_command_words();
		else
			print_choices(command->arguments);
		printf(")'");
	}
	printf(" ;;\n");
}

static void print_zsh(void)
{
	printf("#compdef feedsync\n"
	       "# Completion of feedsync for zsh, made by `feedsync completion zsh`.\n"
	       "_feedsync() {\n"
	       "\tlocal state\n"
	       "\tlocal -a commands=(\n");
	for (unsigned i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->word);
		print_zsh_text(commands[i]->summary);
		printf("'\n");
	}
	printf("\t)\n"
	       "\t_arguments -C '-c[the configuration]:FILE:_files' '--help[all commands]' '--version[the version]' "
	       "\\\n"
	       "\t\t'1:command:->command' '*::argument:->argument'\n"
	       "\tcase $state in\n"
	       "\tcommand) _describe command commands ;;\n"
	       "\targument)\n"
	       "\t\tcase $words[1] in\n");
	for (unsigned i = 0; commands[i]; i++)
		print_zsh_command(commands[i]);
	printf("\t\tesac ;;\n"
	       "\tesac\n"
	       "}\n"
	       "_feedsync \"$@\"\n");
}

static int cmd_completion(struct invocation *invocation)
{
	const char *shell = invocation->arguments[0];
	if (strcmp(shell, "bash") == 0)
		print_bash();
	else if (strcmp(shell, "zsh") == 0)
		print_zsh();
	else
		return usage_error(invocation->command, "\"%.40s\" is neither bash nor zsh", shell);
	return EXIT_WELL;
}

const struct command command_completion = {
	.word = "completion",
	.usage = "bash|zsh",
	.summary = "print the completion script of a shell",
	.text = "The script is installed together with feedsync. To try it: source <(feedsync completion bash)\n",
	.arguments = "bash, zsh",
	.min_arguments = 1,
	.max_arguments = 1,
	.exits = {{EXIT_WELL, "the script was printed"}, {EXIT_TROUBLE, "the command line cannot be understood"}},
	.run = cmd_completion,
};
