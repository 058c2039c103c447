/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the effective policy for `feedsync check`: what is in force, defaults included, under the keys of the file.
 * Options that mean nothing for a feed's format are left out, and so are options of which nothing is in force. Secrets
 * are never shown. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/url.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/option_values.h"
#include "feedsync/config/print_private.h"
#include "feedsync/entries/mailbox.h"
#include "feedsync/formats/misp/misp_map.h"

static void print_percent(const char *before, const char *key, uint32_t limit)
{
	if (limit == PERCENT_NEVER)
		print_value(before, key, "no limit");
	else
		print_value(before, key, "%" PRIu32 " %%", limit);
}

static void print_names(const char *before, const char *key, const struct nameset *names)
{
	if (names->count == 0)
		return;
	printf("%s%s:\n", before, key);
	for (size_t i = 0; i < names->count; i++) {
		char name[NAME_MAX_WIRE + 1];
		nameset_text(names, &names->entry[i], name);
		printf("%s  - %s\n", before, name);
	}
}

/* ---- the file's own options ---- */

static void print_hits_policy(const struct hits_policy *hits)
{
	if (!hits->events)
		return;
	puts("hits:");
	print_yes_no("  ", "events", true);
	print_value("  ", "ipv4-prefix", "%u # bits of a client's address", hits->ipv4_bits);
	print_value("  ", "ipv6-prefix", "%u", hits->ipv6_bits);
}

static void print_pages(const struct config *config)
{
	if (!config->pages_listen)
		return;
	puts("metrics:");
	print_text("  ", "listen", config->pages_listen);
	print_text("  ", "directory", config->pages_directory);
}

static void print_lookups(const struct config *config)
{
	const struct resolver_config *resolver = &config->resolver;
	if (!config->resolves) {
		puts("# The hosts of feeds are found by this system's resolver.");
		return;
	}
	puts("resolver:");
	if (resolver->forward_count == 0)
		puts("  # The servers of the names themselves are asked, from the root on.");
	else
		puts("  forward:");
	for (unsigned i = 0; i < resolver->forward_count; i++)
		printf("    - %s\n", resolver->forward[i]);
	print_yes_no("  ", "validate", resolver->validate);
	print_yes_no("  ", "tls", resolver->tls);
	print_text("  ", "ca", resolver->ca);
	print_text("  ", "trust-anchor", resolver->trust_anchor);
}

/* Where the actions `sinkhole` and `redirect` lead. */
static void print_targets(const struct category_policy *category)
{
	char text[NAME_MAX_TEXT];
	if (category->has_ipv4)
		print_value("    ", "ipv4", "%s", inet_ntop(AF_INET, category->ipv4, text, sizeof text));
	if (category->has_ipv6)
		print_value("    ", "ipv6", "%s", inet_ntop(AF_INET6, category->ipv6, text, sizeof text));
	if (category->redirect_length == 0)
		return;
	name_to_text(category->redirect, category->redirect_length, text);
	print_value("    ", "redirect", "%s", text);
}

static void print_categories(const struct config *config)
{
	puts("categories:");
	for (size_t i = 0; i < config->category_count; i++) {
		const struct category_policy *category = &config->categories[i];
		print_value("  - ", "name", "%s", category->name);
		print_value("    ", "action", "%s", action_text(category->action));
		if (category->action <= ACTION_LOG)
			continue;
		print_duration("    ", "ttl", category->ttl_s);
		print_value("    ", "ede", "%u", category->ede);
		print_text("    ", "text", category->text);
		print_targets(category);
	}
}

static void print_contact(const struct config *config)
{
	char contact[MAILBOX_MAX_TEXT];
	if (config->contact)
		print_text("", "soa-contact", mailbox_text(config->contact, config->contact_length, contact));
}

static void print_groups(const struct config *config)
{
	if (config->group_count > 0)
		puts("groups:");
	for (size_t i = 0; i < config->group_count; i++) {
		const struct group_policy *group = &config->groups[i];
		print_value("  - ", "name", "%s", group->name);
		puts("    categories:");
		for (size_t c = 0; c < config->category_count; c++)
			print_value("      ", config->categories[c].name, "%s", action_text(group->action[c]));
	}
}

static void print_operator_list(const struct config *config, enum rule_kind kind, const char *key)
{
	const struct operator_lists *lists = &config->operator_lists;
	const uint64_t now = (uint64_t)time(NULL);
	bool begun = false;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		char name[NAME_MAX_TEXT];
		if (item->kind != kind)
			continue;
		if (!begun)
			printf("%s:\n", key);
		begun = true;
		name_to_text(item->wire, item->length, name);
		print_value("  - ", "name", "%s", name);
		print_value("    ", "scope", "%s", scope_text(item->scope));
		if (item->has_category)
			print_value("    ", "category", "%s", config->categories[item->category].name);
		if (item->tlp != TLP_NONE)
			print_value("    ", "tlp", "%s", tlp_text(item->tlp));
		if (kind == RULE_BLOCK && !item->share)
			print_yes_no("    ", "share", false);
		if (item->expires[0])
			print_value("    ", "expires", "%s%s", item->expires,
				operator_expired(item, now) ? " # EXPIRED: it is not in force" : "");
		print_text("    ", "author", item->author);
		print_text("    ", "reason", item->reason);
	}
}

/* ---- feeds ---- */

