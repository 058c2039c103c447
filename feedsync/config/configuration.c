/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/configuration.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/check.h"
#include "feedsync/entries/self_test.h"
#include "libweir/errors.h"
#include "libweir/live/shm_file.h"

void complain(struct check *check, const char *key, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_error("%s:%u: %s%s%s", check->path, position_line(check->positions, check->section, check->index, key),
		check->section ? check->item : "", check->section ? ": " : "", text);
	check->errors++;
}

uint32_t read_duration(struct check *c, const char *key, const char *text, uint32_t max_s)
{
	static const struct {
		const char *suffix;
		uint32_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;
	unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
	for (unsigned i = 0; number > 0 && number <= max_s && i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].suffix) == 0 && (uint64_t)number * units[i].seconds <= max_s)
			return (uint32_t)number * units[i].seconds;
	complain(c, key, "\"%s\" is no %s: a number of s, m, h or d, 1 s to %u days", text, key, max_s / 86400);
	return 1;
}

bool url_supported(const char *url)
{
	if (strncmp(url, "file:///", 8) == 0)
		return true;
	bool web = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
	const char *host = web ? strchr(url, '/') + 2 : NULL;
	return web && strcspn(host, "/?#:") > 0;
}

/* A feed's name is also its directory's. */
static bool feed_name_valid(const char *name)
{
	return policy_name_valid(name) && name[0] != '.' && !strchr(name, '/');
}

/* What formats with fields must be told, and others not. */
static void check_fields(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	bool fields = feed->format && feed->format->has_fields;
	if (fields && !raw->field)
		complain(c, "format", "in %s it must be told which field holds the name (field: NAME)", raw->format);
	if (!fields && (raw->field || raw->items || raw->where_count > 0))
		complain(c, raw->field ? "field" : raw->items ? "items" : "where", "this format has no fields");
	for (unsigned i = 0; i < raw->where_count; i++)
		if (!strchr(raw->where[i], '='))
			complain(c, "where", "\"%s\" is no condition FIELD=VALUE", raw->where[i]);
	feed->options.field = raw->field;
	feed->options.items = raw->items;
	feed->options.where = (const char *const *)raw->where;
	feed->options.where_count = raw->where_count;
}

static void check_feed(struct check *c, const struct raw_feed *raw)
{
	c->item = raw->name;
	struct config *config = c->config;
	struct feed_config *feed = &config->feeds[config->feed_count];
	struct feed_policy *policy = &config->feed_policies[config->feed_count];
	if (strcmp(raw->name, OPERATOR_FEED) == 0)
		complain(c, "name", "\"%s\" is the name of the lists `allow` and `block`", OPERATOR_FEED);
	if (!feed_name_valid(raw->name))
		complain(c, "name",
			"a feed's name has 1 to %d printable characters, no blank, comma, slash, backslash or dot at "
			"its start",
			POLICY_MAX_NAME);
	for (size_t i = 0; i < config->feed_count; i++)
		if (strcmp(config->feeds[i].name, raw->name) == 0)
			complain(c, "name", "this feed is there already");
	if (strcmp(raw->name, SELF_TEST_FEED) == 0)
		complain(c, "name", "every table has a feed of this name already");
	*feed = (struct feed_config){.name = raw->name, .url = raw->url, .format = format_find(raw->format)};
	feed->sum = item_sum(c->positions, c->section, c->index);
	if (!feed->format)
		complain(c, "format", "\"%s\" is none of %s", raw->format, format_names());
	if (strlen(raw->url) > URL_MAX)
		complain(c, "url", "a URL has at most %d characters", URL_MAX);
	else if (!url_supported(raw->url))
		complain(c, "url",
			"this is no https://, http:// or file:/// URL"); /* it may hold a password, who knows where */
	feed->options.scope = feed->format ? feed->format->scope : SCOPE_EXACT;
	if (raw->scope && scope_from_text(raw->scope, &feed->options.scope) != 0)
		complain(c, "scope", "\"%s\" is neither exact nor subtree", raw->scope);
	if (raw->scope && feed->format && feed->format->scope_is_told)
		complain(c, "scope", "in %s the scope comes with each entry", raw->format);
	check_fields(c, feed, raw);
	check_names(c, feed, raw);
	check_trust(c, feed, raw);
	check_access(c, feed, raw);
	feed->interval_s = raw->interval ? read_duration(c, "interval", raw->interval, 30 * 86400) : c->interval_s;
	if (raw->max_unchanged)
		feed->max_unchanged_s = read_duration(c, "max-unchanged", raw->max_unchanged, MAX_AGE_S);
	check_feed_policy(c, feed, raw);
	feed->own = strncmp(raw->url, "file:", 5) == 0;
	snprintf(policy->name, sizeof policy->name, "%s", raw->name);
	policy->check_targets = raw->targets != CHOICE_NO;
	check_feed_guards(c, raw, feed);
	config->feed_count++;
}

