/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync resume`: ends a hold, or the halt of a channel. */
#include <errno.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/promotion_command.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/fleet/promotion.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/state_dir.h"

static int resume_channel(
	const struct invocation *invocation, const struct channel *channel, const char *by, struct why *why)
{
	(void)by;
	return promotion_resume(invocation->config, channel, why);
}

static int cmd_resume(struct invocation *invocation)
{
	if (invocation->argument_count > 0)
		return promotion_command(invocation, resume_channel);
	const struct config *config = invocation->config;
	struct why why;
	int status = hold_release(config->state, &why);
	if (status != 0 && status != -ENOENT) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	if (config->pull.url) {
		log_info(status == 0 ? "the hold has ended; the next pull takes what is offered" : "nothing is held");
		return EXIT_WELL;
	}
	int asked = status == 0 && state_dir_is_locked(config->state) ? control_ask(config, "publish\n") : -1;
	if (asked >= 0)
		return asked;
	log_info(status == 0 ? "the hold has ended; the next sync publishes what the feeds hold then"
			     : "nothing is held: each sync publishes what the feeds hold");
	return EXIT_WELL;
}

const struct command command_resume = {
	.word = "resume",
	.usage = "[CHANNEL]",
	.summary = "end the hold after a rollback, or the halt of a channel",
	.text = "Beside a `feedsync run` what the feeds hold is published at once, else by the next `feedsync sync`. "
		"So take\n"
		"the bad feed out of the configuration first. With CHANNEL the halt of that channel ends: its canaries "
		"get "
		"the\n"
		"published table again, and it is promoted when they have been healthy with it.\n",
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "nothing is held any more, or halted"},
		{EXIT_ATTENTION, "published, but some feeds stay on their last good version"},
		{EXIT_TROUBLE, "the hold or the halt stays, or nothing could be published"}},
	.run = cmd_resume,
};
