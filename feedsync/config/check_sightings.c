/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is told what was hit: `sightings` of the configuration. */
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/sighting_ways.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

enum { MAX_EVENT_SIGHTINGS = 5000 };

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

static void check_told_directory(struct check *c, const struct written_sightings *written)
{
	const struct config *config = c->config;
	const struct written_server *server = &written->server;
	check_own_directory(c, &written->at, "directory", written->directory, "who is told");
	for (size_t i = 0; i < config->partner_count; i++)
		if (config->partners[i].directory && paths_meet(written->directory, config->partners[i].directory))
			complain(c, &written->at, "directory",
				"sightings %s have %s; each have a directory of their own", config->partners[i].name,
				config->partners[i].directory);
	if (server->key_file || server->token_file || server->password_file || server->ca)
		complain(c, &written->at, "directory", "no server is asked, so what is written for one has no effect");
}

/* Of a directory others take what they are told; a server is asked by us. */
static void check_destination(struct check *c, const struct partner *partner, const struct written_sightings *written)
{
	const char *url = written->url;
	if (sighting_way_is_directory(written->to)) {
		if (url)
			complain(c, &written->at, "url", "%s goes into a directory; write \"directory\"", written->to);
		if (written->max > MAX_EVENT_SIGHTINGS && strcmp(written->to, "misp-feed") == 0)
			complain(c, &written->at, "max", "an event of MISP is a day, and has at most %d",
				MAX_EVENT_SIGHTINGS);
		if (!written->directory)
			return;
		if (!partner->recipient_count)
			complain(c, &written->at, "directory",
				"the log must say who is told; write \"recipients\": those who may fetch it");
		if (written->strict)
			complain(c, &written->at, "strict",
				"others than the source read a directory; its ceiling is \"tlp\"");
		check_told_directory(c, written);
		return;
	}
	if (written->directory || written->sign_key_file || partner->recipient_count)
		complain(c, &written->at,
			written->directory       ? "directory"
			: written->sign_key_file ? "sign-key-file"
						 : "recipients",
			"%s tells a server; this is for what goes into a directory", written->to);
	if (!url)
		return;
	if (strncmp(url, "http", 4) != 0)
		complain(c, &written->at, "url", "a server is told over https:// or http://");
	else if (strcmp(written->to, "taxii") == 0 && (!is_objects_url(url) || !strstr(url, "/collections/")))
		complain(c, &written->at, "url",
			"it is not that of a collection's objects, .../collections/ID/objects/");
}

static void check_partner(struct check *c, const struct written_sightings *written)
{
	struct config *config = c->config;
	struct partner *partner = &config->partners[config->partner_count];
	bool *of = yaml_alloc(c->document, config->feed_count + 1, sizeof *of);
	*partner = (struct partner){.name = written->name,
		.to = written->to,
		.url = written->url,
		.directory = written->directory,
		.recipients = written->recipients.text,
		.recipient_count = written->recipients.count,
		.sign_key_file = written->sign_key_file,
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
	if (!written->tlp || !tlp_from_text(written->tlp, &partner->ceiling))
		partner->ceiling = TLP_CLEAR; /* the table of options lets no other word pass */
	check_destination(c, partner, written);
	check_partner_name(c, written);
	for (unsigned i = 0; i < written->of.count; i++)
		take_sighted_feed(c, partner, of, written, written->of.text[i]);
	if (written->url)
		check_server(c, &written->at, written->url, &written->server, &partner->trust, &partner->access);
	config->partner_count++;
}

void check_sightings(struct check *c)
{
	for (unsigned i = 0; i < c->file->sightings.count; i++)
		check_partner(c, &c->file->sightings.item[i]);
}
