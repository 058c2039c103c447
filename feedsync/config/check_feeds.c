/* SPDX-License-Identifier: BSD-3-Clause */
/* Feeds, one by one. */
#include <stdio.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"
#include "feedsync/entries/self_test.h"

static void check_name(struct check *c, const struct written_feed *written)
{
	const char *name = written->name;
	if (strcmp(name, OPERATOR_FEED) == 0)
		complain(c, &written->at, "name", "\"%s\" is the name of the lists `allow` and `block`", OPERATOR_FEED);
	if (strcmp(name, SELF_TEST_FEED) == 0)
		complain(c, &written->at, "name", "every table has a feed of this name already");
	for (size_t i = 0; i < c->config->feed_count; i++)
		if (strcmp(c->config->feeds[i].name, name) == 0)
			complain(c, &written->at, "name", "this feed is there already");
}

/* A MISP instance is asked for little at a time, so it is asked often, unless the file says otherwise. */
static void check_times(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	bool instance = feed->format->layout == LAYOUT_LISTING;
	feed->interval_s = written->interval_s > 0                              ? written->interval_s
			   : instance && !was_written(&c->file->at, "interval") ? INSTANCE_INTERVAL_S
										: c->file->interval_s;
	feed->max_unchanged_s = written->max_unchanged_s;
	feed->max_edit_s = written->max_edit_s;
	if (was_written(&written->at, "max-edit") && !instance)
		complain(c, &written->at, "max-edit",
			"only misp-rest knows of events that are being edited, and this is %s", feed->format->name);
}

static void check_feed(struct check *c, const struct written_feed *written)
{
	struct config *config = c->config;
	struct feed_config *feed = &config->feeds[config->feed_count];
	struct feed_policy *policy = &config->feed_policies[config->feed_count];
	check_name(c, written);
	*feed = (struct feed_config){.name = written->name,
		.sum = yaml_sum(written->at.map),
		.url = written->url,
		.format = format_find(written->format),
		.own = strncmp(written->url, "file:", 5) == 0};
	snprintf(policy->name, sizeof policy->name, "%s", written->name);
	policy->check_targets = written->targets;
	check_times(c, feed, written);
	check_values(c, feed, written);
	check_trust(c, feed, written);
	check_collection(c, feed, written);
	check_feed_policy(c, feed, written);
	check_feed_share(c, feed, written);
	check_feed_limits(c, feed, written);
	config->feed_count++;
}

void check_feeds(struct check *c)
{
	for (unsigned i = 0; i < c->file->feeds.count; i++)
		check_feed(c, &c->file->feeds.item[i]);
}
