/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the files that a configuration names can be read. Each error has the line of the option that names the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/secret_file.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

/* A section of the file, for messages. */
struct section {
	const char *path; /* of the configuration */
	const struct yaml_value *map;
	char label[POLICY_MAX_NAME + 8]; /* "feed a: " */
};

static const struct yaml_value *find_section(const struct config *config, const char *key)
{
	const struct yaml_entry *entry = yaml_find(yaml_top(config->document), key);
	return entry ? entry->value : NULL;
}

/* The line of an option; of the section where the option is not written. */
static unsigned option_line(const struct section *section, const char *key)
{
	const struct yaml_entry *entry = yaml_find(section->map, key);
	return entry ? entry->key->line : section->map ? section->map->line : 1;
}

static void tell_error(const struct section *section, const char *key, const char *text)
{
	log_error("%s:%u: %s%s: %s", section->path, option_line(section, key), section->label, key, text);
}

/* By opening it: access(2) would tell what root may, where root uses files as another user (act_as_owner.h). Returns 0 or
 * -errno. */
static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* `path` may be NULL: the option names no file. */
static int check_readable(const struct section *section, const char *key, const char *path)
{
	struct why why;
	int status = path ? try_open(path) : 0;
	if (status != 0) {
		why_set(&why, status, "%s: %s", path, error_text(status));
		tell_error(section, key, why.text);
	}
	return status;
}

static int check_all_readable(const struct section *section, const char *key, const char *const *paths, size_t count)
{
	int first = 0;
	for (size_t i = 0; i < count; i++) {
		int status = check_readable(section, key, paths[i]);
		first = first ? first : status;
	}
	return first;
}

/* Only warned of, since the list of a file:/// URL may come later. A path with escapes is left to the fetch. */
static void check_local_list(const struct section *section, const char *url)
{
	const char *path = url + strlen("file://");
	if (strncmp(url, "file:///", 8) != 0 || strchr(path, '%'))
		return;
	int status = try_open(path);
	if (status != 0)
		log_warning("%s:%u: %surl: %s: %s; the feed fails until feedsync's user can read it", section->path,
			option_line(section, "url"), section->label, path, error_text(status));
}

static int check_secret(const struct section *section, const char *key, const char *path)
{
	struct why why;
	int status = path ? secret_check(path, &why) : 0;
	if (status != 0)
		tell_error(section, key, why.text);
	return status;
}

/* The option that names the file of a feed's secret. */
static const char *secret_option(const struct section *section)
{
	static const char *const options[] = {"key-file", "token-file", "password-file"};
	unsigned last = sizeof options / sizeof *options - 1, i = 0;
	while (i < last && !yaml_find(section->map, options[i]))
		i++;
	return options[i];
}

static int check_credentials(const struct section *section, const char *url, const struct server_access *access)
{
	struct credentials credentials;
	struct why why;
	int status = credentials_load(&credentials, access->kind, access->user, access->secret_file, &why);
	if (status != 0)
		tell_error(section, secret_option(section), why.text);
	else if (credentials.kind != ACCESS_OPEN && strncmp(url, "http:", 5) == 0)
		log_warning("%s:%u: %surl: it is not https://, so the secret goes over the network unencrypted",
			section->path, option_line(section, "url"), section->label);
	credentials_forget(&credentials);
	return status;
}

static int check_server_files(
	const struct section *section, const struct trust *trust, const struct server_access *access)
{
	const int found[] = {check_readable(section, "ca", trust->ca),
		check_readable(section, "client-certificate", trust->certificate),
		check_secret(section, "client-key", trust->key), check_credentials(section, trust->url, access)};
	int first = 0;
	for (unsigned i = 0; i < sizeof found / sizeof *found; i++)
		first = first ? first : found[i];
	return first;
}

/* The feeds of the configuration are those of the file, in its order. */
static int check_all_feeds(const struct config *config)
{
	const struct yaml_value *list = find_section(config, "feeds");
	int first = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed_config *feed = &config->feeds[i];
		struct section section = {config->path, list && i < list->count ? list->entry[i].value : NULL, ""};
		snprintf(section.label, sizeof section.label, "feed %s: ", feed->name);
		check_local_list(&section, feed->url);
		int status = check_server_files(&section, &feed->trust, &feed->access);
		first = first ? first : status;
	}
	return first;
}

