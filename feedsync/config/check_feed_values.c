/* SPDX-License-Identifier: BSD-3-Clause */
/* The settings that say how a feed writes names. */
#include <string.h>

#include "feedsync/config/check.h"

void check_names(struct check *check, struct feed_config *feed, const struct raw_feed *raw)
{
	struct parse_options *options = &feed->options;
	const char *value = raw->refang ? "refang" : raw->ports ? "ports" : raw->values ? "values" : NULL;
	if (feed->format && !feed->format->has_values && value)
		complain(check, value, "in this format names are not written in other ways");
	if (feed->format && !feed->format->has_wildcards && raw->wildcard)
		complain(check, "wildcard", "this format has no wildcards");
	options->urls = raw->values && (strcmp(raw->values, "urls") == 0 || strcmp(raw->values, "pages") == 0);
	options->pages = raw->values && strcmp(raw->values, "pages") == 0;
	if (raw->values && !options->urls && strcmp(raw->values, "names") != 0)
		complain(check, "values", "\"%s\" is none of names, urls, pages", raw->values);
	if (options->urls && raw->ports)
		complain(check, "ports", "URLs may have ports anyway");
	options->refang = raw->refang == CHOICE_YES;
	options->ports = raw->ports == CHOICE_YES;
	options->below = raw->wildcard ? strcmp(raw->wildcard, "below") == 0 : feed->format && feed->format->below;
	if (raw->wildcard && !options->below && strcmp(raw->wildcard, "subtree") != 0)
		complain(check, "wildcard", "\"%s\" is neither subtree nor below", raw->wildcard);
}
