/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/promotion_command.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/distribute.h"
#include "feedsync/fleet/promotion_record.h"
#include "feedsync/sync/last_run.h"
#include "libweir/errors.h"

/* Whether there is something to act upon. */
static bool is_promoted_channel(const struct config *config, const char *name)
{
	bool any = false;
	const struct channel *channel = name ? config_find_channel(config, name) : NULL;
	for (size_t i = 0; i < config->channel_count; i++)
		any |= config->channels[i].promote_from != NULL;
	if (!any)
		log_error("%s: no channel of `distribute` has `promote-from`, see feedsync.yaml(5)", config->path);
	else if (name && !channel)
		log_error("%s: there is no channel \"%s\" in `distribute`", config->path, name);
	else if (name && !channel->promote_from)
		log_error("%s: channel %s has no `promote-from`: it has each published table at once", config->path,
			name);
	return any && (!name || (channel && channel->promote_from));
}

int promotion_command(const struct invocation *invocation, promotion_act *act)
{
	const struct config *config = invocation->config;
	const char *name = invocation->argument_count > 0 ? invocation->arguments[0] : NULL;
	char by[PROMOTION_BY];
	struct why why;
	int code = EXIT_WELL;
	if (!is_promoted_channel(config, name))
		return EXIT_TROUBLE;
	last_run_begin_clock(config);
	caller_describe(by, sizeof by);
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct channel *channel = &config->channels[i];
		if (!channel->promote_from || (name && strcmp(channel->name, name) != 0))
			continue;
		int status = act(invocation, channel, by, &why);
		if (status == -EALREADY) {
			log_info("channel %s: %s", channel->name, why.text);
		} else if (status != 0) {
			log_error("channel %s: nothing is changed: %s", channel->name, why.text);
			code = EXIT_TROUBLE;
		}
	}
	return distribute_published(config, BUNDLE_SOON) || code != EXIT_WELL ? code : EXIT_ATTENTION;
}
