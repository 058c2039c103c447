/* SPDX-License-Identifier: BSD-3-Clause */
/* feedsync: fetches feeds, compiles them into a table, publishes it. This file reads the options before the command's
 * word, finds the command in the table (commands/commands.h), and runs it. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/help.h"
#include "libweir/errors.h"
#include "libweir/version.h"

static int run_command(const char *config_path, int count, char **words)
{
	struct invocation invocation;
	const struct command *command = command_find(words[0]);
	if (!command)
		return EXIT_TROUBLE;
	int code = invocation_begin(&invocation, command, count, words);
	invocation.config_path = config_path;
	if (code == 0 && invocation.help)
		help_print_command(command);
	else if (code == 0)
		code = invocation_run(&invocation);
	invocation_end(&invocation);
	return code;
}

enum { VERSION_VALUE = 256 /* no letter */ };

/* `word` is the last one that getopt_long has looked at: not yet the one of a letter that has others behind it. */
static int refuse_early_option(const char *word)
{
	const char letter[] = {'-', (char)optopt, '\0'};
	bool known = optopt == 'h' || optopt == VERSION_VALUE; /* it takes no value */
	log_error("unknown option %.100s before the command; see `feedsync --help`",
		optopt != 0 && !known ? letter : word);
	return EXIT_TROUBLE;
}

static int run_words(int count, char **words)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, VERSION_VALUE}, {0}};
	const char *config_path = CONFIG_PATH;
	int option;
	opterr = 0;
	/* "+": options behind the command's word are the command's. */
	while ((option = getopt_long(count, words, "+:c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': config_path = optarg; break;
		case 'h': help_print_overview(); return EXIT_WELL;
		case VERSION_VALUE: printf("feedsync %s\n", weir_release); return EXIT_WELL;
		case ':': log_error("-c wants a file; see `feedsync --help`"); return EXIT_TROUBLE;
		default: return refuse_early_option(words[optind - 1]);
		}
	}
	if (optind == count) {
		log_error("no command; `feedsync help` lists them");
		return EXIT_TROUBLE;
	}
	return run_command(config_path, count - optind, words + optind);
}

int main(int argc, char **argv)
{
	int status = clean_stdout();
	if (status != 0) {
		log_error("%s", error_text(status));
		return EXIT_TROUBLE;
	}
	umask(022); /* each file and directory has the mode that is made for it, whoever calls */
	int code = run_words(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write: %s", error_text(-errno));
		code = EXIT_TROUBLE;
	}
	return code;
}
