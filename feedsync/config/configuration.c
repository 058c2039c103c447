/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/configuration.h"

#include <stdlib.h>

#include "feedsync/config/yaml.h"

bool config_all_own(const struct config *config)
{
	bool all = true;
	for (size_t i = 0; i < config->feed_count; i++)
		all &= config->feeds[i].own;
	return all;
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
