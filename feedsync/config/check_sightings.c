/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is told what was hit: `sightings` of the configuration. */
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/sighting_ways.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

static void take_sighted_feed(
	struct check *c, struct partner *partner, bool *of, const struct written_sightings *written, const char *name)
{
	size_t feed;
	struct why why;
	if (config_find_feed(c->config, name, &feed, &why) != 0) {
		complain(c, &written->at, "of", "%s", why.text);
		return;
	}
	of[feed] = true;
	if (!sighting_way_fits(partner->to, c->config->feeds[feed].format))
		complain(c, &written->at, "of",
			"entries of feed %s have no identifiers that %s knows: its format is %s", name, partner->to,
			c->config->feeds[feed].format->name);
}

static void check_partner_name(struct check *c, const struct written_sightings *written)
{
	const struct config *config = c->config;
	if (config_find_partner(config, written->name))
		complain(c, &written->at, "name", "these sightings are there already");
	if (config_find_output(config, written->name))
		complain(c, &written->at, "name", "an output of `share` has this name");
}

static void check_partner(struct check *c, const struct written_sightings *written)
{
	struct config *config = c->config;
	struct partner *partner = &config->partners[config->partner_count];
	bool *of = yaml_alloc(c->document, config->feed_count + 1, sizeof *of);
	*partner = (struct partner){.name = written->name,
		.to = written->to,
		.url = written->url,
		.of = of,
		.min_clients = written->min_clients > 0 ? written->min_clients : config->trends.min_clients,
		.delay_s = written->delay_s,
		.max = written->max,
		.source = written->source,
		.logged = written->logged,
		.strict = written->strict};
	if (!config->organisation.name)
		complain(c, &written->at, "name", "identifiers are made of who you are; write `organisation`");
	if (!config->trends.rules)
		complain(c, &written->at, "name",
			"nothing is known of single names; write `trends` with \"rules: yes\"");
	if (strncmp(written->url, "http", 4) != 0)
		complain(c, &written->at, "url", "a server is told over https:// or http://");
	check_partner_name(c, written);
	for (unsigned i = 0; i < written->of.count; i++)
		take_sighted_feed(c, partner, of, written, written->of.text[i]);
	check_server(c, &written->at, written->url, &written->server, &partner->trust, &partner->access);
	config->partner_count++;
}

void check_sightings(struct check *c)
{
	for (unsigned i = 0; i < c->file->sightings.count; i++)
		check_partner(c, &c->file->sightings.item[i]);
}
