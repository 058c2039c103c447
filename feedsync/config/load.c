/* SPDX-License-Identifier: BSD-3-Clause */
/* How a configuration comes about. The file's text becomes a tree of YAML (yaml.h). The tree becomes the options as
 * they are written (options_read.h). These are checked together and become a configuration (check.h). Each step reports
 * all that is wrong, and the next step begins only if nothing is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/config/check.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

/* Notes why the file cannot be read. If it is missing, and the example is installed beside it, the note names the
 * example. If only others may read it, the note says who can. */
static void complain_of_file(struct complaints *complaints, const char *path, int status, const struct why *why)
{
	char example[4096];
	snprintf(example, sizeof example, "%s.example", path);
	if (status == -ENOENT && access(example, F_OK) == 0)
		complaints_add(complaints, 0, "%s; an example to begin with: `cp %s %s`", why->text, example, path);
	else if (status == -EACCES && geteuid() != 0)
		complaints_add(complaints, 0,
			"%s: this user may not read it; next: the same as root (`sudo`), or as a member of its group",
			why->text);
	else
		complaints_add(complaints, 0, "%s", why->text);
}

static void check_all(struct check *c)
{
	const struct written_file *file = c->file;
	struct config *config = c->config;
	config->state = file->state;
	config->table = file->table;
	config->run = strcmp(file->run, "none") == 0 ? NULL : file->run;
	config->hits = (struct hits_policy){.events = file->hits.events,
		.ipv4_bits = (uint8_t)file->hits.ipv4_prefix,
		.ipv6_bits = (uint8_t)file->hits.ipv6_prefix};
	config->pages_listen = file->metrics.listen;
	config->pages_directory = file->metrics.directory;
	check_organisation(c);
	check_networks(c);
	check_resolver(c);
	check_categories(c);
	check_contact(c);
	check_groups(c);
	check_guard(c);
	check_feeds(c);
	check_feed_hosts(c);
	check_operator(c);
	check_outputs(c);
	check_channels(c);
	check_fleet(c);
	check_trends(c);
	check_pull(c);
	check_sightings(c);
	check_table_limits(c);
}

/* Makes a configuration of a document, which it owns. */
static int make_config(struct config **config, struct yaml_document *document, struct complaints *complaints)
{
	struct config *new = yaml_alloc(document, 1, sizeof *new);
	struct written_file *file = yaml_alloc(document, 1, sizeof *file);
	new->document = document;
	*config = new;
	int status = options_read(document, file, complaints);
	if (status != 0)
		return status;
	new->categories = yaml_alloc(document, POLICY_MAX_CATEGORIES, sizeof *new->categories);
	new->groups = yaml_alloc(document, file->groups.count, sizeof *new->groups);
	new->feeds = yaml_alloc(document, file->feeds.count, sizeof *new->feeds);
	new->feed_policies = yaml_alloc(document, file->feeds.count + 1, sizeof *new->feed_policies);
	new->outputs = yaml_alloc(document, file->share.count, sizeof *new->outputs);
	new->partners = yaml_alloc(document, file->sightings.count, sizeof *new->partners);
	new->channels = yaml_alloc(document, file->distribute.count, sizeof *new->channels);
	new->fleet.resolvers = yaml_alloc(document, file->fleet.resolvers.count, sizeof *new->fleet.resolvers);
	new->operator_lists.item =
		yaml_alloc(document, file->allow.count + file->block.count, sizeof *new->operator_lists.item);
	check_all(&(struct check){.complaints = complaints, .document = document, .file = file, .config = new});
	return complaints->count == 0 ? 0 : -EBADMSG;
}

int config_read_text(struct config **config, const char *text, size_t length, struct complaints *complaints)
{
	struct yaml_document *document;
	*config = NULL;
	int status = yaml_parse(&document, text, length, complaints);
	if (status == 0)
		status = make_config(config, document, complaints);
	if (status != 0)
		config_free(config);
	return status;
}

int config_read(struct config **config, const char *path, struct complaints *complaints)
{
	struct why why;
	char *text;
	size_t length;
	*config = NULL;
	complaints_begin(complaints);
	int status = whole_text_load(&text, &length, path, MAX_CONFIG, &why);
	if (status != 0) {
		complain_of_file(complaints, path, status, &why);
		return status;
	}
	status = config_read_text(config, text, length, complaints);
	if (status == 0) {
		(*config)->path = yaml_copy((*config)->document, path, strlen(path));
		text_sum((*config)->sum, text, length);
	}
	free(text);
	return status;
}

int config_load(struct config **config, const char *path)
{
	struct complaints complaints;
	int status = config_read(config, path, &complaints);
	complaints_log(&complaints, path);
	complaints_end(&complaints);
	return status;
}
