/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of what was hit. */
#include <stdio.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/check.h"

void check_trends(struct check *c)
{
	const struct written_trends *written = &c->file->trends;
	struct config *config = c->config;
	config->trends = (struct trends_config){.wanted = written->at.map != NULL,
		.rules = written->rules,
		.min_clients = written->min_clients,
		.report = written->report,
		.rules_days = written->keep.rules_s / ONE_DAY_S,
		.hours_days = written->keep.totals_s / ONE_DAY_S,
		.queries = written->queries.text,
		.query_words = written->queries.count};
	if (written->rules) {
		config->hits.rules = true;
		config->hits.client_ipv4_bits = (uint8_t)written->ipv4_prefix;
		config->hits.client_ipv6_bits = (uint8_t)written->ipv6_prefix;
		snprintf(config->hits.client_key, sizeof config->hits.client_key, "%s",
			written->client_key_file ? written->client_key_file : "");
	} else if (written->client_key_file) {
		complain(c, &written->at, "client-key-file", "no rule is counted, so no client is: write `rules: yes`");
	}
	if (written->digest.at.map) {
		config->trends.digest_name = written->digest.name;
		check_digests(c, "to", &written->digest, &config->trends.digest_to);
	}
	if (config->trends.wanted && !config->run && !config->fleet.digests)
		complain(c, &written->at, "rules",
			"there is nothing to count: `run: none` says that no resolver is here");
	if (written->keep.rules_s > written->keep.totals_s)
		complain(c, &written->keep.at, "rules", "rules are kept no longer than totals");
}
