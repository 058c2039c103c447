/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/target.h"

int target_open(struct target **target, const struct channel *channel, struct why *why)
{
	*target = NULL;
	if (channel->kind == TARGET_DIRECTORY)
		return target_directory_open(target, channel, why);
	return target_http_open(target, channel, why);
}

void target_close(struct target **target)
{
	if (*target)
		(*target)->row->close(*target);
	*target = NULL;
}
