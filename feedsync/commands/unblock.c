/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync unblock`: take a `feedsync block` back */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/override.h"

static int cmd_unblock(struct invocation *invocation)
{
	return override_take_back(invocation, RULE_BLOCK);
}

const struct command command_unblock = {
	.word = "unblock",
	.usage = "[--json] NAME",
	.summary = "take a `feedsync block` back",
	.text = "What the lists say of the name holds again, at once.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {OVERRIDE_JSON},
	.exits = OVERRIDE_EXITS,
	.check = override_check_taken,
	.run = cmd_unblock,
};
