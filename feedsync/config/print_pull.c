/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the effective policy about a table that is pulled. */
#include <stdio.h>

#include "feedsync/base/url.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/print_private.h"

void print_pull(const struct config *config)
{
	const struct pull_config *pull = &config->pull;
	char url[URL_MAX + 1], number[17];
	if (!pull->url)
		return;
	puts("pull:");
	print_value("  ", "url", "%s", url_public(pull->url, url));
	puts("  keys:");
	for (unsigned i = 0; i < pull->key_count; i++)
		printf("    - %s # its number\n", minisign_key_number(&pull->key[i], number));
	print_text("  ", "ca", pull->trust.ca);
}
