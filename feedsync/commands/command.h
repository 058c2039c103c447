/* SPDX-License-Identifier: BSD-3-Clause */
/* A command of feedsync is one file, commands/<word>.c, that defines one row of the table (commands.h):
 *
 *   static int cmd_<word>(struct invocation *invocation)          does the work, returns the exit code
 *   const struct command command_<word> = {.word = ..., ...}      what it is called, takes, needs, and says of itself
 *
 * Everything else is made from the rows: reading the command line, the help, the answers to unknown words, and the
 * completion of shells. A row that is added to COMMANDS needs no other change.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/config/configuration.h"

/* The exit codes. What 1 means depends on the command, and stands in its help. */
enum exit_code {
	EXIT_WELL = 0,
	EXIT_ATTENTION = 1,      /* it was done, and something needs attention; or the answer is "yes, blocked" */
	EXIT_TROUBLE = 2,        /* it could not be done, or was asked in a way that nobody understands */
	EXIT_CONFIGURATION = 78, /* `run` did not begin, as its configuration is broken: another try mends nothing
				  * (EX_CONFIG in sysexits.h) */
};

struct command_option {
	const char *word;  /* "--accept"; an option of one letter is "-n" */
	const char *value; /* what its value is called in the help, "FEED"; NULL = it takes none */
	/* The values that it can have, "exact, subtree"; NULL = any, or a file. */
	const char *(*choices)(const struct command_option *option);
	const char *text; /* what it does; lines separated by "\n" */
};

/* The values that an option can have, or NULL. */
const char *option_choices(const struct command_option *option);

/* What a command's configuration may be. */
enum command_configuration {
	CONFIGURATION_NONE,  /* it needs none */
	CONFIGURATION_PATH,  /* it reads the file itself: only the file's own content will do */
	CONFIGURATION_SOUND, /* it is read for it: only the file's own content will do */
	CONFIGURATION_IN_USE, /* it is read for it: where the file is broken, the copy of what is in use will do (in_use.h) */
};

struct exit_meaning {
	int code;
	const char *text;
};

struct invocation;

enum { MAX_OPTIONS = 8, MAX_ALL_OPTIONS = 32, MAX_EXIT_CODES = 4 };

struct command {
	const char *word;
	const char *usage;     /* what follows the word: "[--json] RESOLVER..." */
	const char *summary;   /* one line for the list of commands, without a full stop */
	const char *text;      /* what an operator must know, for the help: lines separated and ended by "\n" */
	const char *arguments; /* what completion offers for the arguments: "FILE", "COMMAND", or NULL = nothing */
	int min_arguments;
	int max_arguments;  /* -1 = any number */
	bool options_first; /* what follows the first argument are arguments, even if it begins with "-" */
	enum command_configuration configuration;
	bool as_owner; /* root uses files as the owner of the state directory does (act_as_owner.h) */
	struct command_option options[MAX_OPTIONS];         /* up to the first without a word; behind them: */
	const struct command_option *(*more_options)(void); /* the same of another table, or NULL */
	struct exit_meaning exits[MAX_EXIT_CODES];          /* up to the first without a text */
	void (*print_more)(void);                           /* prints what its help ends with; NULL = nothing */
	/* Judges arguments and values before any file is read, so that a mistake in them is what is told. Returns 0, or
	 * usage_error. NULL = the numbers and choices above say all. */
	int (*check)(const struct invocation *invocation);
	int (*run)(struct invocation *invocation);
};

/* The option of a command by its index from 0; NULL behind the last. */
const struct command_option *command_option_at(const struct command *command, unsigned index);

struct given_option {
	const struct command_option *option;
	const char *value; /* NULL: it takes none */
};

/* What a command was called with. The texts are those of the command line. */
struct invocation {
	const struct command *command;
	const char *config_path;
	const struct config *config; /* that was read for the command; else NULL */
	char **arguments;            /* what is no option */
	int argument_count;
	struct given_option *given; /* in the order of the command line */
	int given_count;
	bool help; /* --help: nothing else was looked at */
};

/* Reads and judges what follows a command's word; words[0] is that word, and the list ends with NULL. Returns 0, or
 * EXIT_TROUBLE with the reason and the next command to try logged. invocation_end frees what it took in both cases. One
 * thread only (getopt). */
int invocation_begin(struct invocation *invocation, const struct command *command, int count, char **words);
void invocation_end(struct invocation *invocation);

/* Reads the configuration as the command wants it, and runs the command. Returns the exit code. */
int invocation_run(struct invocation *invocation);

/* Whether an option was given; and its value, the last one if it was given more than once, NULL if it was not. */
bool option_given(const struct invocation *invocation, const char *word);
const char *option_value(const struct invocation *invocation, const char *word);

/* Logs why the command line cannot be understood, and where to read more. Returns EXIT_TROUBLE. */
int usage_error(const struct command *command, const char *format, ...) printf_like(2, 3);