static void check_hits(struct check *c, const struct raw_hits *raw)
{
	struct hits_policy *hits = &c->config->hits;
	if (raw->ipv4_prefix > 32 || raw->ipv6_prefix > 128)
		complain(c, "hits", "a prefix is at most 32 bits of an IPv4 address, 128 of an IPv6 address");
	*hits = (struct hits_policy){.events = raw->events == CHOICE_YES,
		.ipv4_bits = (uint8_t)raw->ipv4_prefix,
		.ipv6_bits = (uint8_t)raw->ipv6_prefix};
}

/* The configuration owns the file as read, behind itself. */
struct owned {
	struct config config;
	struct raw *raw;
	char *path;
};

static void check_all(struct check *c)
{
	struct config *config = c->config;
	const struct raw *raw = c->raw;
	config->path = c->path;
	config->state = raw->state ? raw->state : CONFIG_STATE;
	config->table = raw->table ? raw->table : "/var/lib/weir/current.weir";
	config->run = !raw->run ? SHARED_DIRECTORY : strcmp(raw->run, "none") == 0 ? NULL : raw->run;
	if (strlen(config->state) > MAX_STATE_PATH)
		complain(c, "state", "a path of more than %d characters", MAX_STATE_PATH);
	if (strlen(config->table) > MAX_PATH)
		complain(c, "table", "a path of more than %d characters", MAX_PATH);
	if (config->run && strlen(config->run) > MAX_PATH)
		complain(c, "run", "a path of more than %d characters", MAX_PATH);
	c->interval_s = raw->interval ? read_duration(c, "interval", raw->interval, 30 * 86400) : 15 * 60;
	if (raw->hits)
		check_hits(c, raw->hits);
	check_networks(c);
	if (raw->resolver)
		check_resolver(c, raw->resolver);
	bool own_malicious = false;
	for (unsigned i = 0; i < raw->categories_count; i++)
		own_malicious |= strcmp(raw->categories[i].name, "malicious") == 0;
	c->malicious_implied = !own_malicious;
	static char malicious[] = "malicious";
	if (!own_malicious)
		check_category(c, &(struct raw_category){.name = malicious});
	c->section = "categories";
	for (c->index = 0; c->index < raw->categories_count; c->index++)
		check_category(c, &raw->categories[c->index]);
	check_operator_category(c);
	check_groups(c, raw->groups, raw->groups_count);
	c->written_categories = config->category_count;
	check_guard(c, raw->guard);
	c->section = "feeds";
	for (c->index = 0; c->index < raw->feeds_count; c->index++)
		check_feed(c, &raw->feeds[c->index]);
	check_feed_hosts(c);
	check_operator(c);
	check_table_limits(c);
}

int config_load(struct config **config, const char *path)
{
	struct why why;
	char sum[FILE_SUM];
	/* First: where it changes meanwhile, the sum is not of what is read. And what is no regular file is not waited for. */
	if (file_sum(path, sum, &why) != 0) {
		log_error("%s: %s", path, why.text);
		return -1;
	}
	struct raw *raw = config_file_load(path);
	if (!raw)
		return -1;
	struct owned *owned = xcalloc(1, sizeof *owned);
	owned->raw = raw;
	memcpy(owned->config.sum, sum, sizeof sum);
	owned->path = xcalloc(strlen(path) + 1, 1);
	memcpy(owned->path, path, strlen(path));
	owned->config.categories = xcalloc(POLICY_MAX_CATEGORIES, sizeof *owned->config.categories);
	owned->config.groups = xcalloc(raw->groups_count, sizeof *owned->config.groups);
	owned->config.feeds = xcalloc(raw->feeds_count, sizeof *owned->config.feeds);
	owned->config.feed_policies = xcalloc(raw->feeds_count + 1, sizeof *owned->config.feed_policies);
	owned->config.operator_lists.item =
		xcalloc(raw->allow_count + raw->block_count, sizeof *owned->config.operator_lists.item);
	struct positions *positions = positions_load(path);
	struct check check = {.path = owned->path, .positions = positions, .raw = raw, .config = &owned->config};
	check_all(&check);
	positions_free(positions);
	*config = &owned->config;
	if (check.errors > 0)
		config_free(config);
	return check.errors > 0 ? -1 : 0;
}

