/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync allow`: let a name pass at once, whatever lists it */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/override.h"

static int cmd_allow(struct invocation *invocation)
{
	return override_give(invocation, RULE_ALLOW);
}

const struct command command_allow = {
	.word = "allow",
	.usage = "[--json] NAME --reason TEXT [--until TIME] [--exact]",
	.summary = "let a name pass at once, whatever lists it",
	.text = "The name and everything below it pass, in the caches too, within a second. It wins over every feed "
		"and every\n"
		"`block`. It is kept beside the configuration, in the state directory, until TIME or `feedsync "
		"unallow`;\n"
		"`feedsync check` and `feedsync why` show it. Needs no `feedsync run`, asks no feed, and works during "
		"a hold.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = OVERRIDE_OPTIONS,
	.exits = OVERRIDE_EXITS,
	.check = override_check_given,
	.run = cmd_allow,
};
