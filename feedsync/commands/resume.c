/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync resume`: ends a hold. */
#include <errno.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/state_dir.h"

static int cmd_resume(struct invocation *invocation)
{
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
	.usage = "",
	.summary = "end the hold after a rollback",
	.text = "Beside a `feedsync run` what the feeds hold is published at once, else by the next `feedsync sync`. "
		"So take\n"
		"the bad feed out of the configuration first.\n",
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "nothing is held any more"},
		{EXIT_ATTENTION, "published, but some feeds stay on their last good version"},
		{EXIT_TROUBLE, "the hold stays, or nothing could be published"}},
	.run = cmd_resume,
};
