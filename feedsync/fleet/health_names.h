/* SPDX-License-Identifier: BSD-3-Clause */
/* The names by which the health of canaries is judged: the operator's own (`probe-names`), those that every resolver must pass
 * (tried_names.h), and some of those that the guard's lists name, always the same ones. */
#pragma once

#include <stddef.h>

#include "feedsync/fleet/manifest.h"

struct channel;
struct config;

enum { HEALTH_OPERATOR_NAMES = 1000, HEALTH_LISTED_NAMES = 200 };
enum { HEALTH_NAMES = HEALTH_OPERATOR_NAMES + HEALTH_LISTED_NAMES + MANIFEST_NAMES };

struct health_names {
	char (*name)[MANIFEST_NAME_TEXT];
	size_t count; /* at most HEALTH_NAMES */
};

/* Reads the lists; what cannot be read is logged, and missing. */
void health_names_begin(struct health_names *names, const struct config *config, const struct channel *channel);
void health_names_end(struct health_names *names);