static void print_entries(const struct config *config, size_t index)
{
	const struct feed_config *feed = &config->feeds[index];
	const struct format *format = feed->format;
	const struct parse_options *options = &feed->options;
	if (!format->scope_is_told)
		print_value("    ", "scope", "%s", scope_text(options->scope));
	if (format->has_wildcards)
		print_value("    ", "wildcard", "%s",
			options->below ? "below # *.x is what is below x" : "subtree # *.x is x, too");
	if (format->has_values) {
		print_value("    ", "values", "%s", options->pages ? "pages" : options->urls ? "urls" : "names");
		print_yes_no("    ", "refang", options->refang);
		print_yes_no("    ", "ports", options->ports);
	}
	print_text("    ", "field", options->field);
	print_text("    ", "separator", separator_text(options->separator));
	print_text("    ", "items", options->items);
	if (options->where_count > 0)
		puts("    where:");
	for (size_t i = 0; i < options->where_count; i++)
		printf("      - %s\n", options->where[i]);
	if (options->max_age_s > 0)
		print_duration("    ", "max-age", options->max_age_s);
	print_text("    ", "seen", options->seen);
	if (format->has_markings) {
		print_yes_no("    ", "strict-tlp", !options->lenient_tlp);
		print_yes_no("    ", "strict-pap", !options->lenient_pap);
	}
	if (format->is_stix) {
		print_yes_no("    ", "detection-only", options->detection_only);
		print_value("    ", "min-confidence", "%" PRIu32, options->min_confidence);
	}
	print_yes_no("    ", "targets", config->feed_policies[index].check_targets);
	print_names("    ", "unguarded", &feed->unguarded);
}

static void print_map(const struct config *config, const struct parse_options *options)
{
	if (options->map_count > 0)
		puts("    map:");
	for (size_t i = 0; i < options->map_count; i++) {
		const struct misp_map *line = &options->map[i];
		const struct category_policy *category = &config->categories[line->category];
		print_value("      - ", "category", "%s # %s", category->name, action_text(category->action));
		print_text("        ", "tag", line->tag);
		print_text("        ", "misp-category", line->misp_category);
		print_text("        ", "organisation", line->organisation);
		if (line->threat_level)
			print_value("        ", "threat-level", "%s", misp_threat_level(line->threat_level));
	}
}

static void print_feed_server(const struct feed_config *feed)
{
	const struct trust *trust = &feed->trust;
	char number[17], url[URL_MAX + 1];
	print_server(trust, &feed->access);
	print_text("    ", "collection", feed->collection);
	if (!feed->own)
		print_yes_no("    ", "private-addresses", trust->private_addresses);
	if (trust->is_signed) {
		print_value("    ", "minisign-key", "%s # its number", minisign_key_number(&trust->signer, number));
		print_duration("    ", "max-signature-age", trust->max_age_s);
	}
	if (trust->signature)
		print_value("    ", "signature", "%s", url_public(trust->signature, url));
}

static void print_feed_options(const struct config *config, size_t index)
{
	const struct feed_config *feed = &config->feeds[index];
	const struct category_policy *category = &config->categories[feed->category];
	char url[URL_MAX + 1];
	print_value("  - ", "name", "%s", feed->name);
	print_value("    ", "url", "%s", url_public(feed->url, url));
	print_value("    ", "format", "%s", feed->format->name);
	print_value("    ", "category", "%s # %s", category->name, action_text(category->action));
	print_duration("    ", "interval", feed->interval_s);
	print_entries(config, index);
	print_map(config, &feed->options);
	print_feed_server(feed);
	if (feed->republish)
		print_yes_no("    ", "republish", true);
	if (feed->tlp != TLP_NONE)
		print_value("    ", "tlp", "%s", tlp_text(feed->tlp));
	if (feed->max_unchanged_s > 0)
		print_duration("    ", "max-unchanged", feed->max_unchanged_s);
	if (feed->format->layout == LAYOUT_LISTING)
		print_duration("    ", "max-edit", feed->max_edit_s);
	print_value("    ", "min-entries", "%" PRIu32, feed->limits.min_entries);
	print_percent("    ", "max-shrink", feed->limits.max_shrink);
	print_percent("    ", "max-growth", feed->limits.max_growth);
	print_percent("    ", "max-churn", feed->limits.max_churn);
	print_percent("    ", "max-rejected", feed->limits.max_rejected);
}

void config_print(const struct config *config)
{
	print_value("", "state", "%s", config->state);
	print_value("", "table", "%s", config->table);
	print_value("", "run", "%s", config->run ? config->run : "none");
	if (config->private_networks.count > 0)
		print_value("", "private-networks", "%zu # besides those of the registries",
			config->private_networks.count);
	print_percent("", "table-max-shrink", config->table_limits.max_shrink);
	print_percent("", "table-max-growth", config->table_limits.max_growth);
	print_hits_policy(&config->hits);
	print_trends(config);
	print_pages(config);
	print_lookups(config);
	print_pull(config);
	if (config->pull.url)
		return; /* all else is in the table */
	print_operator_list(config, RULE_ALLOW, "allow");
	print_operator_list(config, RULE_BLOCK, "block");
	print_categories(config);
	print_contact(config);
	print_groups(config);
	print_outputs(config);
	print_sightings(config);
	print_channels(config);
	print_fleet(config);
	puts("feeds:");
	for (size_t i = 0; i < config->feed_count; i++)
		print_feed_options(config, i);
}
