/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync unallow`: take a `feedsync allow` back */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/override.h"

static int cmd_unallow(struct invocation *invocation)
{
	return override_take_back(invocation, RULE_ALLOW);
}

const struct command command_unallow = {
	.word = "unallow",
	.usage = "[--json] NAME",
	.summary = "take a `feedsync allow` back",
	.text = "What the lists say of the name holds again, at once.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {OVERRIDE_JSON},
	.exits = OVERRIDE_EXITS,
	.check = override_check_taken,
	.run = cmd_unallow,
};
