/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync distribute`: gives the published table to the channels at once. */
#include "feedsync/fleet/distribute.h"

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/sync/last_run.h"
#include "libweir/errors.h"

/* Whether each channel that is named is one. */
static bool are_channels(const struct config *config, const struct invocation *invocation, const char *take_over)
{
	bool all = true;
	for (int i = -1; i < invocation->argument_count; i++) {
		const char *name = i < 0 ? take_over : invocation->arguments[i];
		if (!name || config_find_channel(config, name))
			continue;
		log_error("%s: there is no channel \"%s\" in `distribute`", config->path, name);
		all = false;
	}
	if (config->channel_count == 0)
		log_error("%s: there is no channel: `distribute` names none, see feedsync.yaml(5)", config->path);
	return all && config->channel_count > 0;
}

static int distribute_asked(const struct invocation *invocation, const struct config *config, const char *take_over)
{
	const struct distribution distribution = {config, BUNDLE_WHOLE, take_over != NULL};
	struct channel_counts counts;
	last_run_begin_clock(config);
	if (take_over)
		distribute_to_all(&distribution, &take_over, 1, &counts);
	else
		distribute_to_all(&distribution, (const char *const *)invocation->arguments,
			(size_t)invocation->argument_count, &counts);
	if (counts.failed == 0)
		return EXIT_WELL;
	return counts.well > 0 ? EXIT_ATTENTION : EXIT_TROUBLE;
}

static int cmd_distribute(struct invocation *invocation)
{
	const char *take_over = option_value(invocation, "--take-over");
	if (!are_channels(invocation->config, invocation, take_over))
		return EXIT_TROUBLE;
	return distribute_asked(invocation, invocation->config, take_over);
}

static int check_distribute_arguments(const struct invocation *invocation)
{
	if (option_given(invocation, "--take-over") && invocation->argument_count > 0)
		return usage_error(invocation->command, "--take-over names the one channel that it is for");
	return 0;
}

const struct command command_distribute = {
	.word = "distribute",
	.usage = "[--take-over CHANNEL] | [CHANNEL...]",
	.summary = "give the published table to resolvers elsewhere",
	.text = "Puts the published table, and what changed since the ones before, into each channel of `distribute`, "
		"and\n"
		"signs a manifest that names them. Each publish does the same: of `sync`, `run`, `rollback`, `allow` "
		"and\n"
		"`block`. A channel that fails keeps what it has; the other ones go on.\n",
	.max_arguments = -1,
	.options = {{"--take-over", "CHANNEL", NULL,
		"publish to this channel from now on, although another compiler has published there;\n"
		"stop that one first"}},
	.configuration = CONFIGURATION_SOUND,
	.as_owner = true,
	.exits = {{EXIT_WELL, "each channel has the published table"},
		{EXIT_ATTENTION, "some have not; what is published there stays"},
		{EXIT_TROUBLE, "none has, or the configuration is broken"}},
	.check = check_distribute_arguments,
	.run = cmd_distribute,
};
