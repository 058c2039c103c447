/* SPDX-License-Identifier: BSD-3-Clause */
/* Which resolvers elsewhere are watched. There may be thousands, so what two of them must not share is found by sorting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"

/* A resolver's name, or its server, and where it is written. */
struct sole {
	const char *text;
	const struct written *at;
	unsigned number;
};

static int by_sole_text(const void *a, const void *b)
{
	const struct sole *x = a, *y = b;
	int order = strcmp(x->text, y->text);
	return order != 0 ? order : x->number > y->number ? 1 : -1;
}

/* Complains about each one of `count` that stands before already. */
static void complain_of_doubles(struct check *c, struct sole *soles, size_t count, const char *key)
{
	qsort(soles, count, sizeof *soles, by_sole_text);
	for (size_t i = 1; i < count; i++)
		if (strcmp(soles[i - 1].text, soles[i].text) == 0)
			complain(c, soles[i].at, key, "%s is there already", soles[i].text);
}

static void check_fleet_doubles(struct check *c)
{
	const struct fleet_config *fleet = &c->config->fleet;
	struct sole *names = yaml_alloc(c->document, fleet->resolver_count, sizeof *names);
	struct sole *servers = yaml_alloc(c->document, fleet->resolver_count, sizeof *servers);
	for (unsigned i = 0; i < fleet->resolver_count; i++) {
		const struct written *at = &c->file->fleet.resolvers.item[i].at;
		names[i] = (struct sole){fleet->resolvers[i].name, at, i};
		servers[i] = (struct sole){fleet->resolvers[i].server, at, i};
	}
	complain_of_doubles(c, names, fleet->resolver_count, "name");
	complain_of_doubles(c, servers, fleet->resolver_count, "address");
}

static const char *find_resolver_channel(struct check *c, const struct written_fleet_resolver *written)
{
	const struct config *config = c->config;
	if (written->channel && !config_find_channel(config, written->channel))
		complain(c, &written->at, "channel", "there is no channel \"%s\" in \"distribute\"", written->channel);
	if (!written->channel && config->channel_count > 1)
		complain(c, &written->at, "channel", "it is missing: \"distribute\" has %zu of them",
			config->channel_count);
	return written->channel ? written->channel : config->channel_count > 0 ? config->channels[0].name : NULL;
}

static void check_fleet_resolver(struct check *c, const struct written_fleet_resolver *written)
{
	char server[80];
	struct fleet_config *fleet = &c->config->fleet;
	snprintf(server, sizeof server, "%s@%u", written->address, (unsigned)written->port);
	fleet->resolvers[fleet->resolver_count++] = (struct fleet_resolver){.name = written->name,
		.address = written->address,
		.server = yaml_copy(c->document, server, strlen(server)),
		.site = written->site,
		.channel = find_resolver_channel(c, written)};
}

static void check_prometheus(struct check *c, const struct written_prometheus *written)
{
	struct fleet_config *fleet = &c->config->fleet;
	if (!written->at.map)
		return;
	size_t length = strlen(written->url);
	while (written->url[length - 1] == '/')
		length--;
	fleet->prometheus = yaml_copy(c->document, written->url, length);
	fleet->label = written->label;
	check_server(c, &written->at, written->url, &written->server, &fleet->trust, &fleet->access);
}

void check_fleet(struct check *c)
{
	const struct written_fleet *written = &c->file->fleet;
	if (!written->at.map)
		return;
	for (unsigned i = 0; i < written->resolvers.count; i++)
		check_fleet_resolver(c, &written->resolvers.item[i]);
	check_fleet_doubles(c);
	c->config->fleet.interval_s = written->interval_s;
	check_prometheus(c, &written->prometheus);
	if (!written->digests.at.map)
		return;
	c->config->fleet.digests = true;
	check_digests(c, "from", &written->digests, &c->config->fleet.digests_from);
	if (!c->file->trends.at.map)
		complain(c, &written->digests.at, "from", "they are kept as `trends` says: write that section");
}
