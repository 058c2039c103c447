/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/nearest.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

bool config_all_own(const struct config *config)
{
	bool all = true;
	for (size_t i = 0; i < config->feed_count; i++)
		all &= config->feeds[i].own;
	return all;
}

static int refuse_unknown_feed(const struct config *config, const char *name, struct why *why)
{
	const char **known = xcalloc(config->feed_count, sizeof *known);
	for (size_t i = 0; i < config->feed_count; i++)
		known[i] = config->feeds[i].name;
	const char *nearest = nearest_word(name, known, config->feed_count);
	free(known);
	return nearest ? why_set(why, -ENOENT, "there is no feed \"%.100s\", did you mean \"%.100s\"?", name, nearest)
		       : why_set(why, -ENOENT, "there is no feed \"%.150s\"", name);
}

const struct output *config_find_output(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->output_count; i++)
		if (strcmp(config->outputs[i].name, name) == 0)
			return &config->outputs[i];
	return NULL;
}

const struct channel *config_find_channel(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->channel_count; i++)
		if (strcmp(config->channels[i].name, name) == 0)
			return &config->channels[i];
	return NULL;
}

const struct partner *config_find_partner(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->partner_count; i++)
		if (strcmp(config->partners[i].name, name) == 0)
			return &config->partners[i];
	return NULL;
}

int config_find_feed(const struct config *config, const char *name, size_t *feed, struct why *why)
{
	for (*feed = 0; *feed < config->feed_count; ++*feed)
		if (strcmp(config->feeds[*feed].name, name) == 0)
			return 0;
	return refuse_unknown_feed(config, name, why);
}

void config_free(struct config **config)
{
	if (!*config)
		return;
	struct config *old = *config;
	struct yaml_document *document = old->document;
	*config = NULL;
	for (size_t i = 0; i < old->feed_count; i++)
		nameset_free(&old->feeds[i].unguarded);
	nameset_free(&old->guard.own);
	nameset_free(&old->guard.hosts);
	free(old->ranges);
	yaml_free(&document);
}

const char *partner_where(const struct partner *partner, char text[PARTNER_WHERE])
{
	return partner->url ? url_public(partner->url, text) : partner->directory;
}
