/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the effective policy about the resolvers elsewhere that are watched. */
#include <stdio.h>
#include <string.h>

#include "feedsync/config/configuration.h"
#include "feedsync/config/print_private.h"

void print_fleet(const struct config *config)
{
	const struct fleet_config *fleet = &config->fleet;
	if (fleet->resolver_count == 0)
		return;
	puts("fleet:\n  resolvers:");
	for (size_t i = 0; i < fleet->resolver_count; i++) {
		const struct fleet_resolver *resolver = &fleet->resolvers[i];
		print_text("    - ", "name", resolver->name);
		print_text("      ", "address", resolver->address);
		print_text("      ", "port", strrchr(resolver->server, '@') + 1);
		print_text("      ", "site", resolver->site);
		print_text("      ", "channel", resolver->channel);
	}
	print_duration("  ", "interval", fleet->interval_s);
	if (fleet->digests) {
		puts("  digests:");
		print_target("    ", "from", &fleet->digests_from);
	}
	if (!fleet->prometheus)
		return;
	puts("  prometheus:");
	print_text("    ", "url", fleet->prometheus);
	print_text("    ", "label", fleet->label);
	print_server(&fleet->trust, &fleet->access);
}
