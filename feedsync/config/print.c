/* SPDX-License-Identifier: BSD-3-Clause */
/* What a configuration means, in words, for `feedsync check`. */
#include <stdio.h>
#include <time.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/config/configuration.h"
#include "feedsync/formats/misp/misp_map.h"

static void print_limit(const char *prefix, const char *setting, uint32_t limit)
{
	if (limit != PERCENT_NEVER)
		printf(" %s%s %u", prefix, setting, limit);
}

static void print_limits(const char *prefix, const struct alarm_limits *limits)
{
	printf("  alarms:");
	print_limit(prefix, "max-shrink", limits->max_shrink);
	print_limit(prefix, "max-growth", limits->max_growth);
	print_limit(prefix, "max-churn", limits->max_churn);
	print_limit(prefix, "max-rejected", limits->max_rejected);
	if (limits->min_entries > 0)
		print_limit(prefix, "min-entries", limits->min_entries);
	putchar('\n');
}

static void print_trust(const struct trust *trust)
{
	char number[17];
	if (trust->key)
		printf(", with a client certificate");
	if (trust->pin)
		printf(", key pinned");
	if (trust->is_signed)
		printf(", signed by %s", minisign_key_number(&trust->signer, number));
	if (trust->private_addresses)
		printf(", private addresses allowed");
	if (trust->is_signed && trust->max_age_s != SIGNATURE_AGE_S)
		printf(", a signature old after %u s", trust->max_age_s);
}

static void print_lookups(const struct config *config)
{
	const struct resolver_config *r = &config->resolver;
	if (!config->resolves)
		return;
	printf("hosts  resolved here, %s, by", r->validate ? "validated" : "not validated");
	for (unsigned i = 0; i < r->forward_count; i++)
		printf("%s %s", i > 0 ? "," : r->tls ? " TLS to" : "", r->forward[i]);
	printf("%s\n", r->forward_count == 0 ? " asking from the root on" : "");
}

static void print_feed_policy(const struct config *config, const struct feed_config *feed)
{
	if (feed->options.lenient_pap)
		printf(", PAP:RED and PAP:AMBER taken");
	if (feed->options.max_age_s > 0)
		printf(", nothing seen last more than %u s ago", feed->options.max_age_s);
	if (feed->max_unchanged_s > 0)
		printf(", told of when unchanged for %u s", feed->max_unchanged_s);
	for (size_t i = 0; i < feed->options.map_count; i++) {
		const struct misp_map *line = &feed->options.map[i];
		const struct category_policy *category = &config->categories[line->category];
		printf("\n ");
		if (line->tag)
			printf(" tag %s,", line->tag);
		if (line->misp_category)
			printf(" MISP category %s,", line->misp_category);
		if (line->threat_level)
			printf(" threat level %s,", misp_threat_level(line->threat_level));
		printf(" category %s (%s)", category->name, action_text(category->action));
	}
}

void config_print(const struct config *config)
{
	printf("state  %s\ntable  %s\nrun    %s\n", config->state, config->table, config->run ? config->run : "none");
	print_limits("table-", &config->table_limits);
	if (config->hits.events)
		printf("hits   kept, with %u bits of a client's IPv4 address and %u of its IPv6 address\n",
			config->hits.ipv4_bits, config->hits.ipv6_bits);
	print_lookups(config);
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
		print_trust(&f->trust);
		printf(", targets %s checked%s", config->feed_policies[i].check_targets ? "are" : "not",
			f->options.lenient_tlp ? ", TLP:RED and TLP:AMBER+STRICT taken" : "");
		print_feed_policy(config, f);
		putchar('\n');
		print_limits("", &f->limits);
	}
	operator_print(&config->operator_lists, (uint64_t)time(NULL));
}
