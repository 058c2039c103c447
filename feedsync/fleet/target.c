/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/target.h"

#include "feedsync/fleet/manifest.h"

int target_open(struct target **target, const struct channel *channel, struct why *why)
{
	*target = NULL;
	int status = channel->kind == TARGET_DIRECTORY ? target_directory_open(target, channel, why)
						       : target_http_open(target, channel, why);
	if (status == 0)
		(*target)->most = MANIFEST_MAX;
	return status;
}

void target_close(struct target **target)
{
	if (*target)
		(*target)->row->close(*target);
	*target = NULL;
}