bool config_all_own(const struct config *config)
{
	bool all = true;
	for (size_t i = 0; i < config->feed_count; i++)
		all &= config->feeds[i].own;
	return all;
}

void config_free(struct config **config)
{
	struct owned *owned = (struct owned *)*config;
	*config = NULL;
	if (!owned)
		return;
	config_file_free(owned->raw);
	for (size_t i = 0; i < owned->config.feed_count; i++)
		free((void *)owned->config.feeds[i].options.map);
	free(owned->config.categories);
	free(owned->config.groups);
	free(owned->config.ranges);
	free((void *)owned->config.private_networks.prefix);
	nameset_free(&owned->config.guard.own);
	nameset_free(&owned->config.guard.hosts);
	free(owned->config.operator_lists.item);
	for (size_t i = 0; i < owned->config.feed_count; i++)
		nameset_free(&owned->config.feeds[i].unguarded);
	free(owned->config.feeds);
	free(owned->config.feed_policies);
	free(owned->path);
	free(owned);
}

/* By opening it: access(2) would tell what root may, where root uses files as another user (act_as_owner.h). */
int check_file(const char *what, const char *path)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd >= 0)
		close(fd);
	if (!path || fd >= 0)
		return 0;
	log_error("%s: %s: %s", what, path, error_text(-errno));
	return -1;
}

int config_check_files(const struct config *config)
{
	int status = trust_check_files(config);
	for (size_t i = 0; i < config->feed_count; i++)
		status |= config_check_access(&config->feeds[i]);
	return status;
}

void config_print(const struct config *config)
{
	printf("state  %s\ntable  %s\nrun    %s\n", config->state, config->table, config->run ? config->run : "none");
	print_limits("table-", &config->table_limits);
	if (config->hits.events)
		printf("hits   kept, with %u bits of a client's IPv4 address and %u of its IPv6 address\n",
			config->hits.ipv4_bits, config->hits.ipv6_bits);
	resolver_print(config);
	if (config->private_networks.count > 0)
		printf("feeds lead to none of %zu private networks\n", config->private_networks.count);
	for (size_t i = 0; i < config->category_count; i++) {
		const struct category_policy *c = &config->categories[i];
		printf("category %s: %s", c->name, action_text(c->action));
		if (c->action > ACTION_LOG)
			printf(", ttl %u s, EDE %u \"%s\"", c->ttl_s, c->ede, c->text);
		putchar('\n');
	}
	for (size_t i = 0; i < config->group_count; i++) {
		printf("group %s:", config->groups[i].name);
		for (size_t c = 0; c < config->category_count; c++)
			printf("%s %s %s", c > 0 ? "," : "", config->categories[c].name,
				action_text(config->groups[i].action[c]));
		putchar('\n');
	}
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed_config *f = &config->feeds[i];
		const struct category_policy *c = &config->categories[f->category];
		char url[URL_MAX + 1];
		printf("feed %s: %s, %s, category %s (%s), every %u s", f->name, url_public(f->url, url),
			f->format->name, c->name, action_text(c->action), f->interval_s);
		if (!f->format->scope_is_told)
			printf(", scope %s", scope_text(f->options.scope));
		if (f->format->has_wildcards)
			printf(", *.x %s x itself", f->options.below ? "without" : "with");
		trust_print(&f->trust);
		printf(", targets %s checked%s", config->feed_policies[i].check_targets ? "are" : "not",
			f->options.lenient_tlp ? ", TLP:RED and TLP:AMBER+STRICT taken" : "");
		config_print_feed_policy(config, f);
		putchar('\n');
		print_limits("", &f->limits);
	}
	operator_print(&config->operator_lists, (uint64_t)time(NULL));
}
