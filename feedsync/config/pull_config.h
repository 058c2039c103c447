/* SPDX-License-Identifier: BSD-3-Clause */
/* `pull` of the configuration: where a resolver gets its finished table, and whose signatures it believes. Texts are owned by
 * the configuration. */
#pragma once

#include "feedsync/net/minisign.h"
#include "feedsync/net/server_trust.h"

enum { PULL_KEYS = 2 };

struct pull_config {
	const char *url; /* of the channel's folder; NULL: nothing is pulled */
	struct minisign_key key[PULL_KEYS];
	unsigned key_count;
	struct trust trust; /* what its server must prove */
};
