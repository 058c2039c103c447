/* SPDX-License-Identifier: BSD-3-Clause */
/* What we give to others: the organisation, the outputs, what of a feed may go on. */
#include <ctype.h>
#include <string.h>

#include "feedsync/base/uuid.h"
#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"
#include "feedsync/entries/normalise.h"
#include "libweir/errors.h"

/* ---- feeds ---- */

void check_feed_share(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	feed->republish = written->republish;
	if (written->tlp && !tlp_from_text(written->tlp, &feed->tlp))
		feed->tlp = TLP_NONE; /* the table of options lets no other word pass */
	if (!feed->republish && written->tlp && c->file->sightings.count == 0)
		complain(c, &written->at, "tlp", "it has no effect without \"republish: yes\"");
	if (feed->republish && !written->tlp && !feed->format->has_markings)
		complain(c, &written->at, "republish",
			"entries of %s have no markings, so none would be given on; add \"tlp: green\" or another one",
			feed->format->name);
	if (feed->republish && feed->allows)
		complain(c, &written->at, "republish",
			"what this feed lists is to pass, and only blocked names are shared");
}

/* ---- the directory ---- */

/* Whether a path is another one, or below it: part by part, since slashes may be doubled. */
static bool path_is_within(const char *path, const char *other)
{
	for (;;) {
		path += strspn(path, "/");
		other += strspn(other, "/");
		size_t length = strcspn(other, "/");
		if (length == 0)
			return true;
		if (strncmp(path, other, length) != 0 || (path[length] != '/' && path[length] != '\0'))
			return false;
		path += length;
		other += length;
	}
}

bool paths_meet(const char *a, const char *b)
{
	return path_is_within(a, b) || path_is_within(b, a);
}

void check_own_directory(
	struct check *c, const struct written *at, const char *key, const char *directory, const char *what)
{
	const struct config *config = c->config;
	const struct {
		const char *path, *what;
	} ours[] = {{config->state, "the state directory"}, {config->table, "the table"},
		{config->run, "the resolvers' live counters"}, {config->pages_directory, "the pages"}};
	for (unsigned i = 0; i < sizeof ours / sizeof *ours; i++)
		if (ours[i].path && paths_meet(directory, ours[i].path))
			complain(c, at, key, "%s is %s; %s has a directory of its own", ours[i].path, ours[i].what,
				what);
	for (size_t i = 0; i < config->output_count; i++)
		if (paths_meet(directory, config->outputs[i].to))
			complain(c, at, key, "output %s has %s; each has a directory of its own",
				config->outputs[i].name, config->outputs[i].to);
}

/* ---- what goes in ---- */

static void take_feed(struct check *c, struct output *output, bool *of, const struct written_output *written, size_t i)
{
	const struct feed_config *feed = &c->config->feeds[i];
	of[i] = true;
	if (!feed->republish)
		complain(c, &written->at, "of", "feed %s has no \"republish: yes\"", feed->name);
	else if (!feed->format->has_markings && feed->tlp > output->ceiling)
		complain(c, &written->at, "of",
			"feed %s is of TLP %s, and this output takes at most %s: nothing of it would go in", feed->name,
			tlp_text(feed->tlp), tlp_text(output->ceiling));
}

static void read_sources(struct check *c, struct output *output, const struct written_output *written)
{
	const struct config *config = c->config;
	bool *of = yaml_alloc(c->document, config->feed_count + 1, sizeof *of);
	output->of = of;
	for (unsigned i = 0; i < written->of.count; i++) {
		const char *name = written->of.text[i];
		size_t feed;
		struct why why;
		if (strcmp(name, OPERATOR_FEED) == 0)
			output->of_operator = true;
		else if (config_find_feed(config, name, &feed, &why) == 0)
			take_feed(c, output, of, written, feed);
		else
			complain(c, &written->at, "of", "%s", why.text);
	}
	output->categories = written->categories.text;
	output->category_count = written->categories.count;
	for (unsigned i = 0; i < output->category_count; i++)
		if (find_written_category(c, output->categories[i]) < 0)
			complain(c, &written->at, "categories", "there is no category \"%s\"", output->categories[i]);
}

/* The zone's name, for the format that has one. */
static void read_zone(struct check *c, struct output *output, const struct written_output *written)
{
	bool wanted = strcmp(written->format, "rpz") == 0;
	enum reject reject;
	if (wanted && !written->zone)
		complain(c, &written->at, "format", "rpz needs the name of the zone (zone: rpz.isp.example)");
	else if (!wanted && written->zone)
		complain(c, &written->at, "zone", "the format %s has no zone", written->format);
	int length = written->zone ? normalise(written->zone, strlen(written->zone), output->zone_wire, &reject) : -1;
	if (length <= 0)
		return;
	char *text = yaml_alloc(c->document, NAME_MAX_TEXT, 1);
	output->zone_length = (uint8_t)length;
	name_to_text(output->zone_wire, output->zone_length, text);
	output->zone = text;
}

static void check_output(struct check *c, const struct written_output *written)
{
	struct config *config = c->config;
	struct output *output = &config->outputs[config->output_count];
	*output = (struct output){.name = written->name,
		.format = written->format,
		.to = written->to,
		.recipients = written->recipients.text,
		.recipient_count = written->recipients.count,
		.sign_key_file = written->sign_key_file,
		.tombstones_s = written->tombstones_s};
	if (!tlp_from_text(written->tlp, &output->ceiling))
		output->ceiling = TLP_CLEAR; /* the table of options lets no other word pass */
	if (!config->organisation.name)
		complain(c, &written->at, "name", "others must know who publishes it; write `organisation`");
	if (config_find_output(config, output->name))
		complain(c, &written->at, "name", "this output is there already");
	check_own_directory(c, &written->at, "to", written->to, "an output");
	read_sources(c, output, written);
	read_zone(c, output, written);
	config->output_count++;
}

/* The UUID in lower case, as identifiers are made of it. */
static const char *read_uuid(struct check *c, const char *written)
{
	char *uuid = yaml_alloc(c->document, strlen(written) + 1, 1);
	for (size_t i = 0; written[i]; i++)
		uuid[i] = (char)tolower((unsigned char)written[i]);
	return uuid;
}

void check_organisation(struct check *c)
{
	static const char *const parts[] = {"identity", NULL};
	const struct written_organisation *written = &c->file->organisation;
	if (!written->at.map)
		return;
	const char *uuid = read_uuid(c, written->uuid);
	char *identity = yaml_alloc(c->document, UUID_TEXT, 1);
	if (uuid_is_valid(uuid)) /* else it has been complained about */
		uuid5_join(identity, uuid, parts);
	c->config->organisation = (struct organisation){written->name, uuid, written->contact, identity};
}

void check_outputs(struct check *c)
{
	for (unsigned i = 0; i < c->file->share.count; i++)
		check_output(c, &c->file->share.item[i]);
}
