/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync fleet`: asks the resolvers elsewhere, and tells how they are. The room feedsync/watch has the words for it. */
#include <stdio.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/watch/fleet_report.h"
#include "feedsync/watch/watch_round.h"

static int show_fleet(const struct config *config, struct watch *watch, bool json)
{
	struct report report;
	struct fleet_report fleet;
	struct why why;
	if (report_begin(&report, config, &why) != 0) {
		log_error("state: %s", why.text);
		return EXIT_TROUBLE;
	}
	fleet_report_begin(&fleet, &report, watch);
	fleet_report_digests(&fleet);
	if (json)
		fleet_json(&fleet);
	else
		fleet_words(&fleet);
	int code = fleet_is_well(&fleet) ? EXIT_WELL : EXIT_ATTENTION;
	fleet_report_end(&fleet);
	report_end(&report);
	return code;
}

static int cmd_fleet(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	struct watch watch;
	struct why why;
	if (config->fleet.resolver_count == 0) {
		log_error("%s: there is no resolver to ask: `fleet` names none, see feedsync.yaml(5)", config->path);
		return EXIT_TROUBLE;
	}
	fetch_init();
	last_run_begin_clock(config);
	int code = EXIT_TROUBLE;
	if (watch_round(&watch, config, &why) == 0)
		code = show_fleet(config, &watch, option_given(invocation, "--json"));
	else
		log_error("fleet: %s", why.text);
	watch_end(&watch);
	return code;
}

static void print_watch_states(void)
{
	printf("\nWords of a resolver:\n");
	for (enum watch_state state = 0; state < WATCH_STATE_COUNT; state++) {
		const struct condition_row *row = watch_state_row(state);
		printf("  %s (%s, %s)\n      %s.\n", row->word, row->key, impact_text(row->impact), row->meaning);
		if (row->next[0])
			printf("      Next: `%s`\n", row->next);
	}
}

const struct command command_fleet = {
	.word = "fleet",
	.usage = "[--json]",
	.summary = "ask the resolvers elsewhere, and tell how they are",
	.text = "Asks each resolver of `fleet` for the self-test's name, as a client would, and the Prometheus server "
		"if "
		"one\n"
		"is named. The first line is the verdict. Then come, for each channel, how many resolvers block by "
		"which\n"
		"generation, and each resolver that is not well, since when. `feedsync run` asks, too, and remembers "
		"it.\n",
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {{"--json", NULL, NULL, "print JSON: all resolvers, and all numbers"}},
	.exits = {{EXIT_WELL, "each resolver blocks by the newest table of its channel, or is just getting it"},
		{EXIT_ATTENTION, "something needs attention, or cannot be seen"},
		{EXIT_TROUBLE, "no resolver is named, or none could be asked"}},
	.print_more = print_watch_states,
	.run = cmd_fleet,
};
