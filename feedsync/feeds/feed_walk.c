/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/feed_walk.h"

#include <stdlib.h>

#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"

int feed_walk_begin(struct feed_walk *walk, const struct config *config, struct guard *guard, struct why *why)
{
	size_t count = config->feed_count;
	*walk = (struct feed_walk){.feeds = xcalloc(count, sizeof *walk->feeds),
		.feed_count = count,
		.list = xcalloc(count, sizeof *walk->list)};
	for (size_t i = 0; i < count; i++)
		feed_begin(&walk->feeds[i], &config->feeds[i], config->state);
	walk->good_count = feeds_list_good(walk->feeds, count, walk->list);
	int status = feeds_guard_hosts(walk->feeds, count, guard);
	return status == 0 ? 0 : why_set(why, status, "the hosts of the feeds: %s", error_text(status));
}

void feed_walk_end(struct feed_walk *walk)
{
	for (size_t i = 0; i < walk->feed_count; i++)
		feed_end(&walk->feeds[i]);
	free(walk->feeds);
	free(walk->list);
	*walk = (struct feed_walk){0};
}

const struct feed *feed_walk_next(const struct feed_walk *walk, size_t *next)
{
	return *next < walk->good_count ? &walk->feeds[walk->list[(*next)++].source.feed] : NULL;
}

int feed_walk_parse(struct feed_walk *walk, size_t next, struct sink *sink, struct why *why)
{
	return compile_parse(&walk->list[next - 1], sink, why);
}
