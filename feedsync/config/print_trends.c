/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the effective policy about what is kept of what was hit. */
#include <stdio.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/print_private.h"

void print_trends(const struct config *config)
{
	const struct trends_config *trends = &config->trends;
	if (!trends->wanted)
		return;
	puts("trends:");
	print_yes_no("  ", "rules", trends->rules);
	if (trends->rules) {
		print_value("  ", "ipv4-prefix", "%u", config->hits.client_ipv4_bits);
		print_value("  ", "ipv6-prefix", "%u", config->hits.client_ipv6_bits);
		if (config->hits.client_key[0])
			print_value("  ", "client-key-file", "%s", config->hits.client_key);
	}
	print_value("  ", "min-clients", "%u", trends->min_clients);
	if (trends->digest_name) {
		puts("  digest:");
		print_text("    ", "name", trends->digest_name);
		print_target("    ", "to", &trends->digest_to);
	}
	if (trends->report)
		print_value("  ", "report", "%s", trends->report);
	puts("  keep:");
	print_duration("    ", "rules", trends->rules_days * ONE_DAY_S);
	print_duration("    ", "totals", trends->hours_days * ONE_DAY_S);
	if (trends->query_words > 0)
		puts("  queries:");
	for (unsigned i = 0; i < trends->query_words; i++)
		printf("    - %s\n", trends->queries[i]);
}
