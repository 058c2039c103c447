/* SPDX-License-Identifier: BSD-3-Clause */
/* feedsync: fetches feeds, compiles them into a table, publishes it. This file reads the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/history.h"
#include "feedsync/commands/hits.h"
#include "feedsync/commands/offline.h"
#include "feedsync/commands/probe.h"
#include "feedsync/commands/rollback.h"
#include "feedsync/commands/run.h"
#include "feedsync/commands/status.h"
#include "feedsync/commands/why.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/in_use.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/guard/guard.h"
#include "libweir/errors.h"

static int usage(void)
{
	fputs("usage: feedsync [-c FILE] sync [--accept FEED]... [--accept-table]\n"
	      "                                           fetch all feeds once, compile, publish; for once take what "
	      "raised an alarm\n"
	      "       feedsync [-c FILE] run              stay and do so whenever a feed's interval has passed\n"
	      "       feedsync [-c FILE] check            check the configuration and print what it means\n"
	      "       feedsync [-c FILE] status [--json]  how the feeds and the resolvers are\n"
	      "       feedsync [-c FILE] hits [--follow]  the last queries that were blocked or logged (\"hits:\" in "
	      "the file)\n"
	      "       feedsync [-c FILE] probe [--json] RESOLVER...  ask resolvers (ADDRESS or ADDRESS@PORT) whether "
	      "they block\n"
	      "       feedsync [-c FILE] why NAME         what is decided for a name, who lists it, since when\n"
	      "       feedsync [-c FILE] history [--json] [-n N | GENERATION]\n"
	      "                                           what was published, or what one publish changed\n"
	      "       feedsync [-c FILE] rollback GENERATION\n"
	      "                                           publish the content of an earlier one again, and hold it\n"
	      "       feedsync [-c FILE] resume           end the hold: the next sync publishes again\n"
	      "       feedsync compile -f FORMAT -o TABLE [--scope exact|subtree] [--field NAME] [--urls] FILE...\n"
	      "       feedsync lookup [--client ADDRESS] TABLE [NAME...]\n"
	      "       feedsync dump TABLE\n"
	      "       feedsync verify TABLE\n"
	      "The configuration is " CONFIG_PATH " unless -c tells another.\n",
		stderr);
	return 2;
}

static int check_guard(const struct config *config)
{
	struct guard *guard;
	struct why why;
	int status = guard_new(&guard, &config->guard, &why);
	if (status == 0) {
		guard_print(guard);
		guard_warn_operator(guard, &config->operator_lists);
	} else {
		log_error("%s", why.text);
	}
	guard_free(&guard);
	return status;
}

static int check(const char *path)
{
	struct config *config;
	if (config_load(&config, path) != 0)
		return 1;
	config_print(config);
	bool well = owner_become(config->state) == 0 && config_check_files(config) == 0 && check_guard(config) == 0;
	int code = well ? 0 : 1;
	config_free(&config);
	return code;
}

static int sync_once(const char *path, int argc, char **argv)
{
	static const struct option options[] = {
		{"accept", required_argument, NULL, 'a'}, {"accept-table", no_argument, NULL, 't'}, {0}};
	const char **feeds = xcalloc((size_t)argc, sizeof *feeds);
	struct acceptance acceptance = {.feeds = feeds};
	int option;
	while ((option = getopt_long(argc, argv, "+", options, NULL)) == 'a' || option == 't') {
		if (option == 'a')
			feeds[acceptance.feed_count++] = optarg;
		acceptance.table |= option == 't';
	}
	int code = option != -1 || optind < argc ? usage() : daemon_sync_once(path, &acceptance);
	free(feeds);
	return code;
}

/* A command that takes one option, and works on the configuration. */
static int with_option(const char *path, int argc, char **argv, const char *option,
	int (*command)(const struct config *config, bool set))
{
	struct config *config;
	uint64_t copied_at;
	bool set = argc == 2 && strcmp(argv[1], option) == 0;
	if (argc > 1 && !set)
		return usage();
	if (config_load_any(&config, path, &copied_at) != 0)
		return 2;
	config->copied_at = copied_at;
	int code = command(config, set);
	config_free(&config);
	return code;
}

/* A command that reads its own words, and works on the configuration. */
static int with_config(
	const char *path, int argc, char **argv, int (*command)(const struct config *config, int argc, char **argv))
{
	struct config *config;
	uint64_t copied_at;
	if (config_load_any(&config, path, &copied_at) != 0)
		return 2;
	int code = owner_become(config->state) == 0 ? command(config, argc, argv) : 2;
	config_free(&config);
	return code;
}

static int probe(const char *path, int argc, char **argv)
{
	struct config *config;
	uint64_t copied_at;
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	if (argc < 2 + json)
		return usage();
	if (config_load_any(&config, path, &copied_at) != 0)
		return 2;
	int code = probe_resolvers(config, argv + 1 + json, (size_t)(argc - 1 - json), json);
	config_free(&config);
	return code;
}

static int run(const char *config, int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(const struct config *config, int argc, char **argv);
	} configured[] = {{"why", why_command}, {"history", history_command}, {"rollback", rollback_command},
		{"resume", resume_command}};
	static const struct {
		const char *word;
		int (*run)(int argc, char **argv);
	} offline[] = {{"compile", offline_compile}, {"lookup", offline_lookup}, {"dump", offline_dump},
		{"verify", offline_verify}};
	for (unsigned i = 0; i < sizeof offline / sizeof *offline; i++)
		if (strcmp(argv[0], offline[i].word) == 0)
			return offline[i].run(argc, argv);
	for (unsigned i = 0; i < sizeof configured / sizeof *configured; i++)
		if (strcmp(argv[0], configured[i].word) == 0)
			return with_config(config, argc, argv, configured[i].run);
	if (strcmp(argv[0], "status") == 0)
		return with_option(config, argc, argv, "--json", status_print);
	if (strcmp(argv[0], "hits") == 0)
		return with_option(config, argc, argv, "--follow", hits_command);
	if (strcmp(argv[0], "probe") == 0)
		return probe(config, argc, argv);
	if (strcmp(argv[0], "sync") == 0)
		return sync_once(config, argc, argv);
	if (argc > 1)
		return usage();
	if (strcmp(argv[0], "run") == 0)
		return run_command(config);
	if (strcmp(argv[0], "check") == 0)
		return check(config);
	return usage();
}

int main(int argc, char **argv)
{
	const char *config = CONFIG_PATH;
	int option, status = clean_stdout();
	if (status != 0) {
		log_error("%s", error_text(status));
		return 2;
	}
	/* "+": options behind the command's word are the command's. */
	while ((option = getopt(argc, argv, "+c:")) != -1) {
		if (option != 'c')
			return usage();
		config = optarg;
	}
	argc -= optind;
	argv += optind;
	if (argc < 1)
		return usage();
	optind = 0; /* the command reads its own options from its own start */
	int code = run(config, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write: %s", error_text(-errno));
		code = 2;
	}
	return code;
}
