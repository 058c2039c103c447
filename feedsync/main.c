/* feedsync: fetches feeds, compiles them into a table, publishes it. This file reads the command line. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "offline.h"

static const struct {
	const char *word;
	int (*run)(int argc, char **argv);
} offline_commands[] = {
	{"compile", offline_compile},
	{"lookup", offline_lookup},
	{"dump", offline_dump},
	{"verify", offline_verify},
};

static int usage(void)
{
	fputs("usage: feedsync [-c FILE] sync|run|check|status [--json]\n"
	      "       feedsync compile -f FORMAT -o TABLE [--scope exact|subtree] FILE...\n"
	      "       feedsync lookup TABLE [NAME...]\n"
	      "       feedsync dump TABLE\n"
	      "       feedsync verify TABLE\n",
		stderr);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage();
	for (unsigned i = 0; i < sizeof offline_commands / sizeof *offline_commands; i++)
		if (strcmp(argv[1], offline_commands[i].word) == 0)
			return offline_commands[i].run(argc - 1, argv + 1);
	return usage();
}
