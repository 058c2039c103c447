/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/publish_wake.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/fleet/channel_publishing.h"
#include "feedsync/fleet/channel_request.h"
#include "libweir/errors.h"

/* Somebody waits for a table. Who has it gains nothing from another manifest of it, such as the one with all deltas. */
static bool is_news_urgent(const struct channel_publishing *p)
{
	return p->manifest.urgent &&
	       (!p->before.urgent || strcmp(p->manifest.table.sha256, p->before.table.sha256) != 0);
}

static int find_wake(const struct channel_publishing *p, struct why *why)
{
	struct octets octets = {0};
	int status = p->target->row->get(p->target, MANIFEST_WAKE, &octets.at, &octets.length, why);
	octets_free(&octets);
	return status;
}

void publish_wake(const struct channel_publishing *p)
{
	char text[MANIFEST_WAKE_TEXT];
	struct why why;
	bool urgent = is_news_urgent(p);
	int status = urgent ? -ENOENT : find_wake(p, &why);
	if (status == -ENOENT) {
		manifest_wake_write(urgent ? p->manifest.serial : 0, text);
		status = p->target->row->replace(p->target, MANIFEST_WAKE, text, strlen(text), &why);
	}
	if (status != 0)
		log_warning("channel %s: %s; resolvers find serial %llu at their next look", p->manifest.channel,
			why.text, (unsigned long long)p->manifest.serial);
}