/* A key that cannot be used keeps its output at the last release. */
static int check_all_outputs(const struct config *config)
{
	const struct yaml_value *list = find_section(config, "share");
	int first = 0;
	for (size_t i = 0; i < config->output_count; i++) {
		const struct output *output = &config->outputs[i];
		struct section section = {config->path, list && i < list->count ? list->entry[i].value : NULL, ""};
		snprintf(section.label, sizeof section.label, "output %s: ", output->name);
		int status = check_secret(&section, "sign-key-file", output->sign_key_file);
		first = first ? first : status;
	}
	return first;
}

static int check_all_partners(const struct config *config)
{
	const struct yaml_value *list = find_section(config, "sightings");
	int first = 0;
	for (size_t i = 0; i < config->partner_count; i++) {
		const struct partner *partner = &config->partners[i];
		struct section section = {config->path, list && i < list->count ? list->entry[i].value : NULL, ""};
		snprintf(section.label, sizeof section.label, "sightings %s: ", partner->name);
		int status = check_secret(&section, "sign-key-file", partner->sign_key_file);
		if (status == 0 && partner->url)
			status = check_server_files(&section, &partner->trust, &partner->access);
		first = first ? first : status;
	}
	return first;
}

static int first_of(const int *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (found[i] != 0)
			return found[i];
	return 0;
}

/* What proves who we are where objects lie, as the option `key` of the section names it. */
static int check_proofs(const struct section *section, const char *key, const struct channel *channel)
{
	const int found[] = {check_secret(section, key, channel->key_file), check_readable(section, "ca", channel->ca),
		check_readable(section, "client-certificate", channel->certificate),
		check_secret(section, "client-key", channel->key)};
	return first_of(found, sizeof found / sizeof *found);
}

/* A key that cannot be used keeps its channel at the last manifest. */
static int check_all_channels(const struct config *config)
{
	const struct yaml_value *list = find_section(config, "distribute");
	int first = 0;
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct channel *channel = &config->channels[i];
		struct section section = {config->path, list && i < list->count ? list->entry[i].value : NULL, ""};
		snprintf(section.label, sizeof section.label, "channel %s: ", channel->name);
		const int found[] = {check_secret(&section, "sign-key-file", channel->sign_key_file),
			check_proofs(&section, "to", channel),
			check_all_readable(&section, "probe-names", channel->probe_names, channel->probe_names_count)};
		int status = first_of(found, sizeof found / sizeof *found);
		first = first ? first : status;
	}
	return first;
}

static int check_prometheus_files(const struct config *config)
{
	const struct fleet_config *fleet = &config->fleet;
	const struct yaml_value *map = find_section(config, "fleet");
	const struct yaml_entry *entry = map ? yaml_find(map, "prometheus") : NULL;
	const struct section section = {config->path, entry ? entry->value : NULL, "fleet: prometheus: "};
	return fleet->prometheus ? check_server_files(&section, &fleet->trust, &fleet->access) : 0;
}

/* What proves who we are where digests lie, as the section `key` of `outer` says it. */
static int check_digest_files(const struct config *config, const char *outer, const char *key, const char *place,
	const struct channel *channel)
{
	const struct yaml_value *map = find_section(config, outer);
	const struct yaml_entry *entry = map ? yaml_find(map, key) : NULL;
	struct section section = {config->path, entry ? entry->value : NULL, ""};
	snprintf(section.label, sizeof section.label, "%s: %s: ", outer, key);
	return check_proofs(&section, place, channel);
}

int config_check_files(const struct config *config)
{
	const struct section top = {config->path, yaml_top(config->document), ""};
	const struct section resolver = {config->path, find_section(config, "resolver"), "resolver: "};
	const struct section guard = {config->path, find_section(config, "guard"), "guard: "};
	const struct section pull = {config->path, find_section(config, "pull"), "pull: "};
	const int found[] = {check_all_feeds(config), check_all_outputs(config), check_all_partners(config),
		check_all_channels(config), check_prometheus_files(config),
		check_digest_files(config, "trends", "digest", "to", &config->trends.digest_to),
		check_digest_files(config, "fleet", "digests", "from", &config->fleet.digests_from),
		check_readable(&resolver, "ca", config->resolver.ca),
		check_readable(&resolver, "trust-anchor", config->resolver.trust_anchor),
		check_readable(&pull, "ca", config->pull.trust.ca),
		check_readable(&top, "public-suffix-list", config->guard.suffix_list),
		check_all_readable(&guard, "names", config->guard.names, config->guard.names_count),
		check_all_readable(
			&guard, "warninglists", config->guard.warninglists, config->guard.warninglist_count)};
	int first = 0;
	for (unsigned i = 0; i < sizeof found / sizeof *found; i++)
		first = first ? first : found[i];
	return first;
}
