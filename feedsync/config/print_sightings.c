/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the effective policy about servers, and about who is told what was hit. */
#include <stdio.h>

#include "feedsync/config/configuration.h"
#include "feedsync/config/print_private.h"

void print_server(const struct trust *trust, const struct server_access *access)
{
	static const char *const secrets[] = {
		[ACCESS_KEY] = "key-file", [ACCESS_TOKEN] = "token-file", [ACCESS_PASSWORD] = "password-file"};
	print_text("    ", "ca", trust->ca);
	print_text("    ", "pin", trust->pin);
	print_text("    ", "client-certificate", trust->certificate);
	print_text("    ", "client-key", trust->key);
	print_text("    ", "user", access->user);
	if (access->kind != ACCESS_OPEN)
		print_value("    ", secrets[access->kind], "%s", access->secret_file);
}

static void print_partner(const struct config *config, const struct partner *partner)
{
	char where[PARTNER_WHERE];
	print_text("  - ", "name", partner->name);
	puts("    of:");
	for (size_t i = 0; i < config->feed_count; i++)
		if (partner->of[i])
			printf("      - %s\n", config->feeds[i].name);
	print_text("    ", "to", partner->to);
	print_value("    ", partner->url ? "url" : "directory", "%s", partner_where(partner, where));
	if (partner->url) {
		print_server(&partner->trust, &partner->access);
		print_yes_no("    ", "private-addresses", partner->trust.private_addresses);
	} else {
		print_items("recipients", partner->recipients, partner->recipient_count);
		print_value("    ", "tlp", "%s", tlp_text(partner->ceiling));
		print_text("    ", "sign-key-file", partner->sign_key_file);
	}
	print_value("    ", "min-clients", "%u", partner->min_clients);
	print_duration("    ", "delay", partner->delay_s);
	print_value("    ", "max", "%u", partner->max);
	print_value("    ", "source", "%s", partner->source);
	print_yes_no("    ", "logged", partner->logged);
	print_yes_no("    ", "strict", partner->strict);
}

void print_sightings(const struct config *config)
{
	if (config->partner_count > 0)
		puts("sightings:");
	for (size_t i = 0; i < config->partner_count; i++)
		print_partner(config, &config->partners[i]);
}
