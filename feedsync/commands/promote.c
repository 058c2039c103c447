/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync promote`: what is published comes to a channel without waiting for its canaries. */
#include "feedsync/commands/commands.h"
#include "feedsync/commands/promotion_command.h"
#include "feedsync/fleet/promotion.h"

static int promote_channel(
	const struct invocation *invocation, const struct channel *channel, const char *by, struct why *why)
{
	return promotion_promote(invocation->config, channel, by, why);
}

static int cmd_promote(struct invocation *invocation)
{
	return promotion_command(invocation, promote_channel);
}

const struct command command_promote = {
	.word = "promote",
	.usage = "[CHANNEL]",
	.summary = "give the published table to a channel at once, whatever its canaries say",
	.text = "CHANNEL is one with `promote-from`; without it all of these are meant. It gets the table that is "
		"published\n"
		"here now, and a halt ends. `feedsync resume CHANNEL` ends a halt too, and has the table prove itself "
		"first.\n",
	.max_arguments = 1,
	.configuration = CONFIGURATION_SOUND,
	.as_owner = true,
	.exits = {{EXIT_WELL, "each channel has the published table"},
		{EXIT_ATTENTION, "it is promoted, but a channel is behind"},
		{EXIT_TROUBLE, "nothing is changed in a channel, or there is none"}},
	.run = cmd_promote,
};
