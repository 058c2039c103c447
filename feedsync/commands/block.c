/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync block`: block a name at once */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/override.h"

static int cmd_block(struct invocation *invocation)
{
	return override_give(invocation, RULE_BLOCK);
}

const struct command command_block = {
	.word = "block",
	.usage = "[--json] NAME --reason TEXT [--until TIME] [--exact]",
	.summary = "block a name at once",
	.text = "The name and everything below it are blocked within a second, as category malicious. What no feed may "
		"block\n"
		"(the guard) is refused. It is kept beside the configuration, in the state directory, until TIME or\n"
		"`feedsync unblock`. An allow wins over it. Needs no `feedsync run`, asks no feed, and works during a "
		"hold.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = OVERRIDE_OPTIONS,
	.exits = OVERRIDE_EXITS,
	.check = override_check_given,
	.run = cmd_block,
};
