/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync status`. The room feedsync/status judges what is wrong, and has the words for it. */
#include "feedsync/status/status.h"

#include <stdio.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"

static int cmd_status(struct invocation *invocation)
{
	struct report report;
	struct why why;
	if (report_begin(&report, invocation->config, &why) != 0) {
		log_error("state: %s", why.text);
		return EXIT_TROUBLE;
	}
	if (option_given(invocation, "--json"))
		status_json(&report);
	else
		status_words(&report, option_given(invocation, "-v"));
	int code = report.finding_count == 0 ? EXIT_WELL : EXIT_ATTENTION;
	report_end(&report);
	return code;
}

static void print_conditions(void)
{
	printf("\nWords in capitals:\n");
	for (enum condition c = CONDITION_WELL + 1; c < CONDITION_COUNT; c++) {
		const struct condition_row *row = condition_row(c);
		printf("  %s (%s, %s)\n      %s.\n      Next: `%s`\n", row->word, row->key, impact_text(row->impact),
			row->meaning, row->next);
	}
}

const struct command command_status = {
	.word = "status",
	.usage = "[-v | --json]",
	.summary = "tell how the feeds and the resolvers are",
	.text = "The first line is the verdict: \"well: ...\", or \"NOT WELL: ...\" with what is worst and the next "
		"command. Then\n"
		"come the table, the last run, each feed and each resolver. Reads only. Run it as root or as the user "
		"of\n"
		"`feedsync run`: to others the state directory is closed.\n",
	.configuration = CONFIGURATION_IN_USE,
	.options = {{"-v", NULL, NULL, "with examples of the entries that were rejected"},
		{"--json", NULL, NULL, "print JSON: \"well\", \"verdict\", \"conditions\" and all numbers"}},
	.exits = {{EXIT_WELL, "all is well"}, {EXIT_ATTENTION, "something needs attention, or cannot be seen"},
		{EXIT_TROUBLE, "there is no configuration that can be used"}},
	.print_more = print_conditions,
	.run = cmd_status,
};
