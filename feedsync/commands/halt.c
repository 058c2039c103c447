/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync halt`: nothing new comes to a channel, and its canaries go back to what it has. */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/promotion_command.h"
#include "feedsync/fleet/promotion.h"

static int halt_channel(
	const struct invocation *invocation, const struct channel *channel, const char *by, struct why *why)
{
	const char *reason = option_value(invocation, "--reason");
	return promotion_halt(invocation->config, channel, by, reason ? reason : "by hand", why);
}

static int cmd_halt(struct invocation *invocation)
{
	return promotion_command(invocation, halt_channel);
}

const struct command command_halt = {
	.word = "halt",
	.usage = "[--reason TEXT] [CHANNEL]",
	.summary = "keep new tables from a channel, and take its canaries back",
	.text = "CHANNEL is one with `promote-from`; without it all of these are meant. The channel keeps the table "
		"that it has,\n"
		"and the channel of its canaries goes back to that one, until `feedsync resume CHANNEL` or `feedsync "
		"promote\n"
		"CHANNEL`. What is allowed by command comes to both all the same.\n",
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {{"--reason", "TEXT", NULL, "why, for whoever comes next"}},
	.exits = {{EXIT_WELL, "it is halted, and the canaries' channel has the promoted table"},
		{EXIT_ATTENTION, "it is halted, but a channel is behind"},
		{EXIT_TROUBLE, "nothing is changed in a channel, or there is none"}},
	.run = cmd_halt,
};
