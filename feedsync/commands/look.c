/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync look [FEED]`: the `run` that is at work asks for a feed now. Whatever is told that something is new, by a person
 * or by a server's push, comes to this: a hint to look, and never a source of names. */
#include <stdio.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"
#include "libweir/policy.h"

static int cmd_look(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	const char *name = invocation->argument_count > 0 ? invocation->arguments[0] : "";
	char request[POLICY_MAX_NAME + 16];
	struct why why;
	size_t feed;
	if (name[0] && config_find_feed(config, name, &feed, &why) != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	snprintf(request, sizeof request, "look %s\n", name);
	int code = state_dir_is_locked(config->state) ? control_ask(config, request) : -1;
	if (code >= 0)
		return code;
	log_error("no `feedsync run` is at work that could be asked; `feedsync sync` asks for all feeds once");
	return EXIT_TROUBLE;
}

const struct command command_look = {
	.word = "look",
	.usage = "[FEED]",
	.summary = "let the `feedsync run` that is at work ask for a feed now, or for all",
	.text = "For whatever hears that something is new: misp-look, the bridge to MISP's pushes, calls it. It tells "
		"what\n"
		"`run` logs until that is published. A feed that is being asked is asked once more; many calls at once "
		"come\n"
		"to two questions. A server that asks to be left alone is left alone.\n",
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "asked; all feeds are fresh or unchanged"},
		{EXIT_ATTENTION, "asked, but some feeds stay on their last good version"},
		{EXIT_TROUBLE, "not asked, or nothing was published: what was published before stays in force"}},
	.run = cmd_look,
};
